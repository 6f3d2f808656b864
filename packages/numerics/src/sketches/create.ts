import { fail, knownKeys, type OptionKeys, wholeNumber } from '../core/index.ts';
import { gaussian } from './gaussian.ts';
import { SKETCHES, type SketchKind } from './kinds.ts';
import { rowSample } from './sampling.ts';
import { type Drawn, type Sketch, sketchOf } from './sketch.ts';
import { osnap } from './sparse.ts';
import { type KroneckerRows, type TensorSketch, tensorSrht } from './tensor.ts';
import { cosine, pooled, srht } from './transforms.ts';

export interface SketchOptions {
  /** osnap: entries in each column of S. Default 8, or as many as the sketch has rows. */
  readonly entries?: number;
  /** gaussian-pooled: values that are summed into one, at least. Default 4. */
  readonly pool?: number;
  /** leverage-rows: a row is drawn in proportion to its score, such as those of {@link leverageScores}. */
  readonly scores?: ArrayLike<number>;
  /** tensor-srht: rows of the two factors, whose product is n. */
  readonly factors?: KroneckerRows;
}

const optionKeys: OptionKeys<SketchOptions> = { entries: true, pool: true, scores: true, factors: true };

/** The one kind that takes an option. */
const TAKEN: Readonly<Record<keyof SketchOptions, SketchKind>> = {
  entries: 'osnap',
  pool: 'gaussian-pooled',
  scores: 'leverage-rows',
  factors: 'tensor-srht',
};

const ENTRIES = 8;
const POOL = 4;

/**
 * Draws a sketch of matrices of n rows, to `rows` of them: the same seed draws the same, in every engine. Use a seed that has
 * not made the data.
 *
 * | kind              | a sketch of n × d costs          | promises for d columns                                          |
 * | ----------------- | -------------------------------- | --------------------------------------------------------------- |
 * | `gaussian`        | 2mnd, and mn normal numbers      | all that can be promised                                        |
 * | `srht`            | nd log n                         | of any A, each coordinate too (Song, Ye, Yin and Zhang 2023)    |
 * | `dct`             | nd log n, any n as it is         | as srht                                                         |
 * | `gaussian-pooled` | nd log n, shuffled               | as srht, with a proof for each coordinate (Song and Zhang 2026) |
 * | `osnap`           | entries · nnz                    | of any A together, not of each coordinate                       |
 * | `count-sketch`    | nnz                              | from some d² rows on                                            |
 * | `uniform-rows`    | md                               | nothing where a few rows matter                                 |
 * | `leverage-rows`   | md, and the scores               | of A whose scores they are                                      |
 * | `tensor-srht`     | that of the factors, and md      | of Kronecker products                                           |
 *
 * @example const SA = createSketch('srht', A.rows, 800, 1).apply(A);
 * @throws INVALID_PARAMETER, INVALID_SHAPE.
 */
export function createSketch(
  kind: 'tensor-srht',
  n: number,
  rows: number,
  seed: number,
  options: SketchOptions,
): TensorSketch;
/** @throws INVALID_PARAMETER, INVALID_SHAPE. */
export function createSketch(kind: SketchKind, n: number, rows: number, seed: number, options?: SketchOptions): Sketch;
/** @throws INVALID_PARAMETER, INVALID_SHAPE. */
export function createSketch(
  kind: SketchKind,
  n: number,
  rows: number,
  seed: number,
  options: SketchOptions = {},
): Sketch {
  if (!Object.hasOwn(SKETCHES, kind)) {
    fail('INVALID_PARAMETER', `A sketch is one of ${Object.keys(SKETCHES).join(', ')}, not ${kind}.`);
  }
  knownKeys('createSketch', options, optionKeys);
  for (const [name, of] of Object.entries(TAKEN)) {
    if (options[name as keyof SketchOptions] !== undefined && kind !== of) {
      fail('INVALID_PARAMETER', `${name} is for sketches of kind ${of}; ${kind} has none.`);
    }
  }
  wholeNumber('The rows that a sketch takes', n, 1, 2 ** 31 - 1);
  wholeNumber('The rows of a sketch', rows, 1, 2 ** 30);
  wholeNumber('seed', seed, 0);
  const { entries = Math.min(ENTRIES, rows), pool = POOL, scores, factors } = options;
  const made = (drawn: Drawn) => sketchOf(kind, n, rows, seed, drawn);
  switch (kind) {
    case 'gaussian':
      return made(gaussian(n, rows, seed));
    case 'srht':
      return made(srht(n, rows, seed));
    case 'dct':
      return made(cosine(n, rows, seed));
    case 'gaussian-pooled':
      wholeNumber('pool', pool, 1);
      return made(pooled(n, rows, seed, pool));
    case 'osnap':
      wholeNumber('entries', entries, 1);
      return made(osnap(n, rows, seed, entries));
    case 'count-sketch':
      return made(osnap(n, rows, seed, 1));
    case 'uniform-rows':
      return made(rowSample(n, rows, seed));
    case 'leverage-rows':
      if (!scores) {
        fail('INVALID_PARAMETER', 'A sample by leverage needs scores: give { scores: leverageScores(A) }.');
      }
      return made(rowSample(n, rows, seed, scores));
    case 'tensor-srht': {
      if (factors?.length !== 2) {
        fail('INVALID_PARAMETER', 'A tensor sketch needs the rows of both factors: give { factors: [n₁, n₂] }.');
      }
      for (const rowsOf of factors) wholeNumber('The rows of a factor', rowsOf, 1, n);
      if (factors[0] * factors[1] !== n) {
        fail(
          'INVALID_SHAPE',
          `Factors of ${factors[0]} and ${factors[1]} rows make ${factors[0] * factors[1]}, not ${n}.`,
        );
      }
      return tensorSrht(factors, rows, seed);
    }
  }
}
