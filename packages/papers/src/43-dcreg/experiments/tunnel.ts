import { Random } from 'southwell';
import { analyseDegeneracy, type BlockAnalysis, identityPose, pointToPlaneHessian } from 'southwell/geometry';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { tunnel } from '../lab.ts';
import { record } from '../record.ts';

/** The analysis of translations under test. */
export type Name = (H: Float64Array) => Pick<BlockAnalysis, 'mask' | 'contributions' | 'values'>;
export const libraryNames: Name = (H) => analyseDegeneracy(H).translation;

/** Which translation is undetermined in a tunnel, and that a wall at its end determines it. */
export default experiment(record, {
  id: 'tunnel',
  title: 'The motion that a tunnel does not fix',
  axes: { x: 'points of the end wall', y: 'eigenvalue of the shifts', logY: false },
  claims: ['names-the-axis'],
  method: libraryNames,
  async *run(context, decide, name) {
    const pause = pauses(context);
    const random = new Random(context.seed);
    const tunnels = context.size === 'full' ? 50 : 5;
    let [open, closed] = [1, 0];
    for (let trial = 0; trial < tunnels; trial++) {
      yield { kind: 'progress', label: `tunnel ${trial + 1}`, fraction: trial / tunnels };
      await pause();
      const [free, ended] = [false, true].map((end) => {
        const { points, normals } = tunnel(random, end);
        return name(pointToPlaneHessian(points, normals, identityPose()));
      });
      const only = free.mask.filter(Boolean).length === 1 && free.mask[0];
      open = Math.min(open, only ? free.contributions[0] : 0);
      closed = Math.max(closed, ended.mask.filter(Boolean).length);
    }
    const { points, normals } = tunnel(random, true);
    const counts = Array.from({ length: 21 }, (_, k) => 25 * k);
    const curves: [number[], number[], number[]] = [[], [], []];
    for (const count of counts) {
      // In each group of ten, points of the end wall come last.
      let left = count;
      const kept = Array.from({ length: points.length / 3 }, (_, i) => i).filter(
        (i) => normals[3 * i] === 0 || left-- > 0,
      );
      const of = (list: Float64Array) => Float64Array.from(kept.flatMap((i) => [...list.subarray(3 * i, 3 * i + 3)]));
      const { values } = name(pointToPlaneHessian(of(points), of(normals), identityPose()));
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
    yield decide('names-the-axis', { open, closed });
  },
});
