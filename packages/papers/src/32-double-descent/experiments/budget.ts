import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { type Parameter, parameterValue } from '../../experiment.ts';
import { loadMnist } from '../../material/images.ts';
import type { Series } from '../../panels.ts';
import { pauses } from '../../pauses.ts';
import { rankCorrelation } from '../../rankCorrelation.ts';
import { at, curves, type Digits, drawDigits, heights, RATIOS, type Solvers, sweep } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** A user-controlled budget with a curve of its own, besides those of the claims. */
const slider: Parameter = {
  name: 'log-steps',
  title: 'log₁₀ of the steps T of one more curve',
  default: { quick: 4.5, full: 4.5 },
  min: 0,
  max: 9,
};

const POWERS = locked.claims.budget.sizes.quick.powers;
const nameOf = (power: number): string => `T = 10^${power}`;
const EXACT = 'exact';

/** The solvers for each budget: gradient descent in closed form, and its limit. */
const closed: Solvers = {
  ...Object.fromEntries(POWERS.map((k) => [nameOf(k), { solver: 'gd-closed', iterations: 10 ** k }])),
  [EXACT]: { solver: 'pinv' },
};

const exponent = (power: number): string => Array.from(String(power), (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
/** The smallest and the largest budgets are those that tell. */
const budgets: readonly Series[] = [
  EXACT,
  ...[5, 3, ...POWERS.filter((power) => power !== 5 && power !== 3)].map((power) => ({
    id: nameOf(power),
    name: `10${exponent(power)} steps`,
  })),
  'P = N',
  { id: 'slider, T = {steps}', name: 'steps of the slider' },
];

/**
 * Gradient descent with various numbers of steps on random features of digits, as their number grows beyond that of the
 * examples.
 */
export default experiment(record, {
  id: 'budget',
  title: 'The peak by the budget of steps',
  panels: [
    {
      title: 'Test error by the size of the model',
      x: { label: 'features over examples, P/N', log: true },
      y: { label: 'test error' },
      series: budgets,
      control: EXACT,
    },
    {
      title: 'log₁₀ of the squared loss on new digits',
      x: { label: 'features over examples, P/N', log: true },
      y: { label: 'log₁₀ of the squared loss' },
      series: budgets,
      control: EXACT,
    },
    {
      title: 'log₁₀ of the condition number',
      x: { label: 'features over examples, P/N', log: true },
      y: { label: 'log₁₀ of the condition number' },
      series: [EXACT, 'P = N'],
    },
  ],
  parameters: [slider],
  claims: ['budget', 'loss-and-height'],
  method: closed,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { examples, tests, ratios } = locked.claims.budget.sizes[context.size];
    const looks = locked.claims.budget.draws[context.size];
    const images = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], context.size === 'full' ? 250 : 100);
    const random = new Random(context.seed);
    const found: Array<Record<string, number>> = [];
    const falls = POWERS.slice(0, 2).flatMap((power) =>
      [0.5, 1].map((ratio) => ({ power, ratio, draws: [] as Array<{ value: number; reference: number }> })),
    );
    let first: { readonly digits: Digits; readonly seed: number } | undefined;
    const correlations: number[] = [];
    const rows: Array<Array<string | number>> = [];
    const draws = (of: (h: Record<string, number>) => number) => ({ draws: found.map(of) });
    const late = (power: number) => draws((h) => (h[nameOf(3)] > 0 ? 0 : h[nameOf(power)]));
    const values = () => ({
      million: late(6),
      between: late(5),
      below: draws((h) => h[nameOf(5)]),
      exact: draws((h) => h[EXACT]),
      thousand: draws((h) => h[nameOf(3)]),
      falls: falls.map(({ power, ratio, draws: of }) => ({
        label: `${nameOf(power)} and P/N = ${2 * ratio}`,
        draws: of,
      })),
    });
    const growing = [...POWERS.slice(1).map(nameOf), EXACT];
    const grown = () => ({
      grows: draws((h) => Math.min(...growing.slice(1).map((name, k) => h[name] - h[growing[k]]))),
      correlation: { draws: correlations },
    });
    for (
      let k = 0;
      !(decide.enough('budget', k, values) && decide.enough('loss-and-height', k, grown)) &&
      k < looks[looks.length - 1];
      k++
    ) {
      yield { kind: 'progress', label: `draw ${k + 1}`, fraction: k / looks[looks.length - 1] };
      const own = random.split(k);
      const digits = drawDigits(images, { examples, tests }, own);
      const seed = own.integer(2 ** 31);
      first ??= { digits, seed };
      const swept = await sweep(digits, method, ratios, seed, pause);
      // The sizes of the claim; the sweep at the end has more of them.
      if (k === 0) yield* curves('Test error by the size of the model', swept, ({ testError }) => testError);
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
        const errors = ratios.map((ratio) => at(swept, name, ratio).testError);
        const one = at(swept, name, 1);
        rows.push([k + 1, name, ...errors, found[k][name], one.trainLoss, one.testLoss, one.condition]);
      }
    }
    yield decide('budget', values());
    yield decide('loss-and-height', grown());
    const columns = ['draw', 'budget', ...ratios.map((r) => `error at ${r}`), 'height h'];
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
