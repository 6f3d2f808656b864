import { lasso } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawOf, type Errors, errorsOf, rowsOf, slope, sumsAt } from '../lab.ts';
import { locked } from '../locked.ts';
import { errorOf, population } from '../population.ts';
import { record } from '../record.ts';

const names = {
  oneRound: 'one round: floor and threshold',
  plain: 'one round: plain inverse',
  withPublic: 'with public covariates',
  halved: 'with public covariates, half of ε',
} as const satisfies Record<keyof Errors, string>;

/** The error of one-round estimates as the number of people grows. */
export default experiment(record, {
  id: 'people',
  title: 'Error against the number of people',
  panels: [
    {
      title: 'error, ε = {ε}',
      x: { label: 'people', log: true },
      y: { label: 'ℓ₂ error', log: true },
      series: [
        { id: names.plain, name: 'plain inverse' },
        { id: names.oneRound, name: 'floor and threshold' },
        { id: names.withPublic, name: 'public covariates' },
        { id: 'zero', name: 'estimate 0' },
        { id: names.halved, name: 'public covariates, half of ε' },
      ],
      control: names.plain,
    },
  ],
  claims: ['rate', 'public-data', 'regularised-inverse'],
  method: errorsOf,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const sizes = locked.claims.rate.sizes[context.size];
    const { features, epsilon: judged, shown, dominated } = sizes;
    const counts: readonly number[] = sizes.people;
    const found: Errors[][] = [];
    const rows: Cell[][] = [];
    /** For each draw the least over numbers of people, at most this many. */
    const least = (of: (e: Errors) => number, most = Number.POSITIVE_INFINITY) => ({
      draws: found.map((d) => Math.min(...d.filter((_, k) => counts[k] <= most).map(of))),
    });
    const last = (of: (e: Errors) => number) => ({ draws: found.map((d) => of(d[counts.length - 1])) });
    const slopeOf = (d: readonly Errors[]) =>
      slope(
        counts,
        d.map((e) => e.withPublic),
      );
    const rate = () => ({
      slope: { draws: found.map((d) => Math.abs(slopeOf(d) + 0.5)) },
      error: full ? last((e) => e.withPublic) : undefined,
    });
    const publicData = () => ({
      ratio: least((e) => e.oneRound / e.withPublic),
      same: least((e) => e.oneRound / e.halved),
      error: full ? last((e) => e.oneRound) : undefined,
    });
    const inverse = () => ({ error: least((e) => e.plain / e.oneRound, dominated) });
    const most = Math.max(...locked.claims.rate.draws[context.size]);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const random = drawOf(context, draw);
      const people = population(features, sizes, random.split(1));
      const here: Errors[] = [];
      for await (const sums of sumsAt(people, counts, random.split(3), pause)) {
        for (const epsilon of [judged, shown]) {
          // The second is for the figure only.
          if (epsilon === shown && draw > 0) continue;
          const own = random.split(4).split(epsilon).split(sums.people);
          const errors = method(people, sums, { ...sizes, epsilon }, own);
          await pause();
          if (epsilon === judged) here.push(errors);
          const { oneRound, plain, withPublic, halved } = errors;
          rows.push([epsilon, sums.people, draw + 1, oneRound, plain, withPublic, halved]);
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
    const columns = ['ε', 'people', 'draw', ...Object.values(names)];
    yield { kind: 'table', title: 'Errors; that of the estimate 0 is 1', columns, rows };
    const random = drawOf(context, 0);
    const people = population(features, sizes, random.split(1));
    const { X, y } = rowsOf(people, 20_000, random.split(9));
    const model = lasso({ alpha: 0.01, fitIntercept: false }).fit(X, y);
    const row = [X.rows, errorOf(people, model.coef)];
    X.free();
    yield { kind: 'table', title: 'Without privacy', columns: ['people', 'lasso, alpha 0.01'], rows: [row] };
  },
});
