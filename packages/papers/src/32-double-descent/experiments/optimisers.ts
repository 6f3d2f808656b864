import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { loadMnist } from '../../material/images.ts';
import { pauses } from '../../pauses.ts';
import {
  at,
  curves,
  drawDigits,
  heights,
  type Reached,
  type Solvers,
  type Swept,
  stoppedEarly,
  sweep,
  wrongSide,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { full: most } = locked.claims.optimisers.sizes;
const { steps: iterations, batch } = most;

/** By name; all take the same number of steps, and all are run. */
export const optimisers: Solvers = {
  ...Object.fromEntries(most.rates.map((rate) => [nameOf(rate), { solver: 'gd', iterations, rate }])),
  [`SGD, batches of ${batch}`]: { solver: 'sgd', iterations, rate: most.batchRate, batchSize: batch },
  ...Object.fromEntries(
    most.momenta.map((momentum) => [`momentum ${momentum}`, { solver: 'momentum', iterations, momentum }]),
  ),
  ...Object.fromEntries(most.adamRates.map((rate) => [`Adam ${rate}`, { solver: 'adam', iterations, rate }])),
};
function nameOf(rate: number): string {
  return rate === 1 ? 'GD' : `GD, rate ${rate}/L`;
}
const [MOST] = most.momenta.slice(-1);
const EARLY = ['momentum 0.99', 'Adam 0.001'];
const FAST = ['momentum 0.99', 'Adam 0.001'];
const SLOW = ['GD', `SGD, batches of ${batch}`];
const BY_MOMENTUM = ['GD', 'momentum 0.9', 'momentum 0.99'];

/** Optimisers with one budget of steps, on random features of digits around P = N. */
export default experiment(record, {
  id: 'optimisers',
  title: 'The peak by the optimiser, after 2000 steps',
  panels: [
    {
      title: 'Test error by the size of the model',
      x: { label: 'features over examples, P/N', log: true },
      y: { label: 'test error' },
      series: [...Object.keys(optimisers), 'P = N'],
      control: 'GD',
    },
    {
      title: 'log₁₀ of the training loss',
      x: { label: 'features over examples, P/N', log: true },
      y: { label: 'log₁₀ of the training loss' },
      series: [...Object.keys(optimisers), 'P = N'],
      control: 'GD',
    },
  ],
  claims: ['optimisers', 'if-and-only-if'],
  method: optimisers,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const sizes = locked.claims.optimisers.sizes[context.size];
    const { ratios } = sizes;
    const looks = locked.claims.optimisers.draws[context.size];
    const left = [...most.rates, ...most.adamRates].filter(
      (rate) => ![...sizes.rates, ...sizes.adamRates].includes(rate),
    );
    const solvers = Object.fromEntries(
      Object.entries(method).filter(([name]) => !left.some((rate) => name === nameOf(rate) || name === `Adam ${rate}`)),
    );
    const images = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], context.size === 'full' ? 250 : 100);
    const random = new Random(context.seed);
    let first: Swept | undefined;
    const found: Array<Readonly<Record<string, Reached>>> = [];
    const starts: Array<{ value: number; reference: number }> = [];
    const rows: Array<Array<string | number>> = [];
    const of = (names: readonly string[], h: (typeof found)[number]) => names.map((name) => h[name]);
    const largest = (values: readonly number[]) => Math.max(...values);
    const least = (values: readonly number[]) => Math.min(...values);
    const labelled = (names: readonly string[]) =>
      names.map((label) => ({ label, draws: found.map((h) => h[label].height) }));
    const apart = (h: (typeof found)[number]) => {
      const [fast, slow] = [of(FAST, h), of(SLOW, h)];
      if (largest(fast.map(({ loss }) => loss)) >= least(slow.map(({ loss }) => loss))) return 0;
      return least(fast.map(({ height }) => height)) - largest(slow.map(({ height }) => height));
    };
    const values = () => ({
      apart: { draws: found.map(apart) },
      order: {
        draws: found.map((h) => {
          const [plain, some, more] = of(BY_MOMENTUM, h).map(({ height }) => height);
          return least([some - plain, more - some]);
        }),
      },
      none: labelled(SLOW),
      peak: labelled(FAST),
      start: 'startRatio' in sizes ? { draws: starts } : undefined,
    });
    const sides = (all: (name: string) => boolean) => ({
      draws: found.map((h) =>
        wrongSide(
          Object.entries(h).flatMap(([name, reached]) => (all(name) ? reached : [])),
          sizes.peak,
        ),
      ),
    });
    const threshold = () => ({
      wrong: sides(() => true),
      without: sides((name) => name !== `momentum ${MOST}`),
    });
    for (
      let k = 0;
      !(decide.enough('optimisers', k, values) && decide.enough('if-and-only-if', k, threshold)) &&
      k < looks[looks.length - 1];
      k++
    ) {
      yield { kind: 'progress', label: `draw ${k + 1}`, fraction: k / looks[looks.length - 1] };
      const own = random.split(k);
      const digits = drawDigits(images, sizes, own);
      const seed = own.integer(2 ** 31);
      const swept = new Map(await sweep(digits, solvers, ratios, seed, pause));
      for (const name of EARLY) {
        swept.set(`${name}, stopped`, await stoppedEarly(digits, method[name], sizes.stops, ratios, seed, pause));
      }
      first ??= swept;
      const tall = heights(swept);
      found.push(
        Object.fromEntries(
          [...swept.keys()].map((name) => [name, { loss: at(swept, name, 1).trainLoss, height: tall[name] }]),
        ),
      );
      if ('startRatio' in sizes) {
        const { startRatio, startScale } = sizes;
        const both = { zero: method.GD, large: { ...method.GD, startScale } };
        const far = await sweep(digits, both, [startRatio], seed, pause);
        starts.push({
          value: at(far, 'large', startRatio).testError,
          reference: at(far, 'zero', startRatio).testError,
        });
      }
      for (const name of swept.keys()) {
        const errors = ratios.map((ratio) => at(swept, name, ratio).testError);
        rows.push([k + 1, name, ...errors, tall[name], at(swept, name, 1).trainLoss]);
      }
    }
    yield decide('optimisers', values());
    yield decide('if-and-only-if', threshold());
    const columns = ['draw', 'optimiser', ...ratios.map((r) => `error at ${r}`), 'height h', 'training loss at P = N'];
    yield { kind: 'table', title: 'Test errors after 2000 steps, or when stopped', columns, rows };
    yield* curves('Test error by the size of the model', first!, ({ testError }) => testError);
    yield* curves('log₁₀ of the training loss', first!, ({ trainLoss }) => Math.log10(trainLoss));
  },
});
