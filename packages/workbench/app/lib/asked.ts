import type { Experiment, Size } from '@southwell/papers';
import type { RunSettings } from './run.svelte.ts';

/** The request of a paper's form, with its representations as URL, command and sentence. */

export interface Asked {
  /** An experiment id; `all` runs all of them in sequence. */
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  /** Parameters that differ from their defaults. */
  readonly set: Readonly<Record<string, number>>;
}

const SET = 'set.';

/**
 * The experiment of the picture that is shown before any run, otherwise the first, with the first seed that counts for the
 * claims of the paper.
 */
export const usual = (experiments: readonly Experiment[], seed: number, pictured?: string): Asked => ({
  experiment: (experiments.find((e) => e.id === pictured) ?? experiments[0])?.id ?? '',
  size: 'quick',
  seed,
  set: {},
});

/** Whether a number is a valid seed. */
export const isSeed = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;

/** The request in a URL, with `usualSeed` if it names no seed; undefined if it has none. Invalid values are ignored. */
export function fromAddress(query: string, experiments: readonly Experiment[], usualSeed: number): Asked | undefined {
  const params = new URLSearchParams(query);
  const said = [...params.keys()].some((k) => ['experiment', 'size', 'seed'].includes(k) || k.startsWith(SET));
  if (!said) return undefined;
  const first = usual(experiments, usualSeed);
  const wanted = params.get('experiment') ?? first.experiment;
  const experiment = wanted === 'all' || experiments.some((e) => e.id === wanted) ? wanted : first.experiment;
  const size: Size = params.get('size') === 'full' ? 'full' : 'quick';
  const seed = Number(params.get('seed') || usualSeed);
  const set: Record<string, number> = {};
  for (const p of parametersOf(experiment, experiments)) {
    const text = params.get(SET + p.name);
    const value = text === null || text.trim() === '' ? p.default[size] : Number(text);
    const fits = value >= p.min && value <= p.max && (!p.integer || Number.isInteger(value));
    if (fits && value !== p.default[size]) set[p.name] = value;
  }
  return { experiment, size, seed: isSeed(seed) ? seed : usualSeed, set };
}

export const toAddress = ({ experiment, size, seed, set }: Asked): Record<string, string> => ({
  experiment,
  size,
  seed: String(seed),
  ...Object.fromEntries(Object.entries(set).map(([name, value]) => [SET + name, String(value)])),
});

export const parametersOf = (experiment: string, experiments: readonly Experiment[]) =>
  experiments.find((e) => e.id === experiment)?.parameters ?? [];

export function fromSettings(settings: RunSettings): Asked {
  const { experiments, size, seed, set } = settings;
  return { experiment: experiments.length === 1 ? experiments[0] : 'all', size, seed, set };
}

export const same = (a: Asked, b: Asked): boolean =>
  a.experiment === b.experiment &&
  a.size === b.size &&
  a.seed === b.seed &&
  Object.keys(a.set).length === Object.keys(b.set).length &&
  Object.entries(a.set).every(([name, value]) => b.set[name] === value);

/** The equivalent command. */
export function commandOf(paper: number, { experiment, size, seed, set }: Asked): string {
  return [
    `npx southwell papers run ${String(paper).padStart(2, '0')}`,
    ...(experiment === 'all' ? [] : [`--experiment ${experiment}`]),
    ...(size === 'full' ? ['--full'] : []),
    `--seed ${seed}`,
    ...Object.entries(set).map(([name, value]) => `--set ${name}=${value}`),
  ].join(' ');
}

/** `figure-4, quick size, seed 3, steps = 300`: lists the differences from the defaults. */
export const tell = ({ experiment, size, seed, set }: Asked): string =>
  [
    experiment === 'all' ? 'all experiments' : experiment,
    `${size} size`,
    `seed ${seed}`,
    ...Object.entries(set).map(([name, value]) => `${name} = ${value}`),
  ].join(', ');
