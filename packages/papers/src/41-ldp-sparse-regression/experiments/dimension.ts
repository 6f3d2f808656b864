import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawOf, type Errors, errorsOf, slope, sumsAt } from '../lab.ts';
import { locked } from '../locked.ts';
import { population } from '../population.ts';
import { record } from '../record.ts';

/** More features, and half of ε. */
export default experiment(record, {
  id: 'dimension',
  title: 'Error against dimension and privacy',
  panels: [
    {
      title: 'error of {people} people, ε = {ε}',
      x: { label: 'features', log: true },
      y: { label: 'ℓ₂ error', log: true },
      series: ['one round', 'public covariates'],
      control: 'one round',
    },
  ],
  claims: ['dimension-and-privacy'],
  method: errorsOf,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const claim = locked.claims['dimension-and-privacy'];
    const sizes = claim.sizes[context.size];
    const { features, people: many, strictPeople: fewest } = sizes;
    const [strict, loose] = sizes.epsilons;
    // ε is halved with fewer people, among whom noise dominates, and the second number of features.
    const counts = [...new Set([fewest, many])].sort((a, b) => a - b);
    const judged = features[1];
    const found: Array<{ errors: Errors[]; ratio: number }> = [];
    const rows: Cell[][] = [];
    const exponent = (errors: readonly Errors[], name: keyof Errors) =>
      slope(
        features,
        errors.map((e) => e[name]),
      );
    const over = (of: (own: { errors: Errors[]; ratio: number }) => number) => ({ draws: found.map(of) });
    const values = () => ({
      dimension: over(({ errors }) => Math.abs(exponent(errors, 'withPublic') - 0.5)),
      oneRound: over(({ errors }) => exponent(errors, 'oneRound') - exponent(errors, 'withPublic')),
      privacy: over(({ ratio }) => Math.abs(ratio - 2)),
    });
    const most = Math.max(...claim.draws[context.size]);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const errors: Errors[] = [];
      const byEpsilon: Record<number, number> = {};
      for (const d of features) {
        const random = drawOf(context, draw).split(d);
        const people = population(d, sizes, random.split(1));
        for await (const sums of sumsAt(people, d === judged ? counts : [many], random.split(3), pause)) {
          const n = sums.people;
          for (const epsilon of [strict, loose]) {
            if (epsilon === strict && !(d === judged && n === fewest)) continue;
            const own = method(people, sums, { ...sizes, epsilon }, random.split(4).split(n).split(epsilon));
            await pause();
            rows.push([n, d, epsilon, draw + 1, own.oneRound, own.withPublic]);
            if (d === judged && n === fewest) byEpsilon[epsilon] = own.withPublic;
            if (n !== many || epsilon !== loose) continue;
            errors.push(own);
            if (draw > 0) continue;
            const panel = `error of ${n} people, ε = ${epsilon}`;
            yield { kind: 'points', panel, series: 'one round', x: [d], y: [own.oneRound] };
            yield { kind: 'points', panel, series: 'public covariates', x: [d], y: [own.withPublic] };
          }
        }
      }
      found.push({ errors, ratio: byEpsilon[strict] / byEpsilon[loose] });
      draw++;
    } while (!decide.enough('dimension-and-privacy', draw, values));
    yield decide('dimension-and-privacy', values());
    yield {
      kind: 'table',
      title: 'Errors',
      columns: ['people', 'd', 'ε', 'draw', 'one round', 'with public covariates'],
      rows,
    };
  },
});
