import type { Measure } from '../bars.ts';
import type { Size } from '../size.ts';

/**
 * What is fixed before a paper's experiments are run: measures, bars, sizes, ingredients and grids of parameters
 * (`locked.ts` in its folder). Each change is an entry of the paper's history, which `npm run lock` writes.
 */

/** A number, word or list of these. */
export type Setting = number | string | boolean | ReadonlyArray<number | string>;

export interface LockedClaim {
  /** The id of the experiment that decides the claim. */
  readonly experiment: string;
  /** The ingredient of the method that makes the claim hold. */
  readonly ingredient: string;
  /** By name; verdicts give a value for each that has a bar at their size, in this order. */
  readonly measures: Readonly<Record<string, Measure>>;
  /**
   * Numbers of draws at which statistics are examined, ascending: a run ends at the first look that decides the claim,
   * or at the last.
   */
  readonly draws?: Readonly<Record<Size, readonly number[]>>;
  /** Problem sizes and other settings by name, which the experiment reads. */
  readonly sizes: Readonly<Record<Size, Readonly<Record<string, Setting>>>>;
  /** Names of the grids that the experiment reads for it. */
  readonly grids?: readonly string[];
}

export interface Locked {
  readonly claims: Readonly<Record<string, LockedClaim>>;
  /** For each compared method the values that are tried of its parameters, on seeds that do not judge. */
  readonly grids: Readonly<Record<string, Readonly<Record<string, readonly Setting[]>>>>;
}

/** The part of a record that is locked. */
interface Holding {
  readonly claims: ReadonlyArray<{
    readonly id: string;
    readonly experiment?: string;
    readonly grids?: readonly string[];
  }>;
  readonly grids?: Locked['grids'];
}

const LOCKED = ['experiment', 'ingredient', 'measures', 'draws', 'sizes', 'grids'] as const;

/** JSON with the keys of objects in alphabetical order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}

/** 64 bits in hexadecimal: FNV-1a of the UTF-16 code units with two offsets. */
function hash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

const known = new WeakMap<object, Map<string, string | undefined>>();

/**
 * The digest of the claims that an experiment decides and of the grids that it reads; undefined if no claim names the
 * experiment. Runs under another digest had other bars or sizes.
 */
export function lockedDigest(record: Holding, experiment: string): string | undefined {
  const digests = known.get(record) ?? new Map<string, string | undefined>();
  known.set(record, digests);
  if (!digests.has(experiment)) {
    const own = record.claims.filter((claim) => claim.experiment === experiment);
    const claims = own.map((claim) => [
      claim.id,
      Object.fromEntries(LOCKED.map((key) => [key, (claim as Readonly<Record<string, unknown>>)[key]])),
    ]);
    const grids = [...new Set(own.flatMap((claim) => claim.grids ?? []))].map((name) => [name, record.grids?.[name]]);
    const all = { claims: Object.fromEntries(claims), grids: Object.fromEntries(grids) };
    digests.set(experiment, own.length > 0 ? hash(canonical(all)) : undefined);
  }
  return digests.get(experiment);
}
