import { Random } from 'southwell';
import {
  type DegeneracyMethod,
  identityPose,
  type Pose,
  poseDistance,
  registerPointToPlane,
  stepPose,
} from 'southwell/geometry';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { corridor, degrees, libraryMethod, names } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const compared: readonly DegeneracyMethod[] = ['dcreg', 'none', 'me-sr', 'fcn-sr'];

/** Scans along a corridor, each registered to the map starting from the previous pose. */
export default experiment(record, {
  id: 'corridor',
  title: 'Noisy scans along a corridor',
  panels: [
    {
      title: 'error of the place',
      x: { label: 'scan' },
      y: { label: 'error of the place', unit: 'm', log: true },
      series: compared.map((listed) => names[listed]),
      control: names.none,
    },
  ],
  claims: ['beyond-plain'],
  method: libraryMethod,
  async *run(context, decide, tested) {
    const pause = pauses(context);
    const { sizes, draws: looks } = locked.claims['beyond-plain'];
    const { scans, points: count, mapPoints } = sizes[context.size];
    const most = Math.max(...looks[context.size]);
    const draws: Array<{ value: number; reference: number }> = [];
    const rows: Cell[][] = [];
    const values = () => ({ plain: { draws } });
    let draw = 0;
    do {
      const random = new Random(1000 * context.seed + draw);
      const { map, scan } = corridor(random, mapPoints);
      const errors = compared.map((): number[] => []);
      const turns = compared.map(() => 0);
      const last: Pose[] = compared.map(() => identityPose());
      let truth = identityPose();
      for (let k = 0; k < scans; k++) {
        const seen = scan(truth, count);
        for (const [m, listed] of compared.entries()) {
          const method = listed === libraryMethod ? tested : listed;
          const { pose } = registerPointToPlane(seen, map, { initialPose: last[m], degeneracy: { method } });
          const off = poseDistance(pose, truth);
          errors[m].push(off.translation);
          turns[m] += degrees(off.rotation) / scans;
          last[m] = pose;
          await pause();
        }
        yield { kind: 'progress', label: `draw ${draw + 1}, scan ${k + 1}`, fraction: (draw + k / scans) / most };
        truth = stepPose(truth, [0, 0, 0.01 * random.normal(), 0.2, 0.01 * random.normal(), 0]);
      }
      const means = errors.map((list) => list.reduce((sum, v) => sum + v, 0) / scans);
      draws.push({ value: means[0], reference: means[1] });
      for (const [m, listed] of compared.entries()) {
        rows.push([names[listed], draw + 1, 100 * means[m], turns[m]]);
        if (draw > 0) continue;
        const x = errors[m].map((_, k) => k + 1);
        yield { kind: 'points', panel: 'error of the place', series: names[listed], x, y: errors[m] };
      }
      draw++;
    } while (!decide.enough('beyond-plain', draw, values));
    const columns = ['remedy', 'draw', 'mean error of the place, cm', 'of the rotation, °'];
    yield { kind: 'table', title: 'Along the corridor', columns, rows };
    yield decide('beyond-plain', values());
  },
});
