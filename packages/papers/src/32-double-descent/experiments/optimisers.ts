import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { loadMnist } from '../../material/images.ts';
import { pauses } from '../../pauses.ts';
import { AROUND, at, curves, type Digits, drawDigits, heights, type Solvers, type Swept, sweep } from '../lab.ts';
import { record } from '../record.ts';

const STEPS = 2000;
const AROUND_FAR = [0.25, ...AROUND, 4];
const closed = { solver: 'gd-closed', iterations: STEPS } as const;

/** By name; all take the same number of steps. Those with momentum are computed in closed form. */
export const optimisers = {
  GD: closed,
  'GD, rate 0.1/L': { ...closed, rate: 0.1 },
  'momentum 0.9': { ...closed, momentum: 0.9 },
  'momentum 0.99': { ...closed, momentum: 0.99 },
  'momentum 0.999': { ...closed, momentum: 0.999 },
  'large start': { ...closed, startScale: 1 },
  'SGD, batches of 20': { solver: 'sgd', iterations: STEPS, rate: 0.2, batchSize: 20 },
  'Adam 0.001': { solver: 'adam', iterations: STEPS, rate: 1e-3 },
  'Adam 0.01': { solver: 'adam', iterations: STEPS, rate: 1e-2 },
} as const satisfies Solvers;
type Name = keyof typeof optimisers;
const quickNames: readonly Name[] = ['GD', 'GD, rate 0.1/L', 'momentum 0.9', 'momentum 0.99', 'momentum 0.999'];

/** Optimisers with one budget of steps, on random features of digits around P = N. */
export default experiment(record, {
  id: 'optimisers',
  title: 'The peak by the optimiser, after 2000 steps',
  axes: { x: 'features over examples, P/N', y: 'test error, or as the title says', logY: false, logX: true },
  claims: ['optimisers'],
  method: optimisers as Readonly<Record<Name, Solvers[string]>>,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const images = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], full ? 250 : 100);
    const random = new Random(context.seed);
    let first: { readonly digits: Digits; readonly seed: number; readonly swept: Swept } | undefined;
    const found: Array<Record<string, number>> = [];
    const starts: Array<{ value: number; reference: number }> = [];
    const rows: Array<Array<string | number>> = [];
    const group = (name: Name, beside?: Name) => ({
      label: name,
      draws: found.map((h) => (beside ? { value: h[name], reference: h[beside] } : h[name])),
    });
    const values = () => ({
      none: (full ? (['GD', 'SGD, batches of 20'] as const) : (['GD'] as const)).map((name) => group(name)),
      peak: (full ? (['momentum 0.99', 'Adam 0.001'] as const) : (['momentum 0.99'] as const)).map((name) =>
        group(name),
      ),
      ...(full && {
        order: [group('momentum 0.9', 'GD'), group('momentum 0.99', 'momentum 0.9')],
        start: { draws: starts },
      }),
    });
    const solvers = full ? method : Object.fromEntries(quickNames.map((name) => [name, method[name]]));
    for (let k = 0; !decide.enough('optimisers', k, values); k++) {
      yield { kind: 'progress', label: `draw ${k + 1}`, fraction: k / (full ? 16 : 8) };
      const own = random.split(k);
      const digits = drawDigits(images, full ? 2004 : 500, own);
      const seed = own.integer(2 ** 31);
      const swept = await sweep(digits, solvers, full ? AROUND_FAR : AROUND, seed, pause);
      first ??= { digits, seed, swept };
      found.push(heights(swept));
      if (full) {
        starts.push({ value: at(swept, 'large start', 4).testError, reference: at(swept, 'GD', 4).testError });
      }
      for (const name of Object.keys(solvers)) {
        const errors = AROUND.map((ratio) => at(swept, name, ratio).testError);
        rows.push([k + 1, name, ...errors, found[k][name], at(swept, name, 1).trainLoss]);
      }
    }
    yield decide('optimisers', values());
    const columns = ['draw', 'optimiser', ...AROUND.map((r) => `error at ${r}`), 'height h', 'training loss at P = N'];
    yield { kind: 'table', title: 'Test errors after 2000 steps', columns, rows };
    // At quick size the slow ones are run once, for few sizes, only for the picture.
    const { digits, seed, swept } = first!;
    yield { kind: 'progress', label: 'curves', fraction: 0.8 };
    const rest = Object.fromEntries(Object.entries(method).filter(([name]) => !(name in solvers)));
    const whole: Swept = full
      ? swept
      : new Map([
          ...(await sweep(digits, solvers, AROUND_FAR, seed, pause)),
          ...(await sweep(digits, rest, AROUND, seed, pause)),
        ]);
    yield* curves('Test error by the size of the model', whole, ({ testError }) => testError);
    yield* curves('log₁₀ of the training loss', whole, ({ trainLoss }) => Math.log10(trainLoss));
  },
});
