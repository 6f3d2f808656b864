import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

/** Of columns of points, which may be typed arrays. */
const numbers = list(v.number()) as unknown as v.GenericSchema<ArrayLike<number>>;

const cloud = v.object({
  name: v.string(),
  points: said(v.number(), 'In the file.'),
  used: said(v.number(), 'Finite ones, thinned out.'),
});

const motion = v.object({
  name: said(v.string(), 'Such as `shift along x`, in the frame of the cloud that is moved.'),
  kind: v.picklist(['turn', 'shift']),
  direction: list(v.number()),
  ratio: v.nullable(said(v.number(), 'How many times less known than the best of its kind; null where nothing is.')),
  deviation: v.nullable(said(v.number(), 'Standard deviation, radians or units of length; null where it has none.')),
  known: said(v.picklist(['fixed', 'weak', 'free']), 'Whether the data fix it.'),
});

/** Of one cloud laid on another, or looked at alone. */
const pairEntries = {
  pose: said(list(v.number()), '4 × 4 by rows: moves the first cloud onto the second.'),
  turn: v.object({ degrees: v.number(), axis: list(v.number()) }),
  shift: said(list(v.number()), 'Of the origin.'),
  start: said(v.picklist(['as they lie', 'first pose', 'features']), 'Where steps began.'),
  coarse: v.optional(
    said(
      v.object({ features: v.number(), matches: v.number(), inliers: v.number(), overlap: v.number() }),
      'Of the pose by features: matched features, those that agree, and the share of points that then lie on the other cloud.',
    ),
  ),
  rmse: said(v.number(), 'Root mean square of the distances of matches.'),
  overlap: said(v.number(), 'Share of the used points of the first cloud that have a match.'),
  maxDistance: said(v.number(), 'Of matches, in the last pass.'),
  about: said(list(v.number()), 'The place about which turns and shifts are judged, in the first cloud’s frame.'),
  motions: said(list(motion), 'The three turns and three shifts that are judged apart, least known first.'),
  deviations: said(list(v.number()), 'Standard deviations of turns about x, y, z (radians) and shifts.'),
  covariance: said(list(v.number()), 'Of the same, 6 × 6; of what is not known at all 0.'),
  iterations: v.number(),
};

/** Of three clouds or more. */
const manyEntries = {
  reference: said(v.number(), 'The cloud in whose frame all are, counted from 1.'),
  scans: said(
    list(
      v.object({
        ...cloud.entries,
        tied: said(v.boolean(), 'Whether pairs tie it to the reference: what nothing ties has no pose.'),
        pose: v.nullable(said(list(v.number()), '4 × 4 by rows: moves it into the frame of the reference.')),
        about: said(list(v.number()), 'The place about which its turns and shifts are judged, in its own frame.'),
        motions: said(list(motion), 'Of what all pairs together fix of it, least known first; of the reference none.'),
        deviations: said(list(v.number()), 'Standard deviations of turns (radians) and shifts; of the reference none.'),
      }),
    ),
    'All clouds, as they were given.',
  ),
  pairs: said(
    list(
      v.object({
        source: said(v.number(), 'Which cloud, counted from 1.'),
        target: said(v.number(), 'Onto which.'),
        pose: said(list(v.number()), '4 × 4 by rows: moves the one onto the other, as this pair alone has it.'),
        start: v.picklist(['as they lie', 'features']),
        status,
        overlap: said(v.number(), 'The larger of the shares of each that lies on the other.'),
        rmse: v.number(),
        matches: v.number(),
        maxDistance: v.number(),
        free: said(list(v.string()), 'Motions that this pair does not fix.'),
        weight: said(v.number(), '1 where it agrees with the other pairs, near 0 where it contradicts them.'),
        kept: said(v.boolean(), 'Whether it is used: false pairs are left out.'),
      }),
    ),
    'Pairs that overlap.',
  ),
};

const optional = <E extends Readonly<Record<string, v.GenericSchema>>>(of: E) =>
  Object.fromEntries(Object.entries(of).map(([name, schema]) => [name, v.optional(schema)])) as {
    [K in keyof E]: v.OptionalSchema<E[K], undefined>;
  };

export const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({ source: v.optional(cloud), target: v.optional(cloud), notes: list(v.string()) }),
  method: v.string(),
  ...optional(pairEntries),
  ...optional(manyEntries),
  aligned: said(
    v.record(v.string(), numbers),
    'The first cloud, moved, with all its columns of numbers; of three or more all that are tied, and which.',
  ),
  advice: list(v.string()),
  status,
  seconds: said(v.number(), 'Reading included.'),
  history: said(list(v.object({ step: v.number(), rmse: v.number() })), 'Of all steps.'),
  drawn: v.optional(
    said(
      v.object({
        axes: list(v.number()),
        before: list(list(v.number())),
        after: list(list(v.number())),
        target: list(list(v.number())),
        free: list(list(v.number())),
        scans: v.optional(said(list(list(list(v.number()))), 'Of three clouds or more: all, where they were laid.')),
      }),
      'Places for pictures alone, along the two longest axes.',
    ),
  ),
};
export const registerResult = v.object(entries);
export type RegisterResult = ResultOf<typeof entries>;
export type Motion = v.InferOutput<typeof motion>;
type Cloud = v.InferOutput<typeof cloud>;

type With<K extends keyof RegisterResult> = Omit<RegisterResult, K> & {
  readonly [P in K]-?: NonNullable<RegisterResult[P]>;
};
/** Of one cloud or two. */
export type PairResult = With<Exclude<keyof typeof pairEntries, 'coarse'>> & {
  readonly data: RegisterResult['data'] & { readonly source: Cloud };
};
/** Of more. */
export type ManyResult = With<keyof typeof manyEntries>;
export const ofMany = (r: RegisterResult): r is ManyResult => r.scans !== undefined;
