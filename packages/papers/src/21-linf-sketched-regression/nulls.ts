import type { Random } from '@southwell/numerics/core';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Create = (kind: string, n: number, rows: number, seed: number, options?: object) => object;
type Factored = { readonly rank: number; start(c: Float64Array): object };

export default nulls(record, [
  {
    id: 'nothing-mixed',
    says: 'with one sign for each row in place of the transform',
    kinds: ['ingredient'],
    claims: ['even-error'],
    module: 'numerics/sketches/create',
    name: 'createSketch',
    by:
      (original: Create): Create =>
      (kind, n, rows, seed, options) =>
        original(kind === 'srht' || kind === 'gaussian-pooled' ? 'count-sketch' : kind, n, rows, seed, options),
  },
  {
    id: 'everything-mixed',
    says: 'with a transform of all rows in place of one sign for each',
    kinds: ['ingredient'],
    claims: ['sparse-fails'],
    module: 'numerics/sketches/create',
    name: 'createSketch',
    by:
      (original: Create): Create =>
      (kind, n, rows, seed, options) =>
        original(kind === 'count-sketch' ? 'srht' : kind, n, rows, seed, options),
  },
  {
    id: 'few-rows',
    says: 'with a sketch of 256 rows, whatever is asked for',
    kinds: ['ingredient'],
    claims: ['rate'],
    module: 'numerics/sketches/create',
    name: 'createSketch',
    by:
      (original: Create): Create =>
      (kind, n, rows, seed, options) =>
        original(kind, n, Math.min(rows, 256), seed, options),
  },
  {
    id: 'normal-numbers',
    says: 'with a full matrix of normal numbers in place of the transform',
    kinds: ['ingredient'],
    claims: ['speed'],
    module: 'numerics/sketches/create',
    name: 'createSketch',
    by:
      (original: Create): Create =>
      (kind, n, rows, seed, options) =>
        original(kind === 'srht' ? 'gaussian' : kind, n, rows, seed, options),
  },
  {
    id: 'no-preconditioner',
    says: 'with steps without the factor of the sketch',
    kinds: ['ingredient'],
    claims: ['refinement'],
    module: 'southwell/linear-systems/leastSquares/preconditioner',
    name: 'preconditionerOf',
    by:
      (original: (B: object) => Factored): ((B: object) => object) =>
      (B) => {
        const found = original(B);
        return {
          ...found,
          apply: (y: Float64Array) => y.slice(),
          applyTransposed: (g: Float64Array) => g.slice(),
          start: (c: Float64Array) => ({ ...found.start(c), y: new Float64Array(found.rank) }),
        };
      },
  },
  {
    id: 'no-turn',
    says: 'with a last column that is independent of the rest',
    kinds: ['ingredient'],
    claims: ['proof-gap'],
    module: 'papers/21-linf-sketched-regression/gap',
    name: 'gapMatrix',
    by: (original: (d: number, random: Random, alpha: number) => object) => (d: number, random: Random) =>
      original(d, random, 0),
  },
  {
    id: 'signs',
    says: 'with signs in place of normal weights',
    kinds: ['ingredient'],
    claims: ['normal-weights'],
    module: 'papers/21-linf-sketched-regression/gap',
    name: 'normalWeights',
    by:
      (original: (n: number, random: Random) => Float64Array) =>
      (n: number, random: Random): Float64Array =>
        original(n, random).map(Math.sign),
  },
]);
