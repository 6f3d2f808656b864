import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { bioDiesel, SCALE } from '../bioDiesel.ts';
import { type Courses, contest, directSearches, leastOf, playerNames, playersOf, standings } from '../contest.ts';
import { follow, libraryMethod, median, type Shown, valueAt } from '../lab.ts';
import { locked } from '../locked.ts';
import { mapOf, planeOf } from '../map.ts';
import type { Problem } from '../problems.ts';
import { record } from '../record.ts';
import { attacksAlone, boundedLbfgs, directSearch, interiorPoint, projectedGradient } from '../rivals.ts';

const PANEL = 'Yield of the reactor';
const yieldAt: Shown = (...of) => -valueAt(...of);
/** Methods with gradients take the sides of the box as bounds. */
const boxed = (problem: Problem): Problem => ({ ...problem, lower: 0, upper: 1 });

/** Minutes and power of a reactor that a trained network predicts, in 20 runs. */
export default experiment(record, {
  id: 'bio-diesel',
  title: 'The bio-diesel reactor',
  panels: [
    {
      title: PANEL,
      x: { label: 'passes through the network', log: true },
      y: { label: 'median yield less penalty' },
      series: [...playerNames, 'interior points'],
      control: 'direct search',
    },
  ],
  claims: ['bio-diesel', 'true-optimum'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { seeds, early, rivals, budget, energy } = locked.claims['bio-diesel'].sizes[context.size];
    const pause = pauses(context);
    const random = new Random(context.seed);
    const problem = await bioDiesel();
    const interior = interiorPoint({ limit: energy / (SCALE[0] * SCALE[1]) });
    const players = playersOf(method, seeds, rivals).map((player) => {
      const usesGradients = player.method === projectedGradient || player.method === boundedLbfgs;
      // Three of the methods have no chance in them.
      const runs = usesGradients || player.method === attacksAlone ? 1 : player.runs;
      return { ...player, runs, ...(usesGradients && { as: boxed }) };
    });
    const courses = yield* contest({
      panel: PANEL,
      problem: () => ({ problem, seed: random.integer(2 ** 31) }),
      players: [...players, { name: 'interior points', method: interior, runs: 1, as: boxed }],
      ...{ count: seeds, budget, pause, shown: yieldAt },
    });
    const compared = (by: 'points' | 'passes') => ({
      value: -leastOf(courses, ['hybrid'], valueAt, early, by),
      reference: -leastOf(courses, directSearches, valueAt, early, by),
    });
    const final = (name: 'hybrid' | 'interior points') => median(courses.get(name)!.map(({ f }) => -f[f.length - 1]));
    yield decide('bio-diesel', { points: compared('points'), passes: compared('passes') });
    yield decide('true-optimum', { interior: final('interior points'), hybrid: final('hybrid') });
    yield standings('Median yield less penalty', courses, { passes: [30, early, 100, 300], points: [early] }, yieldAt);
    const plane = await planeOf(problem, energy, pause);
    yield finals(courses, plane.best.value);
    const paths = [];
    for (const [name, one, given] of [
      ['hybrid', method, problem],
      ['direct search', directSearch, problem],
      ['L-BFGS-B', boundedLbfgs, boxed(problem)],
      ['interior points', interior, boxed(problem)],
    ] as const) {
      const path: Float64Array[] = [];
      await follow(one(given, context.seed), budget, pause, ({ x }) => path.push(x.slice()));
      paths.push({ name, path });
    }
    yield { kind: 'picture', title: 'Paths in the plane of minutes and power', picture: mapOf(plane, paths) };
  },
});

/** Where the runs of every method end. */
function finals(courses: Courses, best: number): ExperimentEvent {
  const rows = [...courses].map(([name, own]): Cell[] => {
    const values = own.map(({ f }) => -f[f.length - 1]).toSorted((a, b) => a - b);
    const share = (p: number) => values[Math.round(p * (values.length - 1))];
    const passes = median(own.map((course) => course.passes[course.passes.length - 1]));
    return [name, own.length, ...[0, 0.25, 0.5, 0.75, 1].map(share), passes];
  });
  return {
    kind: 'table',
    title: 'Final yields less penalty',
    columns: ['method', 'runs', 'least', 'quarter', 'half', 'three quarters', 'largest', 'passes'],
    rows: [...rows, ['best on a grid', null, null, null, null, null, best, null]],
  };
}
