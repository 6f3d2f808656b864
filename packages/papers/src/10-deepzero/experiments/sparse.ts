import type { Random } from 'southwell';
import { StagedLoss, type ZoTrainOptions } from 'southwell/training';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import {
  accuracyOf,
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
import { record } from '../record.ts';
import { trainByValues } from '../train.ts';

const sparsities = [0.9, 0.95] as const;
const RATE = { dense: 0.1, sparse: 0.3, random: 0.03 };
const percent = (share: number) => `${Math.round(100 * share)} %`;

const length = stepsOf(600, 3000);

/** How the sparse run estimates its gradients: by the library, or a control. */
export type Updates = Pick<ZoTrainOptions, 'estimator' | 'directions' | 'maskInterval'>;

/** Sparse updates of dense weights, by loss values, beside sparse and dense networks by gradients. */
export default experiment(record, {
  id: 'sparse',
  title: 'Sparse updates and sparse weights',
  axes: { x: 'values of the loss', y: 'test accuracy', logX: true, logY: false },
  parameters: [length],
  claims: ['sparse-gradients'],
  method: { estimator: 'cge', maskInterval: 20 } as Updates,
  async *run(context, decide, updates) {
    const full = context.size === 'full';
    const steps = parameterValue(length, context);
    const pause = pauses(context);
    const { train, test } = await loadSmallDigits();
    const model = perceptron([16, 16]);
    const oracle = backprop(model, train);
    const tested = new StagedLoss(model, test, test.count, 'crossEntropy');
    const accuracy = (x: Float64Array) => accuracyOf(tested, test, x);
    const found = new Map<string, number[]>();
    const put = (name: string, value: number) => found.set(name, [...(found.get(name) ?? []), value]);
    const beside = (name: string, other: string) =>
      found.get(name)!.map((value, k) => ({ value, reference: found.get(other)![k] }));
    const values = () => ({
      gain: sparsities.map((s) => ({
        label: percent(s),
        draws: beside(`sparse updates, ${percent(s)}`, `sparse weights, ${percent(s)}`),
      })),
      ...(full && { toDense: { draws: beside(`sparse updates, ${percent(0.9)}`, 'dense') } }),
    });
    const most = Math.max(...record.claims[2].draws[context.size]);
    const curves = new Map<string, [number, number][]>();
    /** Curves of the first draw only. */
    const looking = (name: string, draw: number) => (queries: number, x: Float64Array) => {
      if (draw === 0) curves.set(name, [...(curves.get(name) ?? []), [queries, accuracy(x)]]);
    };
    const every = Math.ceil(steps / 12);

    const once = async (draw: number): Promise<void> => {
      const random = drawOf(context.seed, draw);
      const parameters = startOf(model, random.split(1));
      const start = flatten(parameters);
      const seed = random.integer(2 ** 30);
      const byGradients = async (name: string, batches: (step: number) => Int32Array, weights?: Int32Array) => {
        // In place of coordinate differences, whose queries are counted: both give the same training.
        const queries = (step: number) => step * ((weights?.length ?? start.length) + 1) + 1;
        const look = looking(name, draw);
        const each = (step: number, x: Float64Array) => step % every === 0 && look(queries(step), x);
        const run = { rate: RATE.dense, steps, weights, each };
        const { x } = await trainByGradients(oracle, start, batches, run, pause);
        put(name, accuracy(x));
      };
      for (const sparsity of sparsities) {
        const name = `sparse updates, ${percent(sparsity)}`;
        const sparse = `sparse weights, ${percent(sparsity)}`;
        const scored = grasp(model, train, start, sparsity, seed);
        const settings = { steps, rate: RATE.sparse, sparsity, seed, look: { every, at: looking(name, draw) } };
        const ratios = scored.layers.map(({ from, to, active }) => 1 - active / (to - from));
        const { x, batches } = await trainByValues(
          model,
          train,
          parameters,
          { ...settings, ...updates, ratios },
          pause,
        );
        put(name, accuracy(x));
        await byGradients(sparse, batches, scored.mask);
        if (full) await byGradients(`${sparse}, drawn`, batches, scored.drawn);
        // At quick size only for the chart.
        if (sparsity === 0.9 && (full || draw === 0)) await byGradients('dense', batches);
      }
    };

    try {
      let draw = 0;
      do {
        yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: (0.8 * draw) / most };
        await once(draw);
        draw++;
      } while (!decide.enough('sparse-gradients', draw, values));
      yield decide('sparse-gradients', values());
      yield { kind: 'progress', label: 'random directions', fraction: 0.85 };
      await rest(drawOf(context.seed, 0));
      for (const [series, points] of curves) {
        const [x, y] = [points.map(([q]) => q), points.map(([, a]) => a)];
        yield { kind: 'points', panel: 'Test accuracy by queries', series, x, y };
      }
      const rows = [...found].map(([name, all]) => [name, all.reduce((a, b) => a + b) / all.length, all.length]);
      yield { kind: 'table', title: 'Test accuracy', columns: ['method', 'mean', 'draws'], rows };
    } finally {
      oracle.free();
      tested.free();
    }
    if (full) yield* byDepth({ train, test }, context.seed, pause);

    /** Without bars: other uses of the same number of queries, on the first draw. */
    async function rest(random: Random): Promise<void> {
      const parameters = startOf(model, random.split(1));
      const directions = Math.round(0.1 * oracle.size);
      const name = 'random directions, q = 0.1 d';
      // At quick size a third of the steps, since these need full passes.
      const own = full ? steps : Math.ceil(steps / 3);
      const settings = { estimator: 'rge', directions, rate: RATE.random, steps: own, seed: 1 } as const;
      const look = { every: Math.ceil(own / 12), at: looking(name, 0) };
      const { x } = await trainByValues(model, train, parameters, { ...settings, look }, pause);
      put(name, accuracy(x));
    }
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
      { steps, seed, rate: RATE.sparse, sparsity: 0.9, ratios: 'uniform' },
      pause,
    );
    const directions = Math.round((sparse.queries - 1) / steps - 1);
    const random = { steps, seed, rate: RATE.random, estimator: 'rge', directions } as const;
    const other = await trainByValues(model, train, parameters, random, pause);
    names.coordinates.push(accuracyOf(tested, test, sparse.x));
    names['random directions'].push(accuracyOf(tested, test, other.x));
    tested.free();
  }
  for (const [series, y] of Object.entries(names))
    yield { kind: 'points', panel: 'Test accuracy by hidden layers', series, x: depths, y } as const;
}
