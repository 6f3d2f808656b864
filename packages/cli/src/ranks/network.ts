import { type Down, type Failures, type NetworkOptions, type Times, timeParameters } from '@southwell/distributed';
import { nearestName } from '@southwell/numerics/core';
import { UsageError } from '../errors.ts';

const NUMBERS = ['latency', 'jitter', 'bandwidth', 'loss', 'retransmit', 'noise', 'seed', 'work'] as const;
const OF_RANKS = { straggler: 'stragglers', stopped: 'stopped' } as const;
/** All other settings with their form, and an example. */
const FORMS = {
  straggler: 'a rank and a number, straggler=1:4',
  stopped: 'a rank and a time, stopped=2:0.5',
  down: 'two ranks and a time or two, down=0-1:0.2 or down=0-1:0.2-0.5',
  failures: 'two distributions, of the times up and down, failures=exponential:1/constant:0.1',
} as const;
const NAMES: readonly string[] = [...NUMBERS, ...Object.keys(FORMS)];

const EXAMPLE = 'latency=5e-5,bandwidth=1.25e9,loss=0.01,straggler=1:4';

/** A network, and the seconds that a rank computes in a step of a command that declares its steps. */
export type SimulatedNetwork = NetworkOptions & { readonly work?: number };

/**
 * A simulated network from the text of `--network`, settings separated by commas, in seconds and bytes per second:
 * `latency=5e-5,bandwidth=1.25e9,loss=0.01,seed=3,straggler=1:4,stopped=2:0.5,down=0-1:0.2-0.5,failures=exponential:1/constant:0.1`.
 * A distribution consists of its kind and parameters, in the order of {@link timeParameters}.
 * @throws UsageError.
 */
export function networkOf(text: string): SimulatedNetwork {
  const options: Record<string, unknown> = {};
  const down: Down[] = [];
  for (const setting of text.split(',').filter((part) => part.trim() !== '')) {
    const [name, value = ''] = setting.split('=').map((part) => part.trim());
    if (!NAMES.includes(name)) {
      const near = nearestName(name, NAMES);
      throw new UsageError(
        `The settings of --network are ${NAMES.join(', ')}, not ${name || 'nothing'}${near ? `; did you mean ${near}?` : ''}. An example: ${EXAMPLE}.`,
      );
    }
    if (!Object.hasOwn(FORMS, name)) {
      options[name] = name === 'retransmit' && value === 'never' ? false : numberOf(setting, value);
    } else if (name === 'down') down.push(downOf(setting, value));
    else if (name === 'failures') options.failures = failuresOf(setting, value);
    else {
      const [, rank, amount] = /^(\d+):(.+)$/.exec(value) ?? malformed(setting, name as keyof typeof FORMS);
      const key = OF_RANKS[name as keyof typeof OF_RANKS];
      options[key] = { ...(options[key] as object), [rank]: numberOf(setting, amount) };
    }
  }
  if (Number(options.work) < 0)
    throw new UsageError(`--network work=${options.work}: work takes seconds of a step, at least 0.`);
  return { ...options, ...(down.length > 0 && { down }) };
}

/** `0-1:0.2`, or `0-1:0.2-0.5` for a link that recovers, for which messages wait. */
function downOf(setting: string, value: string): Down {
  const number = String.raw`[\d.]+(?:e[-+]?\d+)?`;
  const match = new RegExp(`^(\\d+)-(\\d+):(${number})(?:-(${number}))?$`, 'i').exec(value);
  const [, first, second, at, until] = match ?? malformed(setting, 'down');
  return {
    between: [Number(first), Number(second)],
    at: numberOf(setting, at),
    ...(until !== undefined && { until: numberOf(setting, until), messages: 'delayed' }),
  };
}

/** `UP/DOWN`, two distributions; messages on a failed link wait until it recovers. */
function failuresOf(setting: string, value: string): Failures {
  const parts = value.split('/');
  if (parts.length !== 2) malformed(setting, 'failures');
  const [up, down] = parts.map((part) => timesOf(setting, part));
  return { up, down, messages: 'delayed' };
}

/** A distribution such as `exponential:0.1`. */
function timesOf(setting: string, text: string): Times {
  const [kind, ...values] = text.split(':');
  if (!Object.hasOwn(timeParameters, kind)) malformed(setting, 'failures');
  const names = timeParameters[kind as Times['kind']];
  if (values.length !== names.length) {
    throw new UsageError(`--network ${setting}: ${kind} takes ${names.join(' and ')}, ${[kind, ...names].join(':')}.`);
  }
  const entries = names.map((parameter, k) => [parameter, numberOf(setting, values[k])]);
  return { kind, ...Object.fromEntries(entries) } as Times;
}

function malformed(setting: string, name: keyof typeof FORMS): never {
  throw new UsageError(`--network ${setting}: ${name} takes ${FORMS[name]}.`);
}

function numberOf(setting: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    throw new UsageError(`--network ${setting}: ${text || 'nothing'} is not a number.`);
  return value;
}
