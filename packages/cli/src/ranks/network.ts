import type { NetworkOptions } from '@southwell/distributed';
import { nearestName } from '@southwell/numerics/core';
import { UsageError } from '../errors.ts';

/** What `--network` takes: numbers, and of ranks or links when or how much. */
const NUMBERS = ['latency', 'jitter', 'bandwidth', 'loss', 'retransmit', 'noise', 'seed'] as const;
const OF_RANKS = { straggler: 'stragglers', stopped: 'stopped' } as const;
const NAMES = [...NUMBERS, ...Object.keys(OF_RANKS), 'down'];

const EXAMPLE = 'latency=5e-5,bandwidth=1.25e9,loss=0.01,straggler=1:4';

/**
 * A simulated network as the shell has it: `latency=5e-5,bandwidth=1.25e9,loss=0.01,seed=3,straggler=1:4,stopped=2:0.5,down=0-1:0.2`, in
 * seconds and bytes a second.
 * @throws UsageError.
 */
export function networkOf(text: string): NetworkOptions {
  const options: Record<string, unknown> = {};
  const down: Array<{ between: [number, number]; at: number }> = [];
  for (const setting of text.split(',').filter((part) => part.trim() !== '')) {
    const [name, value = ''] = setting.split('=').map((part) => part.trim());
    const [, first, second, amount] = /^(\d+)(?:-(\d+))?:(.+)$/.exec(value) ?? [];
    if (name === 'down' && second !== undefined) {
      down.push({ between: [Number(first), Number(second)], at: numberOf(setting, amount) });
    } else if (Object.hasOwn(OF_RANKS, name) && first !== undefined && second === undefined) {
      const key = OF_RANKS[name as keyof typeof OF_RANKS];
      options[key] = { ...(options[key] as object), [first]: numberOf(setting, amount) };
    } else if ((NUMBERS as readonly string[]).includes(name)) {
      options[name] = name === 'retransmit' && value === 'never' ? false : numberOf(setting, value);
    } else if (NAMES.includes(name)) {
      const form = name === 'down' ? 'two ranks and a time, down=0-1:0.2' : `a rank and a number, ${name}=1:4`;
      throw new UsageError(`--network ${setting}: ${name} takes ${form}.`);
    } else {
      const near = nearestName(name, NAMES);
      throw new UsageError(
        `--network knows ${NAMES.join(', ')}, not ${name || 'nothing'}${near ? `; did you mean ${near}?` : ''}. An example: ${EXAMPLE}.`,
      );
    }
  }
  return { ...options, ...(down.length > 0 && { down }) };
}

function numberOf(setting: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    throw new UsageError(`--network ${setting}: ${text || 'nothing'} is no number.`);
  return value;
}
