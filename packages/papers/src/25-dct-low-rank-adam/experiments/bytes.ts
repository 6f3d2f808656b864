import { svd } from '@southwell/numerics/linalg';
import { dct2Rows } from '@southwell/numerics/transforms';
import { DenseMatrix, Random } from 'southwell';
import { rangesOf, selectBasisColumns, stateBytes, type TrainingOptimiser, trion } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import {
  ending,
  fullAdam,
  libraryMethod,
  lowRank,
  type Made,
  settings,
  stepper,
  steps,
  type Trainer,
  trainer,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'loss against bytes of state';
const RATE = 1e-2;
const { sizes } = locked.claims.time;

/** The state of the projected matrices, and its cost in loss; the time for selecting vectors. */
export default experiment(record, {
  id: 'bytes',
  title: 'Loss against what is kept',
  panels: [
    {
      title: PANEL,
      x: { label: 'bytes of state of the matrices in blocks', log: true },
      y: { label: 'mean of the last 30 losses', unit: 'nats a character' },
      series: ['DCT-AdamW', 'singular vectors', 'error feedback of 4 bits', 'AdamW', 'Trion'],
      control: 'AdamW',
    },
  ],
  parameters: [steps],
  timed: true,
  claims: ['memory', 'time'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { side, vectors } = sizes[context.size];
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const { rank, width } = settings[context.size];
    yield { kind: 'progress', label: `steps of a matrix of ${side} × ${side}`, fraction: 0.05 };
    const times = await stepTimes(method, context.seed, sizes[context.size], pause);
    const net = trainer(characters, context, 0, pause);
    try {
      const share = bytesOf(net, lowRank(method, rank)) / bytesOf(net, fullAdam);
      yield decide('memory', { share });
      yield decide('time', { ratio: times.cosines / times.singular });
      const rows: Cell[][] = [];
      const ranks = [width / 16, width / 8, width / 4, width / 2];
      const kinds: Readonly<Record<string, (r: number) => Made>> = {
        'DCT-AdamW': (r) => lowRank(method, r),
        'singular vectors': (r) => lowRank(method, r, { subspace: 'svd' }),
        'error feedback of 4 bits': (r) => lowRank(method, r, { errorFeedback: 4 }),
      };
      const measured = async (name: string, r: number | string, made: Made, rate = RATE) => {
        const losses = await net.train(stepper(made(schedule(rate, length))), length);
        const found = { bytes: bytesOf(net, made), loss: ending(losses, length) };
        rows.push([name, r, found.bytes, found.loss]);
        return found;
      };
      for (const [name, of] of Object.entries(kinds)) {
        for (const r of ranks) {
          yield { kind: 'progress', label: `${name}, ${r} vectors`, fraction: 0.1 + (0.8 * rows.length) / 12 };
          const { bytes, loss } = await measured(name, r, of(r));
          yield { kind: 'points', panel: PANEL, series: name, x: [bytes], y: [loss] };
        }
      }
      const adam = await measured('AdamW', 'all', fullAdam);
      yield { kind: 'points', panel: PANEL, series: 'AdamW', x: [adam.bytes], y: [adam.loss] };
      const low = await measured('Trion', rank, (rate) => trion({ rate, rank, others: { rateFactor: 0.3 } }), 0.02);
      yield { kind: 'points', panel: PANEL, series: 'Trion', x: [low.bytes], y: [low.loss] };
      const columns = ['optimiser', 'vectors', 'bytes', 'loss'];
      yield {
        kind: 'table',
        title: `Bytes of state of matrices in blocks, and loss at a rate of ${RATE}`,
        columns,
        rows,
      };
    } finally {
      net.free();
    }
    yield {
      kind: 'table',
      title: `Milliseconds, ${side} × ${side}, ${vectors} vectors, medians`,
      columns: ['what', 'time'],
      rows: [
        ['step of AdamW', times.adamW],
        ['step with the first cosines', times.first],
        ['step of DCT-AdamW', times.cosines],
        ['step with singular vectors', times.singular],
        ['choice of cosines by Fourier transforms, alone', times.choice],
        ['cosine transform of all rows, alone', times.transform],
        ['singular value decomposition, alone', times.decomposition],
      ],
    };
  },
});

/** Bytes of the state for the matrices with low rank, excluding embedding tables, norms and the head. */
function bytesOf({ ranges }: Trainer, made: Made): number {
  const own = (frozen: (matrix: boolean) => boolean): number => {
    const marked = ranges.map((range) => ({ ...range, frozen: frozen(range.orthogonal! && range.shape!.length > 1) }));
    const state = made((t) => t).init(new Float32Array(ranges[ranges.length - 1].to), marked);
    const bytes = stateBytes(state);
    state.free();
    return bytes;
  };
  // Without the two powers of the decay rates, which all have.
  return own((matrix) => !matrix) - own(() => true);
}

/** Milliseconds per step for one matrix, and for the selection alone: medians. */
async function stepTimes(
  method: typeof libraryMethod,
  seed: number,
  { side, vectors: rank, repeats }: { readonly side: number; readonly vectors: number; readonly repeats: number },
  pause: () => Promise<void>,
) {
  const random = new Random(seed);
  const x = Float32Array.from({ length: side * side }, () => random.normal());
  const g = Float32Array.from({ length: side * side }, () => random.normal());
  const G = DenseMatrix.fromColumnMajor(Float64Array.from(g), side, side);
  const median = async (f: () => unknown): Promise<number> => {
    const times: number[] = [];
    // The first one builds tables.
    for (let k = 0; k <= repeats; k++) {
      const started = performance.now();
      f();
      if (k > 0) times.push(performance.now() - started);
      await pause();
    }
    return times.sort((a, b) => a - b)[Math.floor(repeats / 2)];
  };
  const stepOf = async (optimiser: TrainingOptimiser): Promise<number> => {
    const state = optimiser.init(x, rangesOf([[side, side]]));
    const found = await median(() => optimiser.step(state, x, g, 1e-3));
    state.free();
    return found;
  };
  const of = (made: Made) => stepOf(made((t) => t));
  const own = Float64Array.from(g);
  return {
    adamW: await of(fullAdam),
    first: await of(lowRank(method, rank, { subspace: 'first' })),
    cosines: await of(lowRank(method, rank)),
    singular: await of(lowRank(method, rank, { subspace: 'svd' })),
    choice: await median(() => selectBasisColumns(G, rank, { norm: 'l1' })),
    transform: await median(() => dct2Rows(own, side)),
    decomposition: await median(() => svd(G)),
  };
}
