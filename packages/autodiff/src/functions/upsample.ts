import { described, needTensors, pairGiven, refuse } from '../given.ts';
import { misfit } from '../op.ts';
import { matmul } from '../ops/matmul.ts';
import { broadcastTo, permute, reshape } from '../ops/views.ts';
import { owning, type Tensor } from '../tensor.ts';

/**
 * Upsamples images [n, h, w, channels] by integer factors: nearest neighbour (`nearest`) or linear interpolation between pixel centres
 * (`bilinear`, constant beyond the outermost centres). O(size) and O(size·(h + w)).
 * @throws INVALID_SHAPE for other shapes, and unless factors are positive integers.
 */
export function upsample(
  x: Tensor,
  factor: number | readonly [rows: number, columns: number],
  method: 'nearest' | 'bilinear' = 'nearest',
): Tensor {
  needTensors('upsample', { x });
  if (method !== 'nearest' && method !== 'bilinear')
    refuse(
      'upsample',
      `the method must be 'nearest' or 'bilinear', not ${typeof method === 'string' ? `'${method}'` : described(method)}.`,
    );
  const [r, s] = pairGiven('upsample', 'factor', factor);
  if (x.rank !== 4 || ![r, s].every((k) => Number.isInteger(k) && k >= 1)) {
    misfit(
      'upsample',
      [x],
      'images must be [number, height, width, channels], and factors whole numbers of at least 1.',
    );
  }
  const [n, h, w, c] = x.shape;
  if (method === 'nearest')
    return reshape(broadcastTo(reshape(x, [n, h, 1, w, 1, c]), [n, h, r, w, s, c]), [n, h * r, w * s, c]);
  const rows = reshape(matmul(between(h, r, x), reshape(x, [n, h, w * c])), [n, h * r, w, c]);
  return permute(matmul(permute(rows, [0, 1, 3, 2]), permute(between(w, s, x))), [0, 1, 3, 2]);
}

/** The interpolation matrix [n·factor, n] along an axis. */
function between(n: number, factor: number, like: Tensor): Tensor {
  const values = like.dtype === 'f32' ? new Float32Array(n * factor * n) : new Float64Array(n * factor * n);
  for (let i = 0; i < n * factor; i++) {
    const at = Math.min(n - 1, Math.max(0, (i + 0.5) / factor - 0.5));
    const low = Math.floor(at);
    values[i * n + low] += 1 - (at - low);
    if (at > low) values[i * n + low + 1] += at - low;
  }
  return owning(values, like.dtype, [n * factor, n]);
}
