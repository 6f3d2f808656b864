import { lasso } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawOf, type Errors, errorOf, errorsOf, population, rowsOf, slope, sumsAt } from '../lab.ts';
import { record } from '../record.ts';

const names = {
  oneRound: 'one round: floor and threshold',
  plain: 'one round: plain inverse',
  withPublic: 'with public covariates',
} as const satisfies Record<keyof Errors, string>;
const D = 16;

/** The error of one-round estimates as the number of people grows. */
export default experiment(record, {
  id: 'people',
  title: 'Error against the number of people',
  axes: { x: 'people', y: 'ℓ₂ error', logX: true, logY: true },
  claims: ['rate', 'public-data', 'regularised-inverse'],
  method: errorsOf,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const counts = full ? [1e5, 4e5, 1.6e6, 6.4e6] : [1e5, 4e5, 1.6e6];
    const strict = 2;
    const found: Errors[][] = [];
    const rows: Cell[][] = [];
    const ratios = (of: (e: Errors) => number) =>
      counts.map((n, k) => ({ label: `${n / 1e5}e5`, draws: found.map((d) => of(d[k])) }));
    const last = (of: (e: Errors) => number) => ({ draws: found.map((d) => of(d[counts.length - 1])) });
    const rate = () => ({
      slope: {
        draws: found.map((d) =>
          slope(
            counts,
            d.map((e) => e.withPublic),
          ),
        ),
      },
      error: full ? last((e) => e.withPublic) : undefined,
    });
    const publicData = () => ({
      ratio: ratios((e) => e.oneRound / e.withPublic),
      error: full ? last((e) => e.oneRound) : undefined,
    });
    const inverse = () => ({ error: ratios((e) => e.plain / e.oneRound).slice(0, 2) });
    const most = Math.max(...record.claims[0].draws[context.size]);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const random = drawOf(context, draw);
      const people = population(D, random.split(1));
      const here: Errors[] = [];
      for await (const sums of sumsAt(people, counts, random.split(3), pause)) {
        for (const epsilon of [8, strict]) {
          const errors = method(people, sums, epsilon, random.split(4).split(epsilon).split(sums.people));
          if (epsilon === 8) here.push(errors);
          rows.push([epsilon, sums.people, draw + 1, errors.oneRound, errors.plain, errors.withPublic]);
          if (draw > 0) continue;
          for (const [name, series] of Object.entries(names)) {
            const y = [errors[name as keyof Errors]];
            yield { kind: 'points', panel: `error, ε = ${epsilon}`, series, x: [sums.people], y };
          }
          // The error of the zero estimate.
          yield { kind: 'points', panel: `error, ε = ${epsilon}`, series: 'zero', x: [sums.people], y: [1] };
        }
      }
      found.push(here);
      draw++;
    } while (
      !(
        decide.enough('rate', draw, rate) &&
        decide.enough('public-data', draw, publicData) &&
        decide.enough('regularised-inverse', draw, inverse)
      )
    );
    yield decide('rate', rate());
    yield decide('public-data', publicData());
    yield decide('regularised-inverse', inverse());
    const columns = ['ε', 'people', 'draw', names.oneRound, names.plain, names.withPublic];
    yield { kind: 'table', title: 'Errors; that of the estimate 0 is 1', columns, rows };
    const random = drawOf(context, 0);
    const people = population(D, random.split(1));
    const { X, y } = rowsOf(people, 20_000, random.split(9));
    const model = lasso({ alpha: 0.01, fitIntercept: false }).fit(X, y);
    const row = [X.rows, errorOf(people, model.coef)];
    X.free();
    yield { kind: 'table', title: 'Without privacy', columns: ['people', 'lasso, alpha 0.01'], rows: [row] };
  },
});
