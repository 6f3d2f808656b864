/** ‖x‖₂ = length/unit, where the unit is a power of two, and 1 unless squares overflow or underflow. */
export interface ScaledNorm {
  readonly length: number;
  readonly unit: number;
}

/** The Euclidean norm of x[from …], which must be finite. O(n). */
export function scaledNorm(x: ArrayLike<number>, from = 0): ScaledNorm {
  let sum = 0;
  for (let i = from; i < x.length; i++) sum += x[i] * x[i];
  if (sum > 1e-280 && sum < Number.POSITIVE_INFINITY) return { length: Math.sqrt(sum), unit: 1 };
  let most = 0;
  for (let i = from; i < x.length; i++) most = Math.max(most, Math.abs(x[i]));
  const unit = powerBelow(most);
  let scaled = 0;
  for (let i = from; i < x.length; i++) scaled += (x[i] * unit) ** 2;
  return { length: Math.sqrt(scaled), unit };
}

/** A power of two that scales a magnitude to about 1, within the range of doubles; multiplying by it is exact. */
export function powerBelow(size: number): number {
  return size > 0 ? 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(size)))) : 1;
}
