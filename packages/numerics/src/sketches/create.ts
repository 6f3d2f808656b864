import { fail, knownKeys, type OptionKeys, wholeNumber } from '../core/index.ts';
import { gaussian } from './gaussian.ts';
import { SKETCHES, type SketchKind } from './kinds.ts';
import { rowSample } from './sampling.ts';
import { type Drawn, type Sketch, sketchOf } from './sketch.ts';
import { osnap } from './sparse.ts';
import { type KroneckerRows, type TensorSketch, tensorSrht } from './tensor.ts';
import { cosine, pooled, srht } from './transforms.ts';

export interface SketchOptions {
  /** osnap: non-zeros in each column of S. Default 8, or the number of rows of the sketch if that is less. */
  readonly entries?: number;
  /** gaussian-pooled: minimum number of values summed into one. Default 4. */
  readonly pool?: number;
  /**
   * leverage-rows: rows are drawn with probabilities proportional to these scores, such as those of {@link
   * leverageScores}.
   */
  readonly scores?: ArrayLike<number>;
  /** tensor-srht: numbers of rows of the two factors, whose product is n. */
  readonly factors?: KroneckerRows;
}

const optionKeys: OptionKeys<SketchOptions> = { entries: true, pool: true, scores: true, factors: true };

/** The only kind that accepts each option. */
const TAKEN: Readonly<Record<keyof SketchOptions, SketchKind>> = {
  entries: 'osnap',
  pool: 'gaussian-pooled',
  scores: 'leverage-rows',
  factors: 'tensor-srht',
};

const ENTRIES = 8;
const POOL = 4;

/**
 * Draws a sketch that maps matrices of n rows to `rows` rows. A seed gives the same sketch in every engine; do not use
 * a seed from which the data were generated.
 *
 * | kind              | cost of sketching n × d      | guarantee for d columns                                   |
 * | ----------------- | ---------------------------- | --------------------------------------------------------- |
 * | `gaussian`        | 2mnd, and mn normal variates | the strongest possible                                    |
 * | `srht`            | nd log n                     | any A, also per coordinate (Song, Ye, Yin and Zhang 2023) |
 * | `dct`             | nd log n, no padding of n    | as srht                                                   |
 * | `gaussian-pooled` | nd log n, with a shuffle     | as srht, proved per coordinate (Song and Zhang 2026)      |
 * | `osnap`           | entries · nnz                | any A as a whole, not per coordinate                      |
 * | `count-sketch`    | nnz                          | from about d² rows on                                     |
 * | `uniform-rows`    | md                           | none if few rows matter                                   |
 * | `leverage-rows`   | md, plus the scores          | the A whose scores they are                               |
 * | `tensor-srht`     | that of the factors, plus md | Kronecker products                                        |
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
