import * as v from 'valibot';
import { list, said, status } from '../result.ts';
import type { ResultOf } from '../task.ts';

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

export const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({ source: cloud, target: v.optional(cloud), notes: list(v.string()) }),
  method: v.string(),
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
  aligned: said(v.record(v.string(), list(v.number())), 'The first cloud, moved, with all its columns of numbers.'),
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
      }),
      'Places for pictures alone, along the two longest axes.',
    ),
  ),
};
export const registerResult = v.object(entries);
export type RegisterResult = ResultOf<typeof entries>;
