import * as ad from '@southwell/autodiff';
import type { Images } from '../material/images.ts';
import type { Trained } from './lab.ts';

export interface Layout {
  readonly hidden: number;
  /** Images in a batch. */
  readonly batch: number;
  readonly seed: number;
}

/** A network with one hidden layer on images with grey values up to `white`, initialised by a seed. */
export function network({ X, labels }: Images, white: number, { hidden, batch: batchSize, seed }: Layout): Trained {
  const [n, pixels] = [X.rows, X.cols];
  const inputs = Float32Array.from({ length: n * pixels }, (_, k) => X.get(Math.floor(k / pixels), k % pixels) / white);
  const key = ad.randomKey(seed);
  const matrix = (k: number, rows: number, cols: number) =>
    ad.mul(ad.randomNormal(ad.foldIn(key, k), [rows, cols], 'f32'), 1 / Math.sqrt(rows));
  const start = {
    first: { w: matrix(0, pixels, hidden), b: ad.full([hidden], 0, 'f32') },
    second: { w: matrix(1, hidden, 10), b: ad.full([10], 0, 'f32') },
  };
  const loss = (p: typeof start, x: ad.Tensor, wanted: ad.Tensor) => {
    const scores = ad.linear(ad.linear(x, p.first.w, p.first.b, 'tanh'), p.second.w, p.second.b);
    return ad.mean(ad.sub(ad.logsumexp(scores, 1), ad.sum(ad.mul(scores, wanted), 1)));
  };
  const empty = (rows: number, cols: number) => ad.full([rows, cols], 0, 'f32');
  const program = ad.compile(ad.valueAndGrad(loss)).prepare(start, empty(batchSize, pixels), empty(batchSize, 10));
  const first = (program.inputs[0].data as Float32Array).slice();
  const evaluate = (batch: ArrayLike<number>): number => {
    const [x, wanted] = [program.inputs[1].data, program.inputs[2].data];
    wanted.fill(0);
    for (let row = 0; row < batchSize; row++) {
      const i = batch[row];
      x.set(inputs.subarray(pixels * i, pixels * (i + 1)), pixels * row);
      wanted[10 * row + labels[i]] = 1;
    }
    program.run();
    return program.outputs[0].data[0];
  };
  const batches = Array.from({ length: Math.floor(n / batchSize) }, (_, k) =>
    Int32Array.from({ length: batchSize }, (__, row) => k * batchSize + row),
  );
  return {
    examples: n,
    get parameters() {
      return program.inputs[0].data as Float32Array;
    },
    get gradient() {
      return program.outputs[1].data as Float32Array;
    },
    evaluate,
    begin: () => program.inputs[0].data.set(first),
    whole(parameters) {
      if (parameters) program.inputs[0].data.set(parameters);
      return batches.reduce((sum, batch) => sum + evaluate(batch), 0) / batches.length;
    },
  };
}

/** A network that is trained on its own images and judged by its loss on those of another, with the same layout. */
export const heldOut = (own: Trained, other: Trained): Trained => ({
  examples: own.examples,
  get parameters() {
    return own.parameters;
  },
  get gradient() {
    return own.gradient;
  },
  evaluate: (batch) => own.evaluate(batch),
  begin: () => own.begin(),
  whole: (parameters = own.parameters) => other.whole(parameters),
});
