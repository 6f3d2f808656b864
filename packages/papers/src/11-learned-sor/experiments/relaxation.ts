import { Random } from '@southwell/numerics/core';
import { sor } from '@southwell/numerics/iterative';
import { experiment } from '../../define.ts';
import { type Cell, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { beta } from '../beta.ts';
import {
  drawSeed,
  LEARNERS,
  laplacian,
  learnerNames,
  libraryTuning,
  type Range,
  rescaled,
  truncatedNormal,
  tunerOf,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['near-best-fixed'];
/** Shifts start at −0.15: below −0.162 the matrix would not be definite. */
const RANGE: Range = [-0.15, 0.45];
const TOL = 1e-8;
const VARIANCES = ['low', 'high'] as const;

const systems: Parameter = {
  name: 'systems',
  title: 'Systems of a sequence',
  default: { quick: sizes.quick.systems, full: sizes.full.systems },
  min: 100,
  max: 50_000,
  integer: true,
};

/** Over-relaxation for a sequence of shifted Laplacians: fixed parameters, learners, and the optimum of each system. */
export default experiment(record, {
  id: 'relaxation',
  title: 'Over-relaxation of shifted Laplacians',
  panels: [
    {
      title: '{low or high} variance',
      x: { label: 'systems' },
      y: { label: 'iterations a system so far', log: true },
      series: [...sizes.full.fixed.map((omega) => `ω = ${omega}`), ...learnerNames, 'ω*(c)'],
      control: 'ω*(c)',
    },
  ],
  parameters: [systems],
  claims: ['near-best-fixed', 'context'],
  method: libraryTuning,
  async *run(context, decide, tuning) {
    const { side, fixed, bins, low, high } = sizes[context.size];
    const shapes = { low, high };
    const pause = pauses(context);
    const T = parameterValue(systems, context);
    const S = laplacian(side);
    const { A, set } = rescaled(S);
    const policies = [...fixed.map((omega) => `ω = ${omega}`), ...learnerNames, 'ω*(c)'];
    /** For each variance: ratios by draw, by name. */
    const ratios: Record<(typeof VARIANCES)[number], Record<string, number[]>> = { low: {}, high: {} };
    const rows: Cell[][] = [];
    const most = Math.max(...record.claims[0].draws[context.size]);
    const each = (name: string) =>
      VARIANCES.map((label) => ({ label: `${label} variance`, draws: ratios[label][name] }));
    const near = () => ({
      low: { draws: ratios.low['Tsallis-INF'] },
      high: { draws: ratios.high['Tsallis-INF'] },
      later: each('later'),
    });
    const seeing = () => ({
      low: { draws: ratios.low.ChebCB },
      high: { draws: ratios.high.ChebCB },
      optimum: each('optimum'),
    });
    let draw = 0;
    let [nearDecided, seeingDecided] = [false, false];
    do {
      for (const variance of VARIANCES) {
        const random = new Random(drawSeed(context, draw)).split(variance === 'low' ? 1 : 2);
        const tuners = learnerNames.map((name, i) =>
          tunerOf(tuning, name, RANGE, bins, drawSeed(context, draw) + 100 * i),
        );
        const totals = policies.map(() => 0);
        const halves = [0, 0];
        for (let t = 0; t < T; t++) {
          const c = RANGE[0] + 0.6 * beta(shapes[variance], random);
          set(1, c);
          const b = truncatedNormal(S.rows, random);
          const cost = (omega: number) => sor(A, b, { omega, tol: TOL }).count;
          fixed.forEach((omega, i) => {
            totals[i] += cost(omega);
          });
          tuners.forEach((tuner, i) => {
            const spent = cost(tuner.choose(c).value);
            tuner.report(spent);
            totals[fixed.length + i] += spent;
            if (i === 0) halves[2 * t < T ? 0 : 1] += spent;
          });
          // The spectral radius of Jacobi's method.
          const jacobi = (4 * Math.cos(Math.PI / (side + 1))) / (4 + c);
          totals[policies.length - 1] += cost(1 + (jacobi / (1 + Math.sqrt(1 - jacobi * jacobi))) ** 2);
          if (t % 20 === 19) await pause();
          if (draw > 0 || (t + 1) % Math.ceil(T / 50) !== 0) continue;
          for (const [i, series] of policies.entries()) {
            yield { kind: 'points', panel: `${variance} variance`, series, x: [t + 1], y: [totals[i] / (t + 1)] };
          }
          const part = (draw + (variance === 'low' ? 0 : 0.5) + (0.5 * t) / T) / most;
          yield { kind: 'progress', label: `${variance} variance, draw ${draw + 1}`, fraction: part };
        }
        const best = Math.min(...totals.slice(0, fixed.length));
        const of = (name: string) => totals[policies.indexOf(name)];
        const push = (name: string, value: number) => {
          ratios[variance][name] = [...(ratios[variance][name] ?? []), value];
        };
        for (const name of Object.keys(LEARNERS)) push(name, of(name) / best);
        push('optimum', of('ChebCB') / of('ω*(c)'));
        push('later', halves[1] / halves[0]);
        for (const [i, name] of policies.entries())
          rows.push([variance, draw + 1, name, totals[i] / T, totals[i] / best]);
      }
      draw++;
      nearDecided = decide.enough('near-best-fixed', draw, near);
      seeingDecided = decide.enough('context', draw, seeing);
    } while (!(nearDecided && seeingDecided));
    A.free();
    S.free();
    yield decide('near-best-fixed', near());
    yield decide('context', seeing());
    const columns = ['variance', 'draw', 'policy', 'iterations a system', 'over the best fixed'];
    yield { kind: 'table', title: `Sequences of ${T} systems`, columns, rows };
  },
});
