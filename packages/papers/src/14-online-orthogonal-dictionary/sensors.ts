import { matrixProduct } from '@southwell/numerics/linalg';
import { DenseMatrix, elementary } from 'southwell';
import {
  OnlineOrthogonalDictionary,
  OrthogonalDictionary,
  orthogonalDictionaryIterates,
} from 'southwell/factorisation';
import type { Cell, ExperimentContext, ExperimentEvent } from '../experiment.ts';
import type { Pause } from '../pauses.ts';
import { cosineBasis, sensorWindows } from './lab.ts';
import { learnerSeed, type Method, streamSeed } from './learner.ts';

/** A signal of drifting waves and jumps, whitened: what a fifth of the coefficients keep of windows not seen before. */
export async function* sensors(
  method: Method,
  context: ExperimentContext,
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  const n = 32;
  const count = context.size === 'full' ? 6000 : 2000;
  const raw = sensorWindows(n, count, streamSeed(context, 300));
  const half = count / 2;
  const part = (from: number) => {
    const out = DenseMatrix.create(half, n, { fill: false });
    for (let j = 0; j < n; j++) out.column(j).set(raw.column(j).subarray(from, from + half));
    return out;
  };
  const [train, test] = [part(0), part(half)];
  const { forward } = whitener(train);
  const white = (Y: DenseMatrix) => {
    const out = DenseMatrix.create(half, n, { fill: false });
    matrixProduct(Y, forward, out);
    return out;
  };
  const [Y, T] = [white(train), white(test)];
  const learner = method({ dim: n, seed: learnerSeed(context, 300) });
  for (let at = 0; at + 10 <= half; at += 10) {
    const batch = DenseMatrix.create(10, n, { fill: false });
    for (let j = 0; j < n; j++) batch.column(j).set(Y.column(j).subarray(at, at + 10));
    learner.update(batch);
    batch.free();
    await pause();
  }
  let msp: OrthogonalDictionary | undefined;
  for (const it of orthogonalDictionaryIterates(Y, { seed: learnerSeed(context, 300) })) {
    msp = it.snapshot();
    await pause();
    if (it.certificate!.relative <= 1e-8 || it.iteration >= 100) break;
  }
  const ratio = (D: DenseMatrix): number => {
    const basis = new OrthogonalDictionary(n, D.data.slice());
    const codes = basis.encode(T, { sparsity: Math.round(n / 5) });
    const back = basis.decode(codes);
    let [signal, noise] = [0, 0];
    for (let k = 0; k < T.data.length; k++) {
      signal += T.data[k] ** 2;
      noise += (T.data[k] - back.data[k]) ** 2;
    }
    for (const matrix of [codes, back, D]) matrix.free();
    return (10 * elementary.log(signal / noise)) / elementary.log(10);
  };
  const rows: Cell[][] = [
    ['Frank–Wolfe, one pass', ratio(learner.dictionary())],
    ['matching, stretching, projection', ratio(msp!.dictionary())],
    ['cosines', ratio(cosineBasis(n))],
    ['none (coordinates)', ratio(identity(n))],
  ];
  yield {
    kind: 'table',
    title: 'Sensor-like signal: windows of 32, whitened, a fifth of the coefficients',
    columns: ['basis', 'signal to noise, dB'],
    rows,
  };
  for (const matrix of [raw, train, test, forward, Y, T]) matrix.free();
}

function identity(n: number): DenseMatrix {
  const I = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) I.set(i, i, 1);
  return I;
}

/** Whitens by the second moments of the given windows. */
function whitener(Y: DenseMatrix): { forward: DenseMatrix } {
  const learner = new OnlineOrthogonalDictionary({ dim: Y.cols, init: 'identity', whiten: true });
  learner.update(Y);
  const { whitening } = learner.snapshot();
  return { forward: DenseMatrix.fromColumnMajor(whitening!.forward, Y.cols, Y.cols) };
}
