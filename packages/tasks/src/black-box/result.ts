import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const numbers = list(v.number());
const line = v.object({ x: numbers, y: numbers });

const drawn = v.object({
  history: said(
    v.object({ evaluations: numbers, best: numbers }),
    'The best values so far, and the number of evaluations after which they were found.',
  ),
  points: v.optional(
    said(
      v.object({
        labels: list(v.string()),
        at: list(numbers),
        numbers: said(numbers, 'Numbers of the evaluations, from 1.'),
        values: numbers,
        best: numbers,
        value: v.number(),
      }),
      'With one or two coordinates: the points of the evaluations in order, possibly thinned, and the best one.',
    ),
  ),
  curve: v.optional(said(line, 'The function of one coordinate.')),
  levels: v.optional(
    said(
      v.object({
        least: said(v.number(), 'The smallest value.'),
        box: said(list(numbers), 'The range of both coordinates.'),
        levels: list(v.object({ above: v.number(), lines: list(line) })),
      }),
      'The function of two coordinates: level lines at heights above the smallest value.',
    ),
  ),
});

const entries = {
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  objective: said(v.string(), 'The name of the function, the expression, the program, or the file of the module.'),
  dim: said(v.number(), 'Number of coordinates.'),
  variables: v.optional(said(list(v.string()), 'Names of the coordinates of an expression, in order.')),
  method: v.string(),
  noisy: v.optional(said(v.literal(true), 'The point is the mean of the distribution, and the value a new one there.')),
  repeats: v.optional(
    said(v.number(), 'Number of evaluations of each point, if more than one; the value is their mean.'),
  ),
  asynchronous: v.optional(v.literal(true)),
  seed: v.number(),
  value: said(v.union([v.number(), v.string()]), 'The smallest value found; a string if it is not finite.'),
  x: said(list(v.union([v.number(), v.string()])), 'The point; strings for categories.'),
  constraints: v.optional(said(v.number(), 'Number of constraints.')),
  violation: v.optional(
    said(v.union([v.number(), v.string()]), 'The largest constraint violation at the point, at least 0.'),
  ),
  known: v.optional(said(v.number(), 'The minimum of a test function.')),
  status,
  message: said(v.string(), 'Why the search ended, a sentence.'),
  why: v.optional(said(v.string(), 'Which method auto has chosen, and why.')),
  next: v.optional(v.string()),
  error: v.optional(said(v.string(), 'The error message.')),
  evaluations: v.number(),
  repeated: v.optional(said(v.number(), 'Number of these values that were reused for points seen before.')),
  iterations: v.number(),
  seconds: v.number(),
  checkpoint: v.optional(said(v.string(), 'The file from which the search can be resumed.')),
  drawn: v.optional(said(drawn, 'Data for pictures, if one is requested.')),
};

export const minimizeResult = v.object(entries);
export type Minimum = ResultOf<typeof entries>;

/** Names of the coordinates. */
export const namesOf = (variables: readonly string[] | undefined, dim: number): readonly string[] =>
  variables ?? Array.from({ length: dim }, (_, k) => `x${k + 1}`);
