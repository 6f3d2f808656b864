import { type Cell, number, type Picture } from '@southwell/data';
import { type MeasuredValue, type Measurement, measure } from './bars.ts';
import type { Panel } from './panels.ts';
import type { Needs, PartFiles } from './parts.ts';
import { decidedAt, type MeasuredClaim, type Size } from './record.ts';

/**
 * The interface of every experiment. An experiment names the claims of its paper that it decides; it yields events
 * while it runs (progress, points of curves, tables), and a verdict for each claim as soon as it is decided. A consumer
 * that only needs verdicts may stop after these: later events are further panels of the figure.
 */

/** A numeric parameter of an experiment that users may change. */
export interface Parameter {
  readonly name: string;
  /** Label of the control. */
  readonly title: string;
  readonly default: Readonly<Record<Size, number>>;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

export interface ExperimentContext {
  readonly size: Size;
  readonly seed: number;
  /** A value for every parameter of the experiment; see {@link resolveContext}. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Files that are not shipped, where the run has a folder of them; experiments read them by `filesOf`. */
  readonly files?: PartFiles | undefined;
  /** Aborts by throwing the signal's reason from the generator. */
  readonly signal?: AbortSignal;
}

/** Best first. `undecided`: statistics of draws are too close to their bars for the size of the run. */
export const outcomes = ['holds', 'undecided', 'partly', 'does not hold'] as const;
export type Outcome = (typeof outcomes)[number];

export interface Verdict {
  /** The id of the claim. */
  readonly claim: string;
  /** Whether all, some or none of the deciding measurements meet their bars, or this is not yet known. */
  readonly outcome: Outcome;
  readonly measured: readonly Measurement[];
  readonly size: Size;
  readonly seed: number;
}

export type { Cell, Picture };

export type ExperimentEvent =
  | { readonly kind: 'progress'; readonly label: string; readonly fraction: number }
  /** Further points of a curve, in order. */
  | {
      readonly kind: 'points';
      readonly panel: string;
      readonly series: string;
      /** The curve begins anew: an estimate so far, which changes with further draws. */
      readonly restart?: true;
      readonly x: readonly number[];
      readonly y: readonly number[];
      /** Other measures of the work so far, by name ('seconds', 'epochs', 'bytes'), as long as x. */
      readonly work?: Readonly<Record<string, readonly number[]>>;
    }
  /** A picture; a later one with the same title replaces it. */
  | { readonly kind: 'picture'; readonly title: string; readonly picture: Picture }
  | {
      readonly kind: 'table';
      readonly title: string;
      readonly columns: readonly string[];
      readonly rows: ReadonlyArray<readonly Cell[]>;
    }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

export interface Experiment {
  /** Unique within the paper, such as `figure-4`. */
  readonly id: string;
  readonly title: string;
  /** Its charts, the most informative one first. */
  readonly panels: readonly Panel[];
  readonly parameters?: readonly Parameter[];
  /** Files that it reads at a size and that the reader provides. */
  readonly needs?: Needs | undefined;
  /** Whether a verdict depends on measured seconds, and so on the machine and on what else runs there. */
  readonly timed?: boolean | undefined;
  readonly claims: readonly MeasuredClaim[];
  run(context: ExperimentContext): AsyncGenerator<ExperimentEvent, void, undefined>;
}

/** The claims of the experiment on which runs of a size give verdicts. */
export const decidedClaims = ({ claims }: Pick<Experiment, 'claims'>, size: Size): MeasuredClaim[] =>
  claims.filter((claim) => decidedAt(claim, size));

/**
 * The context of a run: the defaults of the size, overridden by `set`. Throws a sentence for an unknown name or a value
 * outside the range.
 */
export function resolveContext(
  experiment: Experiment,
  options: {
    readonly size: Size;
    readonly seed: number;
    readonly set?: Readonly<Record<string, number>>;
    readonly files?: PartFiles | undefined;
    readonly signal?: AbortSignal;
  },
): ExperimentContext {
  const { size, seed, set = {}, files, signal } = options;
  const known = experiment.parameters ?? [];
  const parameters: Record<string, number> = Object.fromEntries(known.map((p) => [p.name, p.default[size]]));
  for (const [name, value] of Object.entries(set)) {
    const p = known.find((candidate) => candidate.name === name);
    if (!p) {
      const names = known.map((candidate) => candidate.name).join(', ');
      throw new RangeError(`${experiment.id} has no parameter "${name}"; it has ${names || 'none'}.`);
    }
    if (!(value >= p.min && value <= p.max) || (p.integer && !Number.isInteger(value))) {
      const kind = p.integer ? 'a whole number' : 'a number';
      throw new RangeError(`${name} of ${experiment.id} must be ${kind} from ${p.min} to ${p.max}, but is ${value}.`);
    }
    parameters[name] = value;
  }
  return { size, seed, parameters, ...(files && { files }), signal };
}

/** The value of a parameter in a run: its default if it is not in the context. */
export const parameterValue = (parameter: Parameter, context: ExperimentContext): number =>
  context.parameters?.[parameter.name] ?? parameter.default[context.size];

/**
 * Compares measured values with the bars of a claim, by the names of its measures. Throws a sentence if a value is
 * missing that has a bar at the size of the run, or one is given that has none, or if no bar decides the claim there.
 */
export function verdict(
  claim: MeasuredClaim,
  { size, seed }: Pick<ExperimentContext, 'size' | 'seed'>,
  values: Readonly<Record<string, MeasuredValue | undefined>>,
): Extract<ExperimentEvent, { kind: 'verdict' }> {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(claim.measures, name));
  if (unknown !== undefined) throw new RangeError(`The claim "${claim.id}" has no measure "${unknown}".`);
  if (!decidedAt(claim, size))
    throw new RangeError(`The claim "${claim.id}" has no bar that decides it at ${size} size.`);
  const looks = claim.draws?.[size].length;
  const measured = Object.entries(claim.measures).flatMap(([name, of]) => measure(name, of, size, values[name], looks));
  return { kind: 'verdict', verdict: { claim: claim.id, outcome: outcomeOf(measured), measured, size, seed } };
}

/**
 * All, some or none of the measurements that decide; undecided if undecided measurements could change which of these it
 * is. The two sides of an interval are one measurement.
 */
function outcomeOf(all: readonly Measurement[]): Outcome {
  const sides = new Map<string, Measurement[]>();
  for (const m of all) {
    const name = `${m.measure} ${m.quantity}`;
    if (!m.check) sides.set(name, [...(sides.get(name) ?? []), m]);
  }
  const measured = Array.from(sides.values(), (own) => {
    const sure = own.filter((m) => !m.spread?.undecided);
    if (sure.some((m) => !m.ok)) return 'missed';
    return sure.length === own.length ? 'met' : 'open';
  });
  const met = measured.filter((one) => one === 'met').length;
  const open = measured.filter((one) => one === 'open').length;
  const of = (n: number): Outcome => (n === measured.length ? 'holds' : n > 0 ? 'partly' : 'does not hold');
  return of(met) === of(met + open) ? of(met) : 'undecided';
}

/** Three significant digits. */
export const short = (v: number): string => number(v, 3);
