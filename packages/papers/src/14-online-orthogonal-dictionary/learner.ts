import { matrixProduct } from '@southwell/numerics/linalg';
import { DenseMatrix, type MatrixLike } from 'southwell';
import { OnlineOrthogonalDictionary, type OnlineOrthogonalOptions } from 'southwell/factorisation';
import type { ExperimentContext, ExperimentEvent, Parameter } from '../experiment.ts';
import { locked } from './locked.ts';
import { recoveryError } from './rival.ts';

/** The interface of a learner. */
export interface Learner {
  update(batch: MatrixLike): void;
  dictionary(): DenseMatrix;
  /** The dictionary before orthogonalisation. */
  iterate(): DenseMatrix;
  readonly gap: number;
}

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (options: OnlineOrthogonalOptions) => Learner;

export const libraryMethod: Method = (options) => new OnlineOrthogonalDictionary(options);

const { recovery, drift } = locked.claims;
export const { atoms: N } = recovery.sizes.quick;
export const share: Parameter = {
  name: 'share',
  title: 'Share of codes that are not zero',
  default: { quick: recovery.sizes.quick.share, full: recovery.sizes.full.share },
  min: 0.02,
  max: 0.6,
};
export const floor: Parameter = {
  name: 'floor',
  title: 'Floor under both step sizes',
  default: { quick: drift.sizes.quick.floor, full: drift.sizes.full.floor },
  min: 0,
  max: 1,
};

export const streamSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + draw;
export const learnerSeed = (context: ExperimentContext, draw: number) => 1000 * context.seed + 500 + draw;

/** Steps at which errors are plotted: about six per decade. */
export const shown = (last: number): Set<number> => {
  const out = new Set<number>([last]);
  for (let x = 10; x < last; x *= 1.45) out.add(Math.round(x));
  for (const t of [1000, recovery.sizes.quick.early]) if (t < last) out.add(t);
  return out;
};

export const errorOf = (learner: { dictionary(): DenseMatrix }, truth: DenseMatrix): number => {
  const D = learner.dictionary();
  const error = recoveryError(D.data, truth.data, truth.rows);
  D.free();
  return error;
};

/** |DᵀD*| as an image: a permutation pattern where the atoms are recovered. */
export function matchPicture(
  learner: { dictionary(): DenseMatrix },
  truth: DenseMatrix,
  title: string,
): ExperimentEvent {
  const D = learner.dictionary();
  const M = DenseMatrix.create(D.cols, truth.cols, { fill: false });
  matrixProduct(D, truth, M, { transA: true });
  // Rows in the order of their best-matching true atoms.
  const best = (i: number) => {
    let at = 0;
    for (let j = 1; j < M.cols; j++) if (Math.abs(M.get(i, j)) > Math.abs(M.get(i, at))) at = j;
    return at;
  };
  const order = Array.from({ length: M.rows }, (_, i) => i).sort((a, b) => best(a) - best(b));
  const values = order.flatMap((i) => Array.from({ length: M.cols }, (_, j) => Math.abs(M.get(i, j))));
  D.free();
  M.free();
  const axes = {
    x: { label: 'true atom', from: 1, to: truth.cols },
    y: { label: 'learned atom, in the order of its match', from: 1, to: truth.cols },
  };
  const size = { width: truth.cols, height: truth.cols };
  return { kind: 'picture', title, picture: { type: 'image', ...size, values, ...axes, value: '|cosine|' } };
}
