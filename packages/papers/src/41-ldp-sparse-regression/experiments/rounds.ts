import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { best, combinations, drawOf, oneRoundError, roundsError, sumsAt } from '../lab.ts';
import { locked } from '../locked.ts';
import { population } from '../population.ts';
import { record } from '../record.ts';

/**
 * Rounds of hard thresholding compared with a single such round and with the one-round estimator, under strict privacy. All are tuned over as many trials, on
 * draws that do not judge.
 */
export default experiment(record, {
  id: 'rounds',
  title: 'Rounds of hard thresholding',
  panels: [
    {
      title: 'error, ε = {ε}',
      x: { label: 'people', log: true },
      y: { label: 'ℓ₂ error', log: true },
      series: [
        'one round',
        { id: 'a single such round', name: 'one of the rounds alone' },
        'rounds, c = {bound}, {count} kept',
        'rounds, c = {bound}, {count} kept, Gaussian noise',
      ],
      control: 'one round',
    },
  ],
  claims: ['interaction'],
  method: roundsError,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const claim = locked.claims.interaction;
    const sizes = claim.sizes[context.size];
    const { features, epsilon, delta, tuning } = sizes;
    const counts: readonly number[] = sizes.people;
    const most = counts[counts.length - 1];
    const { rounds, oneRound } = locked.grids;
    const ours = combinations(['bound', rounds.bound], ['kept', rounds.kept]);
    const theirs = combinations(['eigenFloor', oneRound.eigenFloor], ['lambda', oneRound.lambda]);
    const rows: Cell[][] = [];
    // Sums of the logarithms of errors over the draws for tuning.
    const [logOurs, logSingle, logTheirs] = [ours.map(() => 0), ours.map(() => 0), theirs.map(() => 0)];
    for (let k = 0; k < tuning; k++) {
      yield { kind: 'progress', label: `tuning ${k + 1}`, fraction: k / (4 * tuning) };
      const random = drawOf(context, 1000 + k);
      const people = population(features, sizes, random.split(1));
      for (const [i, trial] of ours.entries()) {
        logOurs[i] += Math.log(method(people, most, { epsilon, ...trial }, random.split(5 + i)));
        logSingle[i] += Math.log(method(people, most, { epsilon, ...trial, rounds: 1 }, random.split(5 + i)));
        await pause();
      }
      for await (const sums of sumsAt(people, [most], random.split(3), pause)) {
        for (const [i, trial] of theirs.entries())
          logTheirs[i] += Math.log(oneRoundError(people, sums, sizes, trial, random.split(4)));
      }
    }
    const own = best(ours, (trial) => logOurs[ours.indexOf(trial)]);
    const alone = best(ours, (trial) => logSingle[ours.indexOf(trial)]);
    const other = best(theirs, (trial) => logTheirs[theirs.indexOf(trial)]);
    const tuned: Cell[][] = [
      ...ours.map((t, i): Cell[] => [`rounds: c = ${t.bound}, ${t.kept} kept`, Math.exp(logOurs[i] / tuning)]),
      ...ours.map((t, i): Cell[] => [
        `a single such round: c = ${t.bound}, ${t.kept} kept`,
        Math.exp(logSingle[i] / tuning),
      ]),
      ...theirs.map((t, i): Cell[] => [
        `one round: floor ${t.eigenFloor}, threshold ${t.lambda}`,
        Math.exp(logTheirs[i] / tuning),
      ]),
    ];
    const judged: number[] = [];
    const [single, oneRounds]: number[][] = [[], []];
    const values = () => ({
      error: { draws: judged },
      single: { draws: judged.map((e, k) => e / single[k]) },
      oneRound: { draws: judged.map((e, k) => e / Math.min(1, oneRounds[k])) },
    });
    const name = `rounds, c = ${own.bound}, ${own.kept} kept`;
    const last = Math.max(...claim.draws[context.size]);
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: 0.25 + (0.75 * draw) / last };
      const random = drawOf(context, draw);
      const people = population(features, sizes, random.split(1));
      // Fewer people and Gaussian noise are for the figure only.
      for await (const sums of sumsAt(people, draw === 0 ? counts : [most], random.split(3), pause)) {
        const n = sums.people;
        const one = oneRoundError(people, sums, sizes, other, random.split(4).split(n));
        const error = method(people, n, { epsilon, ...own }, random.split(5).split(n));
        const first = method(people, n, { epsilon, ...alone, rounds: 1 }, random.split(5).split(n));
        await pause();
        if (n === most) {
          judged.push(error);
          single.push(first);
          oneRounds.push(one);
        }
        rows.push([n, draw + 1, error, first, one]);
        if (draw > 0) continue;
        const gaussian = method(people, n, { epsilon, delta, ...own }, random.split(6).split(n));
        for (const [series, y] of [
          [name, error],
          [`${name}, Gaussian noise`, gaussian],
          ['a single such round', first],
          ['one round', one],
        ] as const)
          yield { kind: 'points', panel: `error, ε = ${epsilon}`, series, x: [n], y: [y] };
      }
      draw++;
    } while (!decide.enough('interaction', draw, values));
    yield decide('interaction', values());
    yield {
      kind: 'table',
      title: `Errors of ${name}, and of one round; that of the estimate 0 is 1`,
      columns: ['people', 'draw', 'rounds', 'a single such round', 'one round'],
      rows,
    };
    yield { kind: 'table', title: 'Trials', columns: ['setting', 'error, geometric mean'], rows: tuned };
  },
});
