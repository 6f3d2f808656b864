import { checkOptions, fail, Random } from '@southwell/numerics/core';
import { hosvd, Tensor, tuckerAls } from 'southwell/tensors';
import { chebyshevPoints, transformTensor } from './chebyshev.ts';
import { ChebyshevTucker, frobenius } from './chebyshevModel.ts';
import {
  type ChebyshevTuckerOptions,
  chebyshevRecords,
  compared,
  nextDegrees,
  type Probes,
  type Settings,
  SLACK,
  settingsOf,
  soundTol,
  tailOf,
  UNIT_BOX,
} from './chebyshevOptions.ts';

/** Number of points, other than Chebyshev points, at which a model is compared with its function. */
export const PROBES = 200;
/** Maximum number of values of a dense tensor. */
const LARGEST = 30_000_000;

/**
 * A function on a box as a Tucker core over Chebyshev series: values at Chebyshev points, coefficients by cosine
 * transforms, and a higher-order SVD of these, followed by `als` sweeps of alternating least squares. Degrees that are
 * not given are doubled until the trailing coefficients are below `tol` and 200 random points agree; {@link
 * ChebyshevTucker.resolved} tells whether they do. O(degree³) values of f and O(degree⁴) work.
 *
 * @example const model = chebTucker((x, y, z) => 1 / (1 + x * x + y * y + z * z)); model.at(0.3, 0, -0.2);
 * model.integral();
 * @throws INVALID_PARAMETER; NON_FINITE with the point, if a value of f is not finite.
 */
export function chebTucker(
  f: (x: number, y: number, z: number) => number,
  options: ChebyshevTuckerOptions = {},
): ChebyshevTucker {
  checkOptions('chebTucker', chebyshevRecords, options);
  const settings = settingsOf(options, 128, UNIT_BOX);
  const value = (x: number, y: number, z: number): number => {
    const found = f(x, y, z);
    if (!Number.isFinite(found)) {
      fail('NON_FINITE', `The function is ${found} at (${x}, ${y}, ${z}): it must be finite on its domain.`);
    }
    return found;
  };
  const random = new Random(37);
  const points = Array.from({ length: PROBES }, () =>
    settings.domain.map(([low, high]) => low + (high - low) * random.uniform()),
  );
  return fromSamples(
    (degrees) => {
      const [xs, ys, zs] = degrees.map((d, k) => chebyshevPoints(d + 1, settings.domain[k]));
      const out = new Float64Array(xs.length * ys.length * zs.length);
      let at = 0;
      for (const x of xs) for (const y of ys) for (const z of zs) out[at++] = value(x, y, z);
      return new Tensor([xs.length, ys.length, zs.length], out);
    },
    () => ({ points, values: Float64Array.from(points, ([x, y, z]) => value(x, y, z)) }),
    settings,
  );
}

/**
 * Constructs a model from values at Chebyshev points of given degrees, and from other points for comparison. @throws
 * INVALID_PARAMETER, NON_FINITE.
 */
export function fromSamples(
  sample: (degrees: readonly number[]) => Tensor,
  probe: () => Probes,
  settings: Settings,
): ChebyshevTucker {
  const tol = soundTol(settings.tol);
  let probes: Probes | undefined;
  for (let degrees = settings.degrees; ; ) {
    const size = degrees.reduce((product, d) => product * (d + 1), 1);
    if (size > LARGEST) {
      fail(
        'INVALID_PARAMETER',
        `Degrees ${degrees.join(', ')} need ${size} values, more than ${LARGEST}: use lower degrees.`,
      );
    }
    const C = transformTensor(sample(degrees));
    const norm = frobenius(C.data);
    const unit = settings.absolute || norm === 0 ? 1 : norm;
    const tails = [0, 1, 2].map((k) => tailNorm(C, k));
    const low = tails.map((tail) => tail > tol * unit);
    const next = nextDegrees(degrees, low, settings);
    if (next) {
      degrees = next;
      continue;
    }
    const model = compressed(C, norm, settings);
    probes ??= probe();
    const { off, scale } = compared(model.form, probes);
    const limit = settings.absolute ? 1 : scale;
    const wrong = off > SLACK * tol * limit;
    const more = wrong ? nextDegrees(degrees, [true, true, true], settings) : undefined;
    if (more) {
      degrees = more;
      continue;
    }
    const resolved = resolvedOf(low, { agrees: off <= tol * limit, wrong }, settings);
    return new ChebyshevTucker({
      ...model.form,
      resolution: {
        tol: settings.tol,
        tails: triple(tails.map((tail) => (norm > 0 ? tail / norm : 0))),
        resolved,
        error: { truncation: frobenius(tails), compression: model.lost, sampled: off },
      },
    });
  }
}

/**
 * Which degrees are sufficient: those with small trailing coefficients, unless points disagree and no trailing
 * coefficients explain it; all, if points agree. With given ranks, disagreements may be due to these.
 */
export function resolvedOf(
  low: readonly boolean[],
  { agrees, wrong }: { readonly agrees: boolean; readonly wrong: boolean },
  { ranks }: Settings,
): readonly [boolean, boolean, boolean] {
  const unseen = wrong && !low.includes(true);
  return triple(low.map((is) => (ranks ? !is : agrees || !(is || unseen))));
}

export const triple = <T>([x, y, z]: readonly T[]): readonly [T, T, T] => [x, y, z];

/** The norm of the trailing coefficients along an axis. */
function tailNorm({ shape, data, strides }: Tensor, axis: number): number {
  const from = shape[axis] - tailOf(shape[axis]);
  const kept = new Float64Array((data.length / shape[axis]) * (shape[axis] - from));
  let n = 0;
  for (let e = 0; e < data.length; e++) {
    if (Math.floor(e / strides[axis]) % shape[axis] >= from) kept[n++] = data[e];
  }
  return frobenius(kept);
}

function compressed(
  C: Tensor,
  norm: number,
  { domain, tol, absolute, ranks, als }: Settings,
): { form: ChebyshevTucker; lost: number } {
  if (norm === Number.POSITIVE_INFINITY) fail('NON_FINITE', 'The norm of the values overflows.');
  const share = absolute && norm > 0 ? tol / norm : tol;
  let found: Pick<ReturnType<typeof hosvd>, 'core' | 'factors' | 'error'> = hosvd(
    C,
    ranks ? { ranks, sequential: true } : { tol: share, sequential: true },
  );
  if (als > 0 && norm > 0) {
    const kept = found.core.shape;
    // Sweeps need ranks of at most the product of the other ranks.
    if (kept.every((r, k) => r <= kept.reduce((product, s) => product * s, 1) / kept[k])) {
      const swept = tuckerAls(C, { ranks: kept, maxIter: als, tol: 0 });
      if (swept.error <= found.error) found = swept;
    }
  }
  const form = new ChebyshevTucker({ domain, core: found.core, coefficients: found.factors });
  return { form, lost: found.error * norm };
}
