import { matrixProduct } from '@southwell/numerics/linalg';
import { DenseMatrix, Random } from 'southwell';
import { OnlineOrthogonalDictionary } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { cosineBasis, sensorWindows } from '../lab.ts';
import { type Learner, learnerSeed, libraryMethod, streamSeed } from '../learner.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { msp, polar } from '../rival.ts';

const { sizes, draws } = locked.claims.sensors;
/**
 * Windows have this length; as many are for training as for evaluation; a fifth of the coefficients are kept. The same at
 * both sizes.
 */
const { length: LENGTH, windows: WINDOWS, batch: BATCH, sweeps: SWEEPS, kept: KEPT } = sizes.quick;

/**
 * A whitened signal of drifting waves and jumps: how well a fifth of the coefficients represent unseen windows.
 */
export default experiment(record, {
  id: 'sensors',
  title: 'A sensor-like signal by a fifth of its coefficients',
  panels: [
    {
      title: 'first signal',
      x: { label: 'windows seen' },
      y: { label: 'signal to noise', unit: 'dB' },
      series: ['Frank–Wolfe, one pass'],
    },
  ],
  claims: ['sensors'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const looks = draws[context.size];
    const pause = pauses(context);
    const [own, batch, cosines]: number[][] = [[], [], []];
    const rows: Cell[][] = [];
    const fixed = cosineBasis(LENGTH);
    const beside = (other: readonly number[]) => ({
      draws: own.map((value, k) => ({ value, reference: other[k] })),
    });
    const values = () => ({ batch: beside(batch), cosines: beside(cosines) });
    for (let draw = 0; !decide.enough('sensors', draw, values); draw++) {
      yield { kind: 'progress', label: `signal ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
      const [train, test] = signal(context, draw);
      const learner = method({ dim: LENGTH, seed: learnerSeed(context, 300 + draw) });
      for (let at = 0; at < WINDOWS; at += BATCH) {
        const part = DenseMatrix.create(BATCH, LENGTH, { fill: false });
        for (let j = 0; j < LENGTH; j++) part.column(j).set(train.column(j).subarray(at, at + BATCH));
        learner.update(part);
        part.free();
        if (draw === 0 && (at + BATCH) % 300 === 0) {
          const y = [kept(test, valuesOf(learner))];
          yield { kind: 'points', panel: 'first signal', series: 'Frank–Wolfe, one pass', x: [at + BATCH], y };
        }
        await pause();
      }
      const random = new Random(learnerSeed(context, 300 + draw));
      const from = polar(
        Float64Array.from({ length: LENGTH ** 2 }, () => random.normal()),
        LENGTH,
      );
      const D = valuesOf(learner);
      own.push(kept(test, D));
      batch.push(kept(test, msp(train, from, 3, SWEEPS).D));
      cosines.push(kept(test, fixed.data));
      rows.push([draw + 1, own[draw], batch[draw], cosines[draw]]);
      if (draw === 0) {
        const image = {
          type: 'image',
          width: LENGTH,
          height: LENGTH,
          values: Array.from(D),
          x: { label: 'place in the signal', from: 1, to: LENGTH },
          y: { label: 'atom', from: 1, to: LENGTH },
        } as const;
        yield { kind: 'picture', title: 'Atoms, one a row', picture: image };
      }
      for (const matrix of [train, test]) matrix.free();
    }
    fixed.free();
    const columns = ['signal', 'Frank–Wolfe, one pass', 'matching, stretching, projection', 'cosines'];
    yield { kind: 'table', title: `Signal to noise, dB, of ${KEPT} coefficients of ${LENGTH}`, columns, rows };
    yield decide('sensors', values());
  },
});

function valuesOf(learner: Learner): Float64Array {
  const D = learner.dictionary();
  const values = D.data.slice();
  D.free();
  return values;
}

/** Windows for training and evaluation, whitened by the second moments of the former. */
function signal(context: ExperimentContext, draw: number): [DenseMatrix, DenseMatrix] {
  const raw = sensorWindows(LENGTH, 2 * WINDOWS, streamSeed(context, 300 + draw));
  const part = (from: number) => {
    const out = DenseMatrix.create(WINDOWS, LENGTH, { fill: false });
    for (let j = 0; j < LENGTH; j++) out.column(j).set(raw.column(j).subarray(from, from + WINDOWS));
    return out;
  };
  const parts = [part(0), part(WINDOWS)];
  raw.free();
  const whitener = new OnlineOrthogonalDictionary({ dim: LENGTH, init: 'identity', whiten: true });
  whitener.update(parts[0]);
  const forward = DenseMatrix.fromColumnMajor(whitener.snapshot().whitening!.forward, LENGTH, LENGTH);
  const white = parts.map((Y) => {
    const out = DenseMatrix.create(WINDOWS, LENGTH, { fill: false });
    matrixProduct(Y, forward, out);
    Y.free();
    return out;
  });
  forward.free();
  return [white[0], white[1]];
}

/** Signal-to-noise ratio in dB if each window keeps its largest coefficients in an orthogonal basis, column-major. */
function kept(Y: DenseMatrix, D: ArrayLike<number>): number {
  const n = LENGTH;
  let [signal, noise] = [0, 0];
  const sizes = new Float64Array(n);
  for (let i = 0; i < Y.rows; i++) {
    sizes.fill(0);
    for (let k = 0; k < n; k++) {
      let dot = 0;
      for (let j = 0; j < n; j++) dot += D[k * n + j] * Y.data[j * Y.rows + i];
      sizes[k] = dot * dot;
    }
    sizes.sort();
    sizes.forEach((v, k) => {
      signal += v;
      if (k < n - KEPT) noise += v;
    });
  }
  return 10 * Math.log10(signal / noise);
}
