import { Random } from 'southwell';
import { analyseDegeneracy, type BlockAnalysis, identityPose, pointToPlaneHessian } from 'southwell/geometry';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { hall, tunnel } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

type Named = Pick<BlockAnalysis, 'mask' | 'contributions' | 'values'>;
/** The analysis under test. */
export type Name = (H: Float64Array) => { readonly rotation: Named; readonly translation: Named };
export const libraryNames: Name = (H) => analyseDegeneracy(H);

const count = (mask: readonly boolean[]) => mask.filter(Boolean).length;

/**
 * Which shift is undetermined in a tunnel, and that a wall at its end determines it; which turn is undetermined in a round
 * hall, from a place beside its axis, where turns and shifts are coupled.
 */
export default experiment(record, {
  id: 'tunnel',
  title: 'The motions that a tunnel and a round hall do not fix',
  panels: [
    {
      title: 'what is known of shifts',
      x: { label: 'points of the end wall' },
      y: { label: 'eigenvalue of the shifts' },
      series: ['along x', 'along y', 'along z'],
    },
  ],
  claims: ['names-the-axis'],
  method: libraryNames,
  async *run(context, decide, name) {
    const pause = pauses(context);
    const random = new Random(context.seed);
    const { tunnels, offset } = locked.claims['names-the-axis'].sizes[context.size];
    let [open, closed, turn, exact] = [1, 0, 1, 0];
    const { measures } = locked.claims['names-the-axis'];
    for (let trial = 0; trial < tunnels; trial++) {
      yield { kind: 'progress', label: `tunnel ${trial + 1}`, fraction: trial / tunnels };
      await pause();
      const [free, ended] = [false, true].map((end) => {
        const { points, normals } = tunnel(random, end);
        return name(pointToPlaneHessian(points, normals, identityPose())).translation;
      });
      const along = count(free.mask) === 1 && free.mask[0] ? free.contributions[0] : 0;
      open = Math.min(open, along);
      closed = Math.max(closed, count(ended.mask));
      const round = hall(random, offset[0] + (offset[1] - offset[0]) * random.uniform());
      const { rotation } = name(pointToPlaneHessian(round.points, round.normals, identityPose()));
      const about = count(rotation.mask) === 1 && rotation.mask[2] ? rotation.contributions[8] : 0;
      turn = Math.min(turn, about);
      // The tunnel, the tunnel with an end, and the hall.
      const right = [along > measures.open['>'], count(ended.mask) <= measures.closed['≤'], about > measures.turn['>']];
      exact += count(right);
    }
    const { points, normals } = tunnel(random, true);
    const counts = Array.from({ length: 21 }, (_, k) => 25 * k);
    const curves: [number[], number[], number[]] = [[], [], []];
    for (const most of counts) {
      // In each group of ten, points of the end wall come last.
      let left = most;
      const kept = Array.from({ length: points.length / 3 }, (_, i) => i).filter(
        (i) => normals[3 * i] === 0 || left-- > 0,
      );
      const of = (list: Float64Array) => Float64Array.from(kept.flatMap((i) => [...list.subarray(3 * i, 3 * i + 3)]));
      const { values } = name(pointToPlaneHessian(of(points), of(normals), identityPose())).translation;
      for (let k = 0; k < 3; k++) curves[k].push(values[k]);
    }
    for (const [k, y] of curves.entries()) {
      yield { kind: 'points', panel: 'what is known of shifts', series: `along ${'xyz'[k]}`, x: counts, y };
    }
    const drawn = Array.from({ length: points.length / 3 }, (_, i) => i).filter((i) => i % 4 === 0);
    yield {
      kind: 'picture',
      title: 'The tunnel from above, and the motion that is free without its end',
      picture: {
        type: 'scatter',
        xLabel: 'x',
        yLabel: 'y',
        points: [
          ...drawn.map((i) => ({ x: points[3 * i], y: points[3 * i + 1], group: normals[3 * i] === 0 ? 0 : 1 })),
          ...Array.from({ length: 41 }, (_, k) => ({ x: (k - 20) / 2, y: 0, group: 2 })),
        ],
        groups: ['walls and floor', 'end wall', 'free motion'],
      },
    };
    yield decide('names-the-axis', { exact: exact / (3 * tunnels), open, closed, turn });
  },
});
