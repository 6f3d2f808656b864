import type { Bar, Comparison, Draws, Limit, Measure, MeasuredValue, Sample } from './bars.ts';
import { type Experiment, type ExperimentContext, type ExperimentEvent, verdict } from './experiment.ts';
import type { Claim, MeasuredClaim } from './record.ts';

/** Experiments bound to the claims of a record, so that claims and measures are checked by the compiler. */

interface Claiming {
  readonly claims: readonly Claim[];
}
type MeasuredOf<R extends Claiming> = Extract<R['claims'][number], MeasuredClaim>;
/** The ids of the claims of a record that have bars as data. */
export type ClaimId<R extends Claiming> = MeasuredOf<R>['id'];
type MeasuresOf<R extends Claiming, Id> = Extract<R['claims'][number], { readonly id: Id } & MeasuredClaim>['measures'];

type LabelledDraws = Draws & { readonly label: string | number };
type Labelled = Sample & { readonly label: string | number };
/** The type of values that a run gives for a measure. */
type ValueOf<M extends Measure> = M extends { readonly over: string }
  ? M['quantity'] extends `${string}{${string}}${string}`
    ? readonly LabelledDraws[]
    : Draws
  : M extends { readonly count: object }
    ? readonly number[]
    : M['quantity'] extends `${string}{${string}}${string}`
      ? Labelled | readonly Labelled[]
      : number | Sample;
type AtBothSizes = Limit | { readonly quick: Limit; readonly full: Limit };
type Bars<M extends Measure> = Extract<M[keyof M & Comparison], Bar>;
type Always<M extends Measure> = Extract<Bars<M>, AtBothSizes> extends never ? false : true;
type Names<Ms extends Readonly<Record<string, Measure>>, When extends boolean> = {
  [K in keyof Ms]: Always<Ms[K]> extends When ? K : never;
}[keyof Ms];
/** A value for every measure; those with a bar at only one size are required at that size. */
export type Values<Ms extends Readonly<Record<string, Measure>>> = {
  readonly [K in Names<Ms, true>]: ValueOf<Ms[K]>;
} & { readonly [K in Names<Ms, false>]?: ValueOf<Ms[K]> | undefined };

export interface Decide<R extends Claiming, Id> {
  /** The verdict on a claim of the experiment, from a value for each of its measures. */
  <C extends Id>(claim: C, values: Values<MeasuresOf<R, C>>): ExperimentEvent;
  /**
   * Whether the draws so far are enough for a claim: their number is that of one of its looks and they decide it, or it
   * is that of the last look. The values are only requested at looks.
   */
  enough<C extends Id>(claim: C, draws: number, values: () => Values<MeasuresOf<R, C>>): boolean;
}

/** An experiment whose claims are named by id, with a method that a test may replace. */
export interface Plan<R extends Claiming, Id extends ClaimId<R>, M>
  extends Pick<Experiment, 'id' | 'title' | 'panels' | 'parameters' | 'needs' | 'timed'> {
  readonly claims: readonly Id[];
  /** The method under test. */
  readonly method: M;
  run(context: ExperimentContext, decide: Decide<R, Id>, method: M): AsyncGenerator<ExperimentEvent, void, undefined>;
}

export interface MethodExperiment<M> extends Experiment {
  /** The same experiment with another method, such as a negative control, which must not get `holds`. */
  withMethod(method: M): Experiment;
}

/**
 * An experiment that decides claims of a record, named by their ids. Naming a claim or measure that the record lacks,
 * or deciding a claim that the experiment does not name, is a type error, and at run time a RangeError.
 */
export function experiment<const R extends Claiming, const Id extends ClaimId<R>, M>(
  record: R,
  { id, title, panels, parameters, needs, timed, claims: ids, method, run }: Plan<R, Id, M>,
): MethodExperiment<M> {
  const claims = ids.map((name) => {
    const claim = record.claims.find((c): c is MeasuredClaim => c.id === name && 'measures' in c);
    if (!claim)
      throw new RangeError(`The experiment ${id} names "${name}", which is no claim with bars of its record.`);
    if (claim.experiment !== undefined && claim.experiment !== id)
      throw new RangeError(
        `The experiment ${id} names "${name}", which ${claim.experiment} decides according to locked.ts.`,
      );
    return claim;
  });
  const withMethod = (tried: M): Experiment => ({
    id,
    title,
    panels,
    parameters,
    ...(needs && { needs }),
    ...(timed && { timed }),
    claims,
    run(context) {
      type Given = Readonly<Record<string, MeasuredValue | undefined>>;
      const claimNamed = (name: string): MeasuredClaim => {
        const claim = claims.find((c) => c.id === name);
        if (!claim) throw new RangeError(`The experiment ${id} does not name the claim "${name}".`);
        return claim;
      };
      const decide = (name: string, values: Given): ExperimentEvent => verdict(claimNamed(name), context, values);
      decide.enough = (name: string, draws: number, values: () => Given): boolean => {
        const claim = claimNamed(name);
        const looks = claim.draws?.[context.size];
        if (!looks) throw new RangeError(`The claim "${name}" does not say after how many draws it is looked at.`);
        if (draws >= looks[looks.length - 1]) return true;
        return looks.includes(draws) && verdict(claim, context, values()).verdict.outcome !== 'undecided';
      };
      return run(context, decide as Decide<R, Id>, tried);
    },
  });
  return { ...withMethod(method), withMethod };
}
