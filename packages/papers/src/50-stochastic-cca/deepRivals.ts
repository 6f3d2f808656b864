import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from 'southwell';
import { AdamSteps } from './rivals.ts';

/** Rivals for deep canonical correlation analysis on batches, with independent losses, batches and steps. */

/** Rows of a view, stored contiguously. */
export interface Rows {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

export interface NetsOptions {
  readonly components: number;
  readonly hidden: readonly number[];
  readonly batchSize: number;
  readonly epochs: number;
  readonly rate: number;
  readonly seed: number;
}

/** The codes of both networks for rows, rows × components, row-major. */
export type CodesOf = (views: readonly Rows[]) => Float64Array[];

/** A loss of the codes [rows, k] of two views, and the state that it carries between batches. */
interface BatchLoss {
  readonly first: (k: number) => ad.Tensor[];
  readonly of: (codes: readonly ad.Tensor[], kept: readonly ad.Tensor[]) => [loss: ad.Tensor, kept: ad.Tensor[]];
}

const centred = (z: ad.Tensor): ad.Tensor => ad.sub(z, ad.mean(z, [0], true));
const product = (x: ad.Tensor, y: ad.Tensor): ad.Tensor => ad.matmul(ad.transpose(x), y);
/** A + r·I. */
const ridged = (A: ad.Tensor, r: number): ad.Tensor => {
  const k = A.shape[0];
  return ad.add(
    A,
    ad.tensor(
      Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? r : 0)),
      { shape: [k, k] },
    ),
  );
};

/**
 * The sum of the singular values of S₁₁^−½ S₁₂ S₂₂^−½ of one batch (DCCA-STOL; Wang et al. 2015, after Andrew et al.
 * 2013), with r added to the diagonals. Throws a sentence if there are too few rows for whitening codes without it.
 */
export function batchCorrelation(codes: readonly ad.Tensor[], r: number): ad.Tensor {
  const [rows, k] = codes[0].shape;
  if (rows <= k && r === 0)
    throw new RangeError(`A batch of ${rows} rows cannot whiten codes of ${k} columns: take more rows, or a ridge.`);
  const [X, Y] = codes.map(centred);
  const over = rows - 1;
  const [L, M] = [X, Y].map((Z) => ad.cholesky(ridged(ad.div(product(Z, Z), over), r)));
  const half = ad.solveTriangular(L, ad.div(product(X, Y), over));
  const T = ad.transpose(ad.solveTriangular(M, ad.transpose(half)));
  return ad.sum(ad.svd(T)[1]);
}

const stol = (r: number): BatchLoss => ({
  first: () => [],
  of: (codes) => [ad.neg(batchCorrelation(codes, r)), []],
});

/**
 * Non-linear orthogonal iterations (DCCA-NOI; Wang et al. 2015): each view fits the other's codes, whitened by running
 * covariances.
 */
const noi = (rho: number, r: number): BatchLoss => ({
  first: (k) => [0, 1].map(() => ridged(ad.full([k, k], 0, 'f64'), 1)),
  of: (codes, kept) => {
    const Z = codes.map(centred);
    const still = Z.map(ad.stopGradient);
    const next = still.map((z, v) => ad.add(ad.mul(kept[v], rho), ad.mul(product(z, z), (1 - rho) / (z.shape[0] - 1))));
    const white = still.map((z, v) => {
      const [values, V] = ad.eigh(ridged(next[v], r));
      return ad.matmul(z, ad.matmul(ad.div(V, ad.reshape(ad.sqrt(values), [1, -1])), ad.transpose(V)));
    });
    const misses = Z.map((z, v) => ad.sum(ad.square(ad.sub(z, ad.stopGradient(white[1 - v])))));
    return [ad.div(ad.add(misses[0], misses[1]), codes[0].shape[0]), next];
  },
});

/** A ridge as in the code of others, which is kind to batches with few rows. */
const RIDGE = 1e-3;
export const deepRivals = { STOL: stol(RIDGE), NOI: noi(0.9, RIDGE) } as const;
export type DeepRival = keyof typeof deepRivals;

/** Steps by Adam on a rival's loss: nothing for a step, what the networks give at the end of an epoch. */
export function* rivalNets(
  which: DeepRival,
  views: readonly Rows[],
  { components: k, hidden, batchSize, epochs, rate, seed }: NetsOptions,
): Generator<CodesOf | undefined> {
  const loss = deepRivals[which];
  const layers = views.map(({ cols }) => {
    const sizes = [cols, ...hidden];
    return nn.sequential([
      ...hidden.flatMap((out, at) => [nn.linear({ in: sizes[at], out }), nn.relu()]),
      nn.linear({ in: sizes[hidden.length], out: k }),
    ]);
  });
  const first = layers.map((layer, v) => nn.init(layer, ad.foldIn(ad.randomKey(seed), v)));
  const objective = (p: typeof first, batch: readonly ad.Tensor[], kept: readonly ad.Tensor[]) => {
    const [[value, after], pull] = ad.vjp((q: typeof first): [ad.Tensor, ad.Tensor[]] => {
      const codes = batch.map((x, v) => ad.cast(nn.apply(layers[v], q[v], x), 'f64'));
      const [worth, next] = loss.of(codes, kept);
      return [worth, next.map(ad.stopGradient)];
    }, p);
    const none = after.map(({ shape }) => ad.full([...shape], 0, 'f64'));
    const [gradient] = pull([ad.full([], 1, 'f64'), none]);
    return [value, gradient, after] as [ad.Tensor, typeof first, ad.Tensor[]];
  };
  const empty = views.map(({ cols }) => ad.full([batchSize, cols], 0, 'f32'));
  const start = loss.first(k);
  const keeps = start.length > 0;
  const program = ad.compile(objective).prepare(first, empty, start);
  const random = new Random(seed).split(2);
  const W = Float64Array.from(program.inputs[0].data);
  const adam = new AdamSteps(W);
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.permutation(views[0].rows);
      for (let from = 0; from + batchSize <= order.length; from += batchSize) {
        let at = 0;
        for (const { cols, values } of views) {
          for (let i = 0; i < batchSize; i++) {
            const row = order[from + i] * cols;
            program.inputs[1].data.set(values.subarray(row, row + cols), at);
            at += cols;
          }
        }
        program.run();
        adam.descend(program.outputs[1].data, rate);
        program.inputs[0].data.set(W);
        if (keeps) program.inputs[2].data.set(program.outputs[2].data);
        yield undefined;
      }
      const now = program.inputs[0].tree;
      yield (given) =>
        given.map(({ rows, cols, values }, v) =>
          Float64Array.from(nn.apply(layers[v], now[v], ad.tensor(values, { shape: [rows, cols] })).data()),
        );
    }
  } finally {
    program.free();
  }
}
