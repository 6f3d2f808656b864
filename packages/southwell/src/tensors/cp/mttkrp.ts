import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { Memory } from '../memory.ts';
import type { SparseTensor } from '../sparseTensor.ts';
import { checkMode, type Shape, sizeOf, stackOf, type Tensor } from '../tensor.ts';

/** A factor, n × rank, column-major. */
export type Factor = Float64Array;

/**
 * Khatri–Rao product of the factors of consecutive modes, column-major: row (i, j, …) is the product of rows i, j, …,
 * the last index fastest. Written into `out` from `at` on.
 */
export function khatriRaoInto(shape: Shape, factors: readonly Factor[], rank: number, out: Float64Array, at = 0): void {
  const length = sizeOf(shape);
  if (shape.length === 1) {
    out.set(factors[0].subarray(0, length * rank), at);
    return;
  }
  for (let a = 0; a < rank; a++) {
    const start = at + a * length;
    out[start] = 1;
    let filled = 1;
    shape.forEach((n, k) => {
      const column = a * n;
      // Backwards, so that rows are read before they are overwritten.
      for (let p = filled - 1; p >= 0; p--) {
        const v = out[start + p];
        for (let i = n - 1; i >= 0; i--) out[start + p * n + i] = v * factors[k][column + i];
      }
      filled *= n;
    });
  }
}

/**
 * For `rank` concatenated tensors of a shape: contracts each with the a-th column of every factor except that of
 * `mode`; out is n × rank, column-major. O(values).
 */
export function contractColumns(
  values: Float64Array,
  at: number,
  shape: Shape,
  factors: readonly Factor[],
  rank: number,
  mode: number,
  out: Factor,
): void {
  const { before, size, after } = stackOf(shape, mode);
  if (shape.length === 1) {
    out.set(values.subarray(at, at + size * rank));
    return;
  }
  const left = new Float64Array(before * rank);
  const right = new Float64Array(after * rank);
  khatriRaoInto(shape.slice(0, mode), factors.slice(0, mode), rank, left);
  khatriRaoInto(shape.slice(mode + 1), factors.slice(mode + 1), rank, right);
  out.fill(0);
  const each = before * size * after;
  for (let a = 0; a < rank; a++) {
    const start = at + a * each;
    const [l0, r0, o0] = [a * before, a * after, a * size];
    for (let l = 0; l < before; l++) {
      const weight = left[l0 + l];
      if (weight === 0) continue;
      for (let i = 0; i < size; i++) {
        const from = start + (l * size + i) * after;
        let sum = 0;
        for (let r = 0; r < after; r++) sum += values[from + r] * right[r0 + r];
        out[o0 + i] += weight * sum;
      }
    }
  }
}

/**
 * The mode at which modes are divided into two halves for products with a Khatri–Rao product, as evenly as possible.
 */
export function cutOf(shape: Shape): number {
  let best = 1;
  const cost = (s: number) => sizeOf(shape.slice(0, s)) + sizeOf(shape.slice(s));
  for (let s = 2; s < shape.length; s++) if (cost(s) < cost(best)) best = s;
  return best;
}

/**
 * Matricised tensor times Khatri–Rao product (MTTKRP): out(i, a) = Σ tensor(…, i, …) · ∏ over other modes of their
 * factor's (index, a); n × rank. Dense: a matrix product with the Khatri–Rao product of the other half of the modes,
 * then sums over the remaining modes (Phan, Tichavský and Cichocki 2013), O(rank · values). Sparse: entry by entry,
 * O(rank · modes · entries).
 * @param factors A factor for every mode, n × rank; that of `mode` is not used.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function mttkrp(tensor: Tensor | SparseTensor, factors: readonly DenseMatrix[], mode: number): DenseMatrix {
  checkMode(tensor.shape, mode);
  const rank = checkFactors(tensor.shape, factors);
  const own = factors.map((factor) => factor.data.slice());
  const out = new Float64Array(tensor.shape[mode] * rank);
  if (tensor.kind === 'sparse') sparseMttkrp(tensor, own, rank, mode, out);
  else {
    const memory = new Memory(tensor.data.length);
    try {
      const halves = new Halves(tensor.shape, memory.hold(tensor.data), rank, memory);
      halves.prepare(mode < halves.cut ? 'left' : 'right', own);
      halves.contract(mode, own, out);
    } finally {
      memory.free();
    }
  }
  return DenseMatrix.fromColumnMajor(out, tensor.shape[mode], rank);
}

/** Checks that factors match a shape, and returns their rank. @throws INVALID_SHAPE. */
export function checkFactors(shape: Shape, factors: readonly DenseMatrix[]): number {
  const rank = factors[0]?.cols ?? 0;
  const fit =
    factors.length === shape.length && factors.every(({ rows, cols }, k) => rows === shape[k] && cols === rank);
  if (!fit) {
    const wanted = shape.map((n) => `${n} × ${rank}`).join(', ');
    const given = factors.map(({ rows, cols }) => `${rows} × ${cols}`).join(', ');
    fail('INVALID_SHAPE', `Factors must be ${wanted}, but are ${given}.`);
  }
  return rank;
}

/**
 * A tensor in kernel memory and its contractions with either half of its modes, which all modes of the other half
 * share: a sweep over all modes reads the tensor only twice.
 */
export class Halves {
  readonly cut: number;
  private readonly sides: { readonly left: Shape; readonly right: Shape };
  private readonly products: DenseMatrix;
  private readonly contracted: DenseMatrix;

  constructor(
    shape: Shape,
    private readonly tensor: DenseMatrix,
    private readonly rank: number,
    private readonly memory: Memory,
  ) {
    this.cut = cutOf(shape);
    this.sides = { left: shape.slice(0, this.cut), right: shape.slice(this.cut) };
    const longest = Math.max(sizeOf(this.sides.left), sizeOf(this.sides.right));
    this.products = memory.room(longest * rank);
    this.contracted = memory.room(longest * rank);
  }

  /** Contracts with the factors of the other half, for the modes of this one. O(rank · values). */
  prepare(side: 'left' | 'right', factors: readonly Factor[]): void {
    const { cut, rank, sides, products, contracted, tensor, memory } = this;
    const [L, R] = [sizeOf(sides.left), sizeOf(sides.right)];
    if (side === 'left') {
      khatriRaoInto(sides.right, factors.slice(cut), rank, products.data);
      const T = [tensor.pointer, R] as const;
      memory.gemm([true, false], [L, rank, R], T, [products.pointer, R], [contracted.pointer, L]);
    } else {
      khatriRaoInto(sides.left, factors.slice(0, cut), rank, products.data);
      const T = [tensor.pointer, R] as const;
      memory.gemm([false, false], [R, rank, L], T, [products.pointer, L], [contracted.pointer, R]);
    }
  }

  /** Completes the contraction for a mode of the prepared half, with the current factors of its other modes. */
  contract(mode: number, factors: readonly Factor[], out: Factor): void {
    const { cut, rank, sides, contracted } = this;
    const { data } = contracted;
    if (mode < cut) contractColumns(data, 0, sides.left, factors.slice(0, cut), rank, mode, out);
    else contractColumns(data, 0, sides.right, factors.slice(cut), rank, mode - cut, out);
  }

  /**
   * ‖tensor − model‖², entry by entry: accurate where ‖tensor‖² − … suffers from cancellation. With a mask of ones
   * and zeros, over the values where it is one. O(rank · values).
   */
  residualSquares(factors: readonly Factor[], mask?: DenseMatrix): number {
    const { cut, rank, sides, memory, products, contracted } = this;
    const [L, R] = [sizeOf(sides.left), sizeOf(sides.right)];
    khatriRaoInto(sides.left, factors.slice(0, cut), rank, products.data);
    khatriRaoInto(sides.right, factors.slice(cut), rank, contracted.data);
    const block = Math.max(1, Math.min(L, Math.floor(65_536 / R)));
    const room = memory.room(block * R);
    let sum = 0;
    for (let l = 0; l < L; l += block) {
      const cols = Math.min(block, L - l);
      const B = [products.pointer + 8 * l, L] as const;
      memory.gemm([false, true], [R, cols, rank], [contracted.pointer, R], B, [room.pointer, R]);
      const [from, model] = [this.tensor.data, room.data];
      const at = l * R;
      const ones = mask?.data;
      for (let e = 0; e < cols * R; e++) {
        if (ones && ones[at + e] === 0) continue;
        const d = from[at + e] - model[e];
        sum += d * d;
      }
    }
    memory.give(room);
    return sum;
  }
}

/** Sums over listed entries; out is n × rank, column-major. */
export function sparseMttkrp(
  { shape, indices, values }: SparseTensor,
  factors: readonly Factor[],
  rank: number,
  mode: number,
  out: Factor,
  weights: Float64Array = values,
): void {
  out.fill(0);
  const others = shape.flatMap((n, k) => (k === mode ? [] : [{ n, of: indices[k], factor: factors[k] }]));
  const own = indices[mode];
  const n = shape[mode];
  for (let a = 0; a < rank; a++) {
    for (let e = 0; e < values.length; e++) {
      let product = weights[e];
      for (const { n: m, of, factor } of others) product *= factor[a * m + of[e]];
      out[a * n + own[e]] += product;
    }
  }
}
