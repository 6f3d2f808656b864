import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

/** Columns of points, which may be typed arrays. */
const numbers = list(v.number()) as unknown as v.GenericSchema<ArrayLike<number>>;

const cloud = v.object({
  name: v.string(),
  points: said(v.number(), 'Number of points in the file.'),
  used: said(v.number(), 'Number of points used: finite, and downsampled.'),
});

const motion = v.object({
  name: said(v.string(), 'Such as `shift along x`, in the frame of the moved cloud.'),
  kind: v.picklist(['turn', 'shift']),
  direction: list(v.number()),
  ratio: v.nullable(
    said(v.number(), 'How many times less constrained than the best of its kind; null if unconstrained.'),
  ),
  deviation: v.nullable(said(v.number(), 'Standard deviation, radians or units of length; null if unconstrained.')),
  known: said(v.picklist(['fixed', 'weak', 'free']), 'Whether the data constrain it.'),
});

/** Result for one cloud registered to another, or analysed alone. */
const pairEntries = {
  pose: said(list(v.number()), '4 × 4 by rows: maps the first cloud to the second.'),
  turn: v.object({ degrees: v.number(), axis: list(v.number()) }),
  shift: said(list(v.number()), 'Translation of the origin.'),
  start: said(v.picklist(['as they lie', 'first pose', 'features']), 'The initial pose of the steps.'),
  coarse: v.optional(
    said(
      v.object({ features: v.number(), matches: v.number(), inliers: v.number(), overlap: v.number() }),
      'The pose by features: matched features, inliers, and the resulting overlap.',
    ),
  ),
  agreement: v.optional(
    said(
      v.object({
        verdict: said(
          v.picklist(['agrees', 'doubtful', 'no']),
          'Whether the clouds agree at the pose; the exit code is 0 for the first alone.',
        ),
        reasons: said(list(v.string()), 'Why not.'),
        overlap: said(
          v.number(),
          'Fraction of the points of a cloud within eight spacings of the other; the larger of both.',
        ),
        support: said(
          v.number(),
          'Of these, the fraction on the surface of the other cloud: as near as its spacing allows, with the same normal; the larger of both.',
        ),
        leastSupport: said(v.number(), 'The smaller of both.'),
        weakest: said(
          v.number(),
          'That fraction among the points that constrain a motion, for the motion for which it is least.',
        ),
        matched: said(v.number(), 'Number of points that such points lie on.'),
        rival: v.optional(
          said(v.number(), 'How well the best other pose that was tried agrees, relative to this one.'),
        ),
      }),
      'How both clouds agree at the pose; absent for a single cloud.',
    ),
  ),
  rmse: said(v.number(), 'Root mean square of the distances of matches.'),
  overlap: said(v.number(), 'Fraction of the used points of the first cloud that have a match.'),
  maxDistance: said(v.number(), 'Maximum distance of matches in the last pass.'),
  about: said(
    list(v.number()),
    'The centre about which rotations and translations are judged, in the first cloud’s frame.',
  ),
  motions: said(
    list(motion),
    'The three rotations and three translations that are judged separately, least constrained first.',
  ),
  deviations: said(
    list(v.number()),
    'Standard deviations of rotations about x, y, z (radians) and translations, if the clouds agree.',
  ),
  covariance: said(
    list(v.number()),
    'Their covariance, 6 × 6; 0 for unconstrained motions. It assumes that the pose is right but for noise.',
  ),
  iterations: v.number(),
  remedy: v.optional(
    said(
      v.object({ name: v.string(), rotation: v.number(), translation: v.number() }),
      'The handling of degenerate motions, and the largest difference between a step and the plain one in its place (radians, length).',
    ),
  ),
};

/** Result for three or more clouds. */
const manyEntries = {
  reference: said(v.number(), 'The cloud whose frame is used, counted from 1.'),
  scans: said(
    list(
      v.object({
        ...cloud.entries,
        tied: said(
          v.boolean(),
          'Whether pairs connect it to the reference; a cloud that is not connected has no pose.',
        ),
        verdict: said(
          v.picklist(['agrees', 'doubtful', 'no']),
          'Whether pairs that agree connect it to the reference; the exit code is 0 only if they connect all.',
        ),
        pose: v.nullable(said(list(v.number()), '4 × 4 by rows: maps it to the frame of the reference.')),
        about: said(
          list(v.number()),
          'The centre about which its rotations and translations are judged, in its own frame.',
        ),
        motions: said(
          list(motion),
          'Its motions as constrained by all pairs together, least constrained first; none for the reference.',
        ),
        deviations: said(
          list(v.number()),
          'Standard deviations of rotations (radians) and translations; none for the reference.',
        ),
      }),
    ),
    'All clouds, in the given order.',
  ),
  pairs: said(
    list(
      v.object({
        source: said(v.number(), 'The moved cloud, counted from 1.'),
        target: said(v.number(), 'The target cloud.'),
        pose: said(list(v.number()), '4 × 4 by rows: maps the source to the target, by this pair alone.'),
        start: v.picklist(['as they lie', 'features']),
        status,
        overlap: said(v.number(), 'The larger of the overlaps of each with the other.'),
        verdict: said(
          v.picklist(['agrees', 'doubtful']),
          'Whether their surfaces agree; pairs that do not are left out.',
        ),
        reasons: said(list(v.string()), 'Why not.'),
        rmse: v.number(),
        matches: v.number(),
        maxDistance: v.number(),
        free: said(list(v.string()), 'Motions that this pair does not constrain.'),
        weight: said(v.number(), '1 if it agrees with the other pairs, near 0 if it contradicts them.'),
        kept: said(v.boolean(), 'Whether it is used: wrong pairs are left out.'),
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
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  data: v.object({ source: v.optional(cloud), target: v.optional(cloud), notes: list(v.string()) }),
  method: v.string(),
  ...optional(pairEntries),
  ...optional(manyEntries),
  aligned: said(
    v.record(v.string(), numbers),
    'The moved first cloud with all its numeric columns; for three or more clouds all that are connected, with their number.',
  ),
  advice: list(v.string()),
  status,
  seconds: said(v.number(), 'Reading included.'),
  history: said(list(v.object({ step: v.number(), rmse: v.number() })), 'History of all steps.'),
  drawn: v.optional(
    said(
      v.object({
        axes: list(v.number()),
        before: list(list(v.number())),
        after: list(list(v.number())),
        target: list(list(v.number())),
        free: list(list(v.number())),
        scans: v.optional(said(list(list(list(v.number()))), 'For three or more clouds: all, registered.')),
      }),
      'Points for pictures, along the two longest axes.',
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
/** Result for one or two clouds. */
export type PairResult = With<Exclude<keyof typeof pairEntries, 'agreement' | 'coarse' | 'remedy'>> & {
  readonly data: RegisterResult['data'] & { readonly source: Cloud };
};
/** Result for three or more clouds. */
export type ManyResult = With<keyof typeof manyEntries>;
export const ofMany = (r: RegisterResult): r is ManyResult => r.scans !== undefined;
