import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { type Parameter, parameterValue } from '../../experiment.ts';
import { loadMnist } from '../../material/images.ts';
import { pauses } from '../../pauses.ts';
import { rankCorrelation } from '../../rankCorrelation.ts';
import { AROUND, at, curves, type Digits, drawDigits, heights, RATIOS, type Solvers, sweep } from '../lab.ts';
import { record } from '../record.ts';

/** A user-controlled budget with a curve of its own, besides those of the claims. */
const slider: Parameter = {
  name: 'log-steps',
  title: 'log₁₀ of the steps T of one more curve',
  default: { quick: 4.5, full: 4.5 },
  min: 0,
  max: 9,
};

const POWERS = [2, 3, 4, 5, 6];
const nameOf = (power: number): string => `T = 10^${power}`;
const EXACT = 'exact';

/** The solvers for each budget: gradient descent in closed form, and its limit. */
const closed: Solvers = {
  ...Object.fromEntries(POWERS.map((k) => [nameOf(k), { solver: 'gd-closed', iterations: 10 ** k }])),
  [EXACT]: { solver: 'pinv' },
};

/**
 * Gradient descent with various numbers of steps on random features of digits, as their number grows beyond that of the
 * examples.
 */
export default experiment(record, {
  id: 'budget',
  title: 'The peak by the budget of steps',
  axes: { x: 'features over examples, P/N', y: 'test error, or as the title says', logY: false, logX: true },
  parameters: [slider],
  claims: ['budget'],
  method: closed,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const images = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], full ? 250 : 100);
    const random = new Random(context.seed);
    const found: Array<Record<string, number>> = [];
    const falls = POWERS.slice(0, 2).flatMap((power) =>
      [0.5, 1].map((ratio) => ({ power, ratio, draws: [] as Array<{ value: number; reference: number }> })),
    );
    let first: { readonly digits: Digits; readonly seed: number } | undefined;
    const correlations: number[] = [];
    const rows: Array<Array<string | number>> = [];
    const draws = (name: string) => ({ draws: found.map((h) => h[name]) });
    const values = () => ({
      exact: draws(EXACT),
      thousand: draws(nameOf(3)),
      ...(full && {
        million: draws(nameOf(6)),
        between: draws(nameOf(5)),
        falls: falls.map(({ power, ratio, draws: of }) => ({
          label: `${nameOf(power)} and P/N = ${2 * ratio}`,
          draws: of,
        })),
        grows: POWERS.slice(1).map((k, i, all) => {
          const [from, to] = [nameOf(k), i + 1 < all.length ? nameOf(k + 1) : EXACT];
          return { label: to, draws: found.map((h) => ({ value: h[to], reference: h[from] })) };
        }),
        correlation: { draws: correlations },
      }),
    });
    for (let k = 0; !decide.enough('budget', k, values); k++) {
      yield { kind: 'progress', label: `draw ${k + 1}`, fraction: k / (full ? 20 : 8) };
      const own = random.split(k);
      const digits = drawDigits(images, full ? 2004 : 500, own);
      const seed = own.integer(2 ** 31);
      first ??= { digits, seed };
      const swept = await sweep(digits, method, AROUND, seed, pause);
      found.push(heights(swept));
      for (const { power, ratio, draws: of } of falls) {
        const error = (r: number) => at(swept, nameOf(power), r).testError;
        of.push({ value: error(2 * ratio), reference: error(ratio) });
      }
      const names = Object.keys(method);
      const losses = names.map((name) => Math.log10(at(swept, name, 1).trainLoss));
      correlations.push(
        rankCorrelation(
          losses,
          names.map((name) => found[k][name]),
        ),
      );
      for (const name of names) {
        const errors = AROUND.map((ratio) => at(swept, name, ratio).testError);
        const one = at(swept, name, 1);
        rows.push([k + 1, name, ...errors, found[k][name], one.trainLoss, one.testLoss, one.condition]);
      }
    }
    yield decide('budget', values());
    const columns = ['draw', 'budget', ...AROUND.map((r) => `error at ${r}`), 'height h'];
    yield {
      kind: 'table',
      title: 'Test error, and losses and condition number at P = N',
      columns: [...columns, 'training loss', 'test loss', 'condition'],
      rows,
    };
    const { digits, seed } = first!;
    const steps = Math.round(10 ** parameterValue(slider, context));
    yield { kind: 'progress', label: 'whole curves', fraction: 0.9 };
    const own: Solvers = { [`slider, T = ${steps}`]: { solver: 'gd-closed', iterations: steps } };
    const whole = await sweep(digits, { ...method, ...own }, RATIOS, seed, pause);
    yield* curves('Test error by the size of the model', whole, ({ testError }) => testError);
    yield* curves('log₁₀ of the squared loss on new digits', whole, ({ testLoss }) => Math.log10(testLoss));
    const exact = new Map([[EXACT, whole.get(EXACT)!]]);
    yield* curves('log₁₀ of the condition number', exact, ({ condition }) => Math.log10(condition));
  },
});
