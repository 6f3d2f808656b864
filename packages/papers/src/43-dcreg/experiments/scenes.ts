import { Random, SouthwellError } from 'southwell';
import { analyseDegeneracy, type DegeneracyHandling, type Pose, registerPointToPlane } from 'southwell/geometry';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  conditionOf,
  displacement,
  libraryMethod,
  type Pair,
  poorStart,
  remedies,
  remedyNames,
  uncoupled,
  weakScenes,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const arms = Object.keys(remedies) as Array<keyof typeof remedies>;

/** Where a scan ends; its start if it has too few matches there. */
function placed({ source, target }: Pair, start: Pose, degeneracy: DegeneracyHandling): Pose {
  try {
    return registerPointToPlane(source, target, { initialPose: start, degeneracy }).pose;
  } catch (error) {
    if (error instanceof SouthwellError && error.code === 'NUMERICAL') return start;
    throw error;
  }
}

/** Condition numbers at the true pose: of H, and with the preconditioners from Schur complements and from diagonal blocks. */
function conditionNumbers({ source, target, truth }: Pair): [number, number, number] {
  const { system } = registerPointToPlane(source, target, { initialPose: truth, maxIterations: 1 });
  const { conditionFull, preconditioner } = analyseDegeneracy(system.H);
  const blocks = analyseDegeneracy(uncoupled(system.H)).preconditioner;
  return [conditionFull, conditionOf(system.H, preconditioner), conditionOf(system.H, blocks)];
}

/** Scans of scenes that nearly leave a motion free, from poor starts, with every remedy. */
export default experiment(record, {
  id: 'scenes',
  title: 'Poor starts where a motion is nearly free',
  panels: [
    {
      title: '{scene}',
      x: { label: 'draw' },
      y: { label: 'displacement', unit: 'm', log: true },
      series: ['DCReg', ...arms.map((arm) => remedyNames[arm])],
      control: remedyNames.none,
    },
  ],
  claims: ['nearer-than-others'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { sizes, draws: looks } = locked.claims['nearer-than-others'];
    const { points, metres, degrees } = sizes[context.size];
    const most = Math.max(...looks[context.size]);
    const ratios: Record<keyof typeof remedies, { draws: number[] }> = {
      ...{
        none: { draws: [] },
        floor: { draws: [] },
        mesr: { draws: [] },
        metreg: { draws: [] },
        fcnsr: { draws: [] },
      },
    };
    const rows: Cell[][] = [];
    const conditions: Cell[][] = [];
    const scenes = Object.entries(weakScenes);
    let draw = 0;
    do {
      const sums = arms.map(() => 0);
      for (const [k, [name, make]] of scenes.entries()) {
        yield {
          kind: 'progress',
          label: `draw ${draw + 1}, ${name}`,
          fraction: (draw + k / scenes.length) / most,
        };
        const random = new Random(1000 * context.seed + 10 * draw + k);
        const pair = make(random, points);
        const start = poorStart(pair.truth, random, metres[k], degrees);
        const off = (degeneracy: DegeneracyHandling) =>
          displacement(pair.source, placed(pair, start, degeneracy), pair.truth);
        const own = off({ method });
        const errors: number[] = [];
        for (const [r, arm] of arms.entries()) {
          await pause();
          errors.push(off(remedies[arm]));
          sums[r] += Math.log(own / errors[r]) / scenes.length;
        }
        if (draw === 0) conditions.push([name, ...conditionNumbers(pair)]);
        rows.push([name, draw + 1, 100 * own, ...errors.map((v) => 100 * v)]);
        for (const [series, value] of [
          ['DCReg', own] as const,
          ...arms.map((a, r) => [remedyNames[a], errors[r]] as const),
        ])
          yield { kind: 'points', panel: name, series, x: [draw + 1], y: [value] };
      }
      for (const [r, arm] of arms.entries()) ratios[arm].draws.push(Math.exp(sums[r]));
      draw++;
    } while (!decide.enough('nearer-than-others', draw, () => ratios));
    const columns = ['scene', 'draw', 'DCReg, cm', ...arms.map((a) => `${remedyNames[a]}, cm`)];
    yield { kind: 'table', title: 'Displacement of the points of a scan', columns, rows };
    const numbers = ['scene', 'κ(H)', 'preconditioned by Schur complements', 'by diagonal blocks'];
    yield { kind: 'table', title: 'Condition numbers at the true place', columns: numbers, rows: conditions };
    yield decide('nearer-than-others', ratios);
  },
});
