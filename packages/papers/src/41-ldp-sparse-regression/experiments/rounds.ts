import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { DELTA, drawOf, errorsOf, population, roundsError, sumsAt } from '../lab.ts';
import { record } from '../record.ts';

const D = 16;
const EPSILON = 2;
/** The claim is about the first. */
const settings = [
  { name: 'c = 0.25, k kept', c: 0.25, kept: 3 },
  { name: 'c = 0.25, 2k kept', c: 0.25, kept: 6 },
  { name: 'c = 1, k kept', c: 1, kept: 3 },
  { name: 'c = 0.25, k kept, Gaussian noise', c: 0.25, kept: 3, delta: DELTA },
] as const;

/** Rounds of hard thresholding compared with a single round, under strict privacy. */
export default experiment(record, {
  id: 'rounds',
  title: 'Rounds of hard thresholding',
  axes: { x: 'people', y: 'ℓ₂ error', logX: true, logY: true },
  claims: ['interaction'],
  method: roundsError,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const counts = full ? [1e5, 4e5, 1.6e6] : [1e5, 4e5];
    const judged: number[] = [];
    const oneRound: number[] = [];
    const rows: Cell[][] = [];
    const values = () => ({
      error: { draws: judged },
      oneRound: full ? { draws: judged.map((e, k) => e / oneRound[k]) } : undefined,
    });
    const most = Math.max(...record.claims[4].draws[context.size]);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const random = drawOf(context, draw);
      const people = population(D, random.split(1));
      for await (const sums of sumsAt(people, counts, random.split(3), pause)) {
        const n = sums.people;
        const one = errorsOf(people, sums, EPSILON, random.split(4).split(n)).oneRound;
        // The claim is about the largest number of people; other settings are only run on the first draw.
        const tried = draw === 0 ? settings : n === counts.at(-1) ? settings.slice(0, 1) : [];
        for (const [k, { name, ...setting }] of tried.entries()) {
          const error = method(people, n, { epsilon: EPSILON, ...setting }, random.split(5 + k).split(n));
          await pause();
          if (n === counts.at(-1) && k === 0) {
            judged.push(error);
            oneRound.push(one);
          }
          rows.push([name, n, draw + 1, error, one]);
          if (draw > 0) continue;
          yield { kind: 'points', panel: `error, ε = ${EPSILON}`, series: name, x: [n], y: [error] };
        }
        if (draw === 0) yield { kind: 'points', panel: `error, ε = ${EPSILON}`, series: 'one round', x: [n], y: [one] };
      }
      draw++;
    } while (!decide.enough('interaction', draw, values));
    yield decide('interaction', values());
    yield {
      kind: 'table',
      title: 'Errors of rounds, and of one round; that of the estimate 0 is 1',
      columns: ['rounds', 'people', 'draw', 'error', 'error of one round'],
      rows,
    };
  },
});
