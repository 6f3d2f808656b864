import { elementary } from '@southwell/numerics/special';
import { Surface, surfaceOf } from '../agreement/surface.ts';
import { composePoses, expRotation, type Pose, rotated, stepPose } from '../pose.ts';
import { PreparedCloud } from '../prepared.ts';
import { Accumulator } from '../system.ts';
import { solveDegenerate } from './degenerateStep.ts';
import { type FreeMotion, heldStill } from './heldStill.ts';

/** Points are moved by this many spacings, or standard deviations of the residuals, … */
const [STEP, DEVIATIONS] = [4, 4];
/** … and compared if they then still lie beside points of the other cloud: within this many spacings along its surface. */
const BESIDE = 2.5;
/** Points farther than this many spacings have no match: a search among far points is slow. */
const FAR = 30;
/** A residual counts as at most this many typical ones, so that few points do not decide. */
const CAP = 10;
/** Residuals below this fraction of the spacing are rounding. */
const EXACT = 1e-6;
/** Residuals have grown if their mean growth is this many standard errors: neighbours share planes, so that 3 are few. */
const GROWN = 5;
/** Points coincide with their matches if the median distance is below this fraction of the spacing. */
const COINCIDE = 0.1;
const FEWEST = 30;
/** One in so many points is looked at first, and a growth by this many typical residuals is decisive. */
const [FEW, FAR_MORE] = [4, 3];
/** Number of steps in which the other motions settle. */
const SETTLING = 4;

/**
 * Tells whether a cloud feels a motion at a pose: whether distances to the planes of the target grow if it moves by
 * several spacings. Turning a sphere does not change them, whatever the noise of its normals. More can be told by a
 * finite motion than by derivatives, which are those of the noise.
 */
export class Feeling {
  private readonly source: Surface;
  private readonly target: Surface;
  private readonly places: Int32Array;
  private readonly still: Float64Array;
  private readonly typical: number;

  constructor(
    source: PreparedCloud,
    target: PreparedCloud,
    private readonly pose: Pose,
  ) {
    this.source = surfaceOf(source);
    const whole = surfaceOf(target);
    const { sample } = this.source;
    const nearest = Array.from(sample, (place) => {
      const [x, y, z] = this.moved(pose, place);
      const at = target.tree.nearestPlace(x, y, z, (FAR * whole.spacing) ** 2);
      return { at, distance: at < 0 ? Number.POSITIVE_INFINITY : Math.sqrt(target.tree.found[0]) };
    });
    const middle = nearest.map(({ distance }) => distance).sort((a, b) => a - b)[sample.length >> 1];
    if (middle < COINCIDE * whole.spacing) {
      // A cloud and itself, or its copy: each half is compared with the other.
      this.places = sample.filter((_, k) => k % 2 === 0);
      const taken = new Set(nearest.filter((_, k) => k % 2 === 0).map(({ at }) => at));
      const rest = Array.from({ length: target.size }, (_, at) => at).filter((at) => !taken.has(at));
      const points = Float64Array.from(rest.flatMap((at) => [...target.tree.sorted.subarray(3 * at, 3 * at + 3)]));
      this.target =
        rest.length > FEWEST ? new Surface(new PreparedCloud(points, rest.length, target.neighbours)) : whole;
    } else {
      this.places = sample;
      this.target = whole;
    }
    this.still = this.residuals(pose);
    const sizes = this.still.filter((r) => r >= 0).sort();
    this.typical = Math.max(1.5 * (sizes[sizes.length >> 1] ?? 0), EXACT * this.target.spacing);
  }

  /**
   * Whether distances grow along a motion, in either direction, once the others have settled; true as well if too few
   * points could be compared.
   */
  feels(motion: Pick<FreeMotion, 'direction' | 'about'>): boolean {
    const { target, typical } = this;
    const effect = this.effectOf(motion);
    const step = Math.max(STEP * target.spacing, DEVIATIONS * typical);
    if (!(effect > 0 && step > 0)) return true;
    return [1, -1].some((sign) => {
      let pose = composePoses(this.pose, motionOf(motion, (sign * step) / effect));
      // Few points show what grows far more than an inexact axis explains.
      if (this.growth(this.residuals(pose, FEW)) > FAR_MORE * typical) return true;
      for (let k = 0; k < SETTLING; k++) {
        if (!this.grown(this.residuals(pose))) return false;
        pose = this.settled(pose, motion);
      }
      return this.grown(this.residuals(pose));
    });
  }

  /** Root mean square displacement of the points by a unit of a motion. */
  private effectOf({ direction: d, about }: Pick<FreeMotion, 'direction' | 'about'>): number {
    const { places, source } = this;
    let squares = 0;
    for (const place of places) {
      const p = source.cloud.tree.sorted.subarray(3 * place, 3 * place + 3);
      const [x, y, z] = [p[0] - about[0], p[1] - about[1], p[2] - about[2]];
      const u = d[1] * z - d[2] * y + d[3];
      const v = d[2] * x - d[0] * z + d[4];
      const w = d[0] * y - d[1] * x + d[5];
      squares += u * u + v * v + w * w;
    }
    return Math.sqrt(squares / places.length);
  }

  /** Mean growth of residuals compared with those at the pose. */
  private growth(after: Float64Array): number {
    const { still, typical } = this;
    let [n, sum] = [0, 0];
    for (let k = 0; k < after.length; k++) {
      if (after[k] < 0 || still[k] < 0) continue;
      n++;
      sum += Math.min(after[k], CAP * typical) - Math.min(still[k], CAP * typical);
    }
    return n < FEWEST ? 0 : sum / n;
  }

  /** Whether residuals are larger than at the pose by more than chance. */
  private grown(after: Float64Array): boolean {
    const { still, typical, target } = this;
    let [n, sum, square] = [0, 0, 0];
    for (let k = 0; k < after.length; k++) {
      if (after[k] < 0 || still[k] < 0) continue;
      const growth = Math.min(after[k], CAP * typical) - Math.min(still[k], CAP * typical);
      n++;
      sum += growth;
      square += growth * growth;
    }
    if (n < FEWEST) return true;
    const mean = sum / n;
    const deviation = Math.sqrt(Math.max(0, square / n - mean * mean) / n);
    return mean > GROWN * deviation + EXACT * target.spacing;
  }

  /** A step of the other motions. */
  private settled(pose: Pose, held: Pick<FreeMotion, 'direction' | 'about'>): Pose {
    const sums = new Accumulator();
    const { rotation: R } = pose;
    const points = this.source.cloud.tree.sorted;
    this.residuals(pose, 1, (place, [a, b, c], across) => {
      const [x, y, z] = points.subarray(3 * place, 3 * place + 3);
      const m = [0, 1, 2].map((k) => R[k] * a + R[3 + k] * b + R[6 + k] * c);
      // Points at edges must not decide.
      const weight = 1 / (1 + (across / this.typical) ** 2);
      sums.addPlane(x, y, z, m[0], m[1], m[2], across, weight);
    });
    const { H, g } = sums.system();
    const still = heldStill(H, g, [{ ...held, name: '' }]);
    return stepPose(pose, still.step(solveDegenerate(still.H, still.g).step));
  }

  private moved({ rotation, translation }: Pose, place: number): readonly [number, number, number] {
    const p = rotated(rotation, this.source.cloud.tree.sorted.subarray(3 * place, 3 * place + 3));
    return [p[0] + translation[0], p[1] + translation[1], p[2] + translation[2]];
  }

  /** Distances of every so many points to the planes of the nearest points; −1 beyond the end of the surface. */
  private residuals(
    pose: Pose,
    every = 1,
    each?: (place: number, normal: Float64Array, across: number) => void,
  ): Float64Array {
    const { target } = this;
    const { tree } = target.cloud;
    const bound = (FAR * target.spacing) ** 2;
    return Float64Array.from(this.places, (place, k) => {
      if (k % every !== 0) return -1;
      const [x, y, z] = this.moved(pose, place);
      const at = tree.nearestPlace(x, y, z, bound);
      if (at < 0) return -1;
      target.look(at);
      const normal = target.normals.subarray(3 * at, 3 * at + 3);
      if (target.planarity[at] === 0) return -1;
      const [p, q, r] = tree.sorted.subarray(3 * at, 3 * at + 3);
      const across = normal[0] * (x - p) + normal[1] * (y - q) + normal[2] * (z - r);
      const along = Math.sqrt(Math.max(0, tree.found[0] - across * across));
      if (along > BESIDE * Math.max(target.spacing, target.spacings[at])) return -1;
      each?.(place, normal, across);
      return Math.abs(across);
    });
  }
}

/** A factor times a motion, about its centre: the exponential of SE(3). */
function motionOf({ direction, about }: Pick<FreeMotion, 'direction' | 'about'>, factor: number): Pose {
  const [a, b, c, u, v, w] = direction.map((x) => factor * x);
  const angle = Math.sqrt(a * a + b * b + c * c);
  const rotation = expRotation([a, b, c]);
  const half = elementary.sin(angle / 2);
  const first = angle < 1e-4 ? 0.5 : (2 * half * half) / (angle * angle);
  const second = angle < 1e-4 ? 1 / 6 : (angle - elementary.sin(angle)) / angle ** 3;
  const cross = (x: readonly number[]) => [b * x[2] - c * x[1], c * x[0] - a * x[2], a * x[1] - b * x[0]];
  const once = cross([u, v, w]);
  const twice = cross(once);
  const back = rotated(rotation, about);
  const translation = Float64Array.from(
    [u, v, w],
    (x, k) => x + first * once[k] + second * twice[k] + about[k] - back[k],
  );
  return { rotation, translation };
}
