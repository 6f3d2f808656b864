import type { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { lsqrIterates } from '@southwell/numerics/iterative';
import { qr } from '@southwell/numerics/linalg';
import { nulls } from '../verdicts/nulls.ts';
import { type Known, qrOperations, type Refine, type Solve, type sketchedSolve } from './lab.ts';
import { record } from './record.ts';

type Create = (kind: string, n: number, rows: number, seed: number, options?: object) => Sketched;
interface Sketched {
  applyVector(v: ArrayLike<number>, scales?: ArrayLike<number>): Float64Array;
}
type SketchedSolve = typeof sketchedSolve;
type Factored = { readonly rank: number; start(c: Float64Array): object };
type Gap = (d: number, random: Random, alpha?: number) => { readonly M: DenseMatrix; readonly v: Float64Array };

const lab = 'papers/21-linf-sketched-regression/lab';
const dense = (kind: string) => kind === 'srht' || kind === 'gaussian-pooled';

/** Another sketch wherever a dense one is asked for. */
const insteadOfDense = (other: 'uniform-rows' | 'count-sketch') => ({
  module: lab,
  name: 'librarySolve',
  by:
    (original: Solve): Solve =>
    (kind, ...rest) =>
      original(dense(kind) ? other : kind, ...rest),
});

export default nulls(record, [
  {
    id: 'zero',
    says: 'with zero as the answer of dense sketches',
    kinds: ['nothing'],
    claims: ['even-error', 'sparse-fails', 'rate'],
    module: lab,
    name: 'librarySolve',
    by:
      (original: Solve): Solve =>
      (kind, A, ...rest) =>
        dense(kind) ? new Float64Array(A.cols) : original(kind, A, ...rest),
  },
  {
    id: 'uniform-rows',
    says: 'with a uniform sample of rows in place of dense sketches',
    kinds: ['baseline'],
    claims: ['even-error', 'sparse-fails', 'rate'],
    ...insteadOfDense('uniform-rows'),
  },
  {
    id: 'nothing-mixed',
    says: 'with one sign for each row in place of the transform',
    kinds: ['ingredient'],
    claims: ['even-error', 'sparse-fails', 'rate'],
    ...insteadOfDense('count-sketch'),
  },
  {
    id: 'few-rows',
    says: 'with a sketch of 256 rows, whatever is asked for',
    kinds: ['ingredient'],
    claims: ['rate'],
    module: lab,
    name: 'librarySolve',
    by:
      (original: Solve): Solve =>
      (kind, A, b, rows, seed) =>
        original(kind, A, b, Math.min(rows, 256), seed),
  },
  {
    id: 'zero-solved',
    says: 'with zero as the answer of the sketched problem',
    kinds: ['nothing'],
    claims: ['speed'],
    module: lab,
    name: 'sketchedSolve',
    by:
      (original: SketchedSolve): SketchedSolve =>
      (A, ...rest) => ({ ...original(A, ...rest), x: new Float64Array(A.cols) }),
  },
  {
    id: 'whole',
    says: 'with a factorisation of the whole matrix in place of the sketch',
    kinds: ['baseline'],
    claims: ['speed'],
    module: lab,
    name: 'sketchedSolve',
    by: (): SketchedSolve => (A, b) => {
      const factor = qr(A);
      const x = factor.leastSquares(b);
      factor.free();
      return { x, operations: qrOperations(A.rows, A.cols) };
    },
  },
  {
    id: 'normal-numbers',
    says: 'with a full matrix of normal numbers in place of the transform',
    kinds: ['ingredient'],
    claims: ['speed'],
    module: lab,
    name: 'sketchedSolve',
    by:
      (original: SketchedSolve): SketchedSolve =>
      (A, b, rows, seed) => ({
        ...original(A, b, rows, seed),
        operations: 2 * rows * A.rows * A.cols + qrOperations(rows, A.cols),
      }),
  },
  {
    id: 'no-steps',
    says: 'without any step from zero',
    kinds: ['nothing'],
    claims: ['refinement'],
    module: lab,
    name: 'libraryRefine',
    by:
      (): Refine =>
      ({ A }) => [{ iteration: 0, snapshot: () => new Float64Array(A.cols) }],
  },
  {
    id: 'plain',
    says: 'with plain LSQR in place of the preconditioned one',
    kinds: ['baseline'],
    claims: ['refinement'],
    module: lab,
    name: 'libraryRefine',
    by:
      (): Refine =>
      ({ A, b }: Known) =>
        lsqrIterates(A, b, { atol: 0, btol: 0 }),
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
    id: 'identity',
    says: 'with the identity as the matrix',
    kinds: ['nothing'],
    claims: ['proof-gap'],
    module: 'papers/21-linf-sketched-regression/gap',
    name: 'gapMatrix',
    by:
      (original: Gap): Gap =>
      (d, random) => {
        const { M, v } = original(d, random);
        for (let j = 0; j <= d; j++) for (let i = 0; i <= d; i++) M.set(i, j, i === j ? 1 : 0);
        return { M, v };
      },
  },
  {
    id: 'twice-alpha',
    says: 'with twice the weight of the last column',
    kinds: ['unequal'],
    claims: ['proof-gap'],
    module: 'papers/21-linf-sketched-regression/gap',
    name: 'gapMatrix',
    by:
      (original: Gap): Gap =>
      (d, random) =>
        original(d, random, 0.1),
  },
  {
    id: 'no-turn',
    says: 'with a last column that is independent of the rest',
    kinds: ['ingredient'],
    claims: ['proof-gap'],
    module: 'papers/21-linf-sketched-regression/gap',
    name: 'gapMatrix',
    by:
      (original: Gap): Gap =>
      (d, random) =>
        original(d, random, 0),
  },
  {
    id: 'zero-sketched',
    says: 'with zero in place of vectors sketched by signs',
    kinds: ['nothing'],
    claims: ['normal-weights'],
    module: 'numerics/sketches/create',
    name: 'createSketch',
    by:
      (original: Create): Create =>
      (...given) => {
        const sketch = original(...given);
        const applyVector: Sketched['applyVector'] = (v, scales) =>
          scales ? sketch.applyVector(v, scales) : new Float64Array(sketch.applyVector(v).length);
        return { ...sketch, applyVector };
      },
  },
  {
    id: 'rows-sketched',
    says: 'with a uniform sample of rows in place of signs and the transform',
    kinds: ['baseline'],
    claims: ['normal-weights'],
    module: 'numerics/sketches/create',
    name: 'createSketch',
    by:
      (original: Create): Create =>
      (kind, n, rows, seed, options) => {
        const sketch = original(kind, n, rows, seed, options);
        const sample = original('uniform-rows', n, rows, seed);
        const applyVector: Sketched['applyVector'] = (v, scales) => (scales ? sketch : sample).applyVector(v, scales);
        return { ...sketch, applyVector };
      },
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
