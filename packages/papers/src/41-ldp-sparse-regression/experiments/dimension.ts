import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawOf, type Errors, errorsOf, population, sumsAt } from '../lab.ts';
import { record } from '../record.ts';

const epsilons = [2, 4, 8] as const;
const dimensions = [16, 32] as const;

/** Doubling the number of features, and halving ε. */
export default experiment(record, {
  id: 'dimension',
  title: 'Error against dimension and privacy',
  axes: { x: 'ε', y: 'ℓ₂ error', logX: true, logY: true },
  claims: ['dimension-and-privacy'],
  method: errorsOf,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    // One number of people at which noise dominates, and one with many people.
    const counts = full ? [4e5, 6.4e6] : [4e5];
    const [fewest, many] = [counts[0], counts[counts.length - 1]];
    const found: Array<Record<string, Errors>> = [];
    const rows: Cell[][] = [];
    const at = (n: number, d: number, epsilon: number) => `${n}, ${d}, ${epsilon}`;
    const ratio = (of: (own: Record<string, Errors>) => number) => ({ draws: found.map(of) });
    const grows = (own: Record<string, Errors>, name: keyof Errors) =>
      own[at(many, 32, 8)][name] / own[at(many, 16, 8)][name];
    const values = () => ({
      dimension: ratio((own) => grows(own, 'withPublic')),
      privacy: ratio((own) => own[at(fewest, 16, 4)].withPublic / own[at(fewest, 16, 8)].withPublic),
      oneRound: full ? ratio((own) => grows(own, 'oneRound') / grows(own, 'withPublic')) : undefined,
    });
    const most = Math.max(...record.claims[3].draws[context.size]);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const own: Record<string, Errors> = {};
      for (const d of dimensions) {
        const random = drawOf(context, draw).split(d);
        const people = population(d, random.split(1));
        for await (const sums of sumsAt(people, counts, random.split(3), pause)) {
          const n = sums.people;
          for (const epsilon of epsilons) {
            const errors = method(people, sums, epsilon, random.split(4).split(n).split(epsilon));
            own[at(n, d, epsilon)] = errors;
            rows.push([n, d, epsilon, draw + 1, errors.oneRound, errors.withPublic]);
            if (draw > 0) continue;
            const panel = `error of ${n} people`;
            yield { kind: 'points', panel, series: `one round, d = ${d}`, x: [epsilon], y: [errors.oneRound] };
            yield {
              kind: 'points',
              panel,
              series: `public covariates, d = ${d}`,
              x: [epsilon],
              y: [errors.withPublic],
            };
          }
        }
      }
      found.push(own);
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
