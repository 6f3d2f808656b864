import { StagedLoss, zoBatches } from 'southwell/training';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { type Emit, streamed } from '../../streamed.ts';
import {
  accuracyOf,
  BATCH,
  backprop,
  type Digits,
  drawOf,
  flatten,
  grasp,
  loadSmallDigits,
  perceptron,
  startOf,
  stepsOf,
  trainByGradients,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { type Rival, type SparseRun, sparseUpdates, trainByValues, trainRival } from '../train.ts';

const { 'sparse-gradients': claim } = locked.claims;
const percent = (share: number) => `${Math.round(100 * share)} %`;
/** Rates of the panel by depth. */
const BY_DEPTH = { sparse: 0.3, random: 0.03 };

const length = stepsOf(claim.sizes.quick.steps, claim.sizes.full.steps);

/** Sparse updates of dense weights beside sparse and dense networks. */
export default experiment(record, {
  id: 'sparse',
  title: 'Sparse updates and sparse weights',
  panels: [
    {
      title: 'Test accuracy by queries',
      x: { label: 'values of the loss', log: true },
      y: { label: 'test accuracy' },
      series: [
        'dense',
        ...claim.sizes.full.sparsities.flatMap((sparsity) =>
          ['sparse updates', 'sparse weights', 'sparse weights, drawn', 'one mask'].map(
            (name) => `${name}, ${percent(sparsity)}`,
          ),
        ),
      ],
      control: 'dense',
    },
    {
      title: 'Test accuracy by hidden layers',
      x: { label: 'hidden layers' },
      y: { label: 'test accuracy' },
      series: ['coordinates', 'random directions'],
      control: 'random directions',
    },
  ],
  parameters: [length],
  claims: ['sparse-gradients', 'near-dense'],
  method: sparseUpdates,
  async *run(context, decide, updates) {
    const full = context.size === 'full';
    const steps = parameterValue(length, context);
    const { sparsities, interval, ...rates } = claim.sizes[context.size];
    const rivals: Readonly<Record<Rival, number>> = {
      'sparse weights': rates.weights,
      'sparse weights, drawn': rates.drawn,
      'one mask': rates.mask,
    };
    const pause = pauses(context);
    const { train, test } = await loadSmallDigits();
    const model = perceptron([16, 16]);
    const oracle = backprop(model, train);
    const tested = new StagedLoss(model, test, test.count, 'crossEntropy');
    const accuracy = (x: Float64Array) => accuracyOf(tested, test, x);
    const found = new Map<string, number[]>();
    const put = (name: string, value: number) => found.set(name, [...(found.get(name) ?? []), value]);
    const of = (name: string, sparsity: number, draw: number) => found.get(`${name}, ${percent(sparsity)}`)![draw];
    let draws = 0;
    let confirm = Number.NaN;
    /** The least advantage of sparse updates over the best of these methods, for each draw. */
    const over = (names: readonly Rival[]) => ({
      draws: Array.from({ length: draws }, (_, k) =>
        Math.min(
          ...sparsities.map((s) => of('sparse updates', s, k) - Math.max(...names.map((name) => of(name, s, k)))),
        ),
      ),
    });
    const values = () => ({
      beyond: over(['sparse weights', 'sparse weights, drawn', 'one mask']),
      gain: over(['sparse weights', 'sparse weights, drawn']),
      confirm,
    });
    const near = () => ({
      toDense: {
        draws: Array.from({ length: draws }, (_, k) => of('sparse updates', 0.9, k) - found.get('dense')![k]),
      },
    });
    const most = claim.draws[context.size][1];
    /** Curves of the first draw only. */
    const looking =
      (series: string, queries: (step: number) => number, emit: Emit) => (step: number, x: Float64Array) => {
        if (draws > 0 || step % every !== 0) return;
        emit({ kind: 'points', panel: 'Test accuracy by queries', series, x: [queries(step)], y: [accuracy(x)] });
      };
    const every = Math.ceil(steps / 12);

    const once = async (emit: Emit): Promise<void> => {
      const random = drawOf(context.seed, draws);
      const parameters = startOf(model, random.split(1));
      const start = flatten(parameters);
      const seed = random.integer(2 ** 30);
      const batches = zoBatches(train.count, BATCH, seed);
      for (const sparsity of sparsities) {
        const scored = grasp(model, train, start, sparsity, seed);
        // In place of coordinate differences, whose queries are counted: both give the same training.
        const queries = (step: number) => step * (scored.drawn.length + 1) + 1;
        const run = (name: string, rate: number): SparseRun => {
          const each = looking(`${name}, ${percent(sparsity)}`, queries, emit);
          return { oracle, start, batches, scored, seed, steps, rate, interval, each };
        };
        const own = accuracy(await updates(run('sparse updates', rates.updates), pause));
        put(`sparse updates, ${percent(sparsity)}`, own);
        for (const [name, rate] of Object.entries(rivals) as Array<[Rival, number]>) {
          put(`${name}, ${percent(sparsity)}`, accuracy(await trainRival(name, run(name, rate), pause)));
        }
        if (draws > 0 || sparsity !== 0.9) continue;
        const ratios = scored.layers.map(({ from, to, active }) => 1 - active / (to - from));
        const settings = { steps, rate: rates.updates, sparsity, seed, ratios, maskInterval: interval };
        confirm = Math.abs(accuracy((await trainByValues(model, train, parameters, settings, pause)).x) - own);
      }
      const each = looking('dense', (step) => step * (start.length + 1) + 1, emit);
      const dense = await trainByGradients(oracle, start, batches, { steps, rate: rates.dense, each }, pause);
      put('dense', accuracy(dense.x));
    };

    try {
      do {
        yield { kind: 'progress', label: `draw ${draws + 1}`, fraction: (0.8 * draws) / most };
        yield* streamed(once);
        draws++;
      } while (
        !(decide.enough('sparse-gradients', draws, values) && decide.enough('near-dense', draws, near)) &&
        draws < most
      );
      yield decide('sparse-gradients', values());
      yield decide('near-dense', near());
      const rows = [...found].map(([name, all]) => [name, all.reduce((a, b) => a + b) / all.length, all.length]);
      yield { kind: 'table', title: 'Test accuracy', columns: ['method', 'mean', 'draws'], rows };
    } finally {
      oracle.free();
      tested.free();
    }
    if (full) yield* byDepth({ train, test }, context.seed, pause);
  },
});

/**
 * Without bars: accuracy against depth with equal numbers of queries, hidden layers of 16 units; a tenth of the
 * weights, or as many directions.
 */
async function* byDepth({ train, test }: Digits, seed: number, pause: Pause) {
  const [steps, depths] = [1500, [1, 2, 4, 6]];
  const names = { coordinates: [] as number[], 'random directions': [] as number[] };
  for (const depth of depths) {
    yield { kind: 'progress', label: `${depth} hidden layers`, fraction: 0.9 } as const;
    const model = perceptron(Array.from({ length: depth }, () => 16));
    const parameters = startOf(model, drawOf(seed, 0).split(7).split(depth));
    const tested = new StagedLoss(model, test, test.count, 'crossEntropy');
    const sparse = await trainByValues(
      model,
      train,
      parameters,
      { steps, seed, rate: BY_DEPTH.sparse, sparsity: 0.9, ratios: 'uniform' },
      pause,
    );
    const directions = Math.round((sparse.queries - 1) / steps - 1);
    const random = { steps, seed, rate: BY_DEPTH.random, estimator: 'rge', directions } as const;
    const other = await trainByValues(model, train, parameters, random, pause);
    names.coordinates.push(accuracyOf(tested, test, sparse.x));
    names['random directions'].push(accuracyOf(tested, test, other.x));
    tested.free();
  }
  for (const [series, y] of Object.entries(names))
    yield { kind: 'points', panel: 'Test accuracy by hidden layers', series, x: depths, y } as const;
}
