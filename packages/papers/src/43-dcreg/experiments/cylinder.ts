import { Random } from 'southwell';
import {
  analyseDegeneracy,
  DEGENERACY_METHODS,
  type DegeneracyMethod,
  identityPose,
  poseDistance,
  type RegistrationPoint,
  registerPointToPlane,
  solveDegenerate,
} from 'southwell/geometry';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { cylinder, degrees, exactStep, libraryMethod, names, start } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const norm = (x: ArrayLike<number>) => Math.sqrt(Array.from(x).reduce((sum, v) => sum + v * v, 0));

/** A hall registered with itself, from the paper's initial pose, with every remedy. */
export default experiment(record, {
  id: 'cylinder',
  title: 'A round hall whose floor is not seen',
  panels: [
    {
      title: 'error of the position',
      x: { label: 'iteration' },
      y: { label: 'error of the position', unit: 'm', log: true },
      series: Object.values(names),
      control: names.none,
    },
    {
      title: 'error of the rotation',
      x: { label: 'iteration' },
      y: { label: 'error of the rotation', unit: '°', log: true },
      series: Object.values(names),
      control: names.none,
    },
  ],
  claims: ['cylinder', 'conditioning'],
  method: libraryMethod,
  async *run(context, decide, tested) {
    const pause = pauses(context);
    const { scenes } = locked.claims.cylinder.sizes[context.size];
    const rows: Cell[][] = [];
    const found: Record<'position' | 'turn' | 'mesr' | 'fcnsr', Array<{ label: string; value: number }>> = {
      ...{ position: [], turn: [], mesr: [], fcnsr: [] },
    };
    let [condition, distance, met, steps] = [0, 0, 0, 0];
    const { measures } = locked.claims.conditioning;
    for (let scene = 0; scene < scenes; scene++) {
      const label = `scene ${scene + 1}`;
      const points = cylinder(new Random(100 * context.seed + scene));
      for (const [k, listed] of DEGENERACY_METHODS.entries()) {
        yield { kind: 'progress', label: `${label}, ${names[listed]}`, fraction: (scene + k / 6) / scenes };
        await pause();
        const method: DegeneracyMethod = listed === libraryMethod ? tested : listed;
        const path: RegistrationPoint[] = [];
        const { pose, rmse, iterations, matches, system, seconds } = registerPointToPlane(points, points, {
          initialPose: start(),
          planeFit: 'loam',
          degeneracy: { method },
          onIterate: (iterate) => path.push(iterate.snapshot()),
        });
        const off = poseDistance(pose, identityPose());
        const value = 100 * off.translation;
        if (listed === libraryMethod) {
          found.position.push({ label, value });
          found.turn.push({ label, value: degrees(off.rotation) });
          for (const { system: at } of path) {
            const exact = exactStep(at.H, at.g);
            if (!exact) continue;
            const { step, degeneracy } = solveDegenerate(at.H, at.g, { method });
            const before = analyseDegeneracy(at.H).conditionFull;
            const better = (degeneracy?.conditionPreconditioned ?? before) / before;
            const apart = norm(exact.map((v, j) => v - step[j])) / norm(exact);
            [condition, distance] = [Math.max(condition, better), Math.max(distance, apart)];
            steps++;
            if (better <= measures.condition['≤'] && apart <= measures.distance['≤']) met++;
          }
        } else if (listed === 'me-sr') found.mesr.push({ label, value });
        else if (listed === 'fcn-sr') found.fcnsr.push({ label, value });
        const last = analyseDegeneracy(system.H);
        const weak = ['roll', 'pitch', 'yaw', 'x', 'y', 'z'].filter((_, j) => last.mask[j]).join(', ');
        rows.push([
          ...[names[listed], scene + 1, value, degrees(off.rotation), 100 * rmse, iterations, matches],
          ...[weak || 'none', last.conditionFull, last.rotation.condition, last.translation.condition, 1000 * seconds],
        ]);
        if (scene > 0) continue;
        const x = path.map((_, j) => j);
        const errors = path.map((step) => poseDistance(step.pose, identityPose()));
        const y = errors.map(({ translation }) => translation);
        yield { kind: 'points', panel: 'error of the position', series: names[listed], x, y };
        const turned = errors.map(({ rotation }) => degrees(rotation));
        yield { kind: 'points', panel: 'error of the rotation', series: names[listed], x, y: turned };
      }
    }
    const columns = ['remedy', 'scene', 'position, cm', 'rotation, °', 'RMSE, cm', 'iterations', 'matches'];
    const more = ['weak at the end', 'κ(H)', 'κ of turns', 'κ of shifts', 'ms'];
    yield { kind: 'table', title: 'Where they end', columns: [...columns, ...more], rows };
    yield decide('conditioning', { both: met / steps, condition, distance });
    yield decide('cylinder', found);
  },
});
