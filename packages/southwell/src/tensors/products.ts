import type { DenseMatrix } from '@southwell/numerics/arrays';
import { checkOptions, fail, flagOption, type OptionsOf } from '@southwell/numerics/core';
import { Memory } from './memory.ts';
import { checkMode, type Shape, sizeOf, stackOf, Tensor } from './tensor.ts';

const productRecords = {
  /** Multiply by the matrix's transpose. Default false. */
  transpose: flagOption(),
};

export interface ModeProductOptions extends OptionsOf<typeof productRecords> {}

/** A column-major matrix in kernel memory. */
export interface Placed {
  readonly pointer: number;
  readonly rows: number;
  readonly cols: number;
}

const replaced = (shape: Shape, mode: number, size: number): number[] => shape.map((n, k) => (k === mode ? size : n));

/**
 * Whether `before` products of `entries` · `after` multiplications each are slower than one with `after` times as many,
 * mostly by zero: a call takes as long as some 2500 multiplications, and small products run at a fifth of the speed.
 */
export const manySmall = (before: number, entries: number, after: number): boolean =>
  before > 8 && entries * after * after < 2500 + 5 * entries * after;

/**
 * out ← tensor ×ₖ op(U) at pointers, for a tensor of the given shape, without unfolding; returns the shape of the
 * result. `finite`: no value is NaN or infinite, so that products with zero are zero.
 */
export function modeProductInto(
  memory: Memory,
  [from, shape]: readonly [pointer: number, shape: Shape],
  mode: number,
  U: Placed,
  transpose: boolean,
  out: number,
  finite = false,
): number[] {
  const { before, size, after } = stackOf(shape, mode);
  const m = transpose ? U.cols : U.rows;
  if (after === 1) {
    memory.gemm([transpose, false], [m, before, size], [U.pointer, U.rows], [from, size], [out, m]);
  } else if (finite && manySmall(before, size * m, after)) {
    // Uᵀ ⊗ I or U ⊗ I: one product with the matrices as columns, instead of a product for each.
    const [rows, cols] = [size * after, m * after];
    const K = memory.room(rows * cols);
    const [to, u] = [K.data.fill(0, 0, rows * cols), memory.arena.f64.subarray(U.pointer / 8)];
    for (let j = 0; j < m; j++) {
      for (let i = 0; i < size; i++) {
        const v = transpose ? u[j * size + i] : u[i * m + j];
        for (let r = 0; r < after; r++) to[(j * after + r) * rows + i * after + r] = v;
      }
    }
    memory.gemm([true, false], [cols, before, rows], [K.pointer, rows], [from, rows], [out, cols]);
    memory.give(K);
  } else {
    const [step, outStep] = [8 * size * after, 8 * m * after];
    for (let l = 0; l < before; l++) {
      const A = [from + l * step, after] as const;
      memory.gemm([false, !transpose], [after, m, size], A, [U.pointer, U.rows], [out + l * outStep, after]);
    }
  }
  return replaced(shape, mode, m);
}

/**
 * The k-mode product of a tensor with an m × n matrix along a mode of size n: out(…, j, …) = Σᵢ U(j, i)·tensor(…, i,
 * …), or with `transpose` U(i, j), without unfolding. Modes count from 0. O(m · values).
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function modeProduct(tensor: Tensor, mode: number, U: DenseMatrix, options: ModeProductOptions = {}): Tensor {
  checkOptions('modeProduct', productRecords, options);
  checkMode(tensor.shape, mode);
  return multiModeProduct(
    tensor,
    tensor.shape.map((_, k) => (k === mode ? U : undefined)),
    options,
  );
}

/**
 * The product of a tensor with a matrix along each mode, in an order that reduces its size early; modes without a
 * matrix are unchanged.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function multiModeProduct(
  tensor: Tensor,
  matrices: ReadonlyArray<DenseMatrix | undefined>,
  options: ModeProductOptions = {},
): Tensor {
  checkOptions('multiModeProduct', productRecords, options);
  const { transpose = false } = options;
  if (matrices.length !== tensor.order) {
    fail(
      'INVALID_PARAMETER',
      `A tensor of ${tensor.order} modes needs one matrix, or undefined, for each mode, not ${matrices.length}.`,
    );
  }
  const jobs = matrices.flatMap((U, mode) => (U ? [{ U, mode, m: transpose ? U.cols : U.rows }] : []));
  for (const { U, mode } of jobs) {
    const n = transpose ? U.rows : U.cols;
    if (n === tensor.shape[mode]) continue;
    const side = transpose ? 'rows' : 'columns';
    fail('INVALID_SHAPE', `Mode ${mode} has size ${tensor.shape[mode]}, but its matrix has ${n} ${side}.`);
  }
  if (jobs.length === 0) return tensor;
  jobs.sort((a, b) => a.m / tensor.shape[a.mode] - b.m / tensor.shape[b.mode]);
  const shapes = [tensor.shape];
  for (const { mode, m } of jobs) shapes.push(replaced(shapes.at(-1)!, mode, m));
  const largest = Math.max(...shapes.slice(1).map(sizeOf));
  const memory = new Memory(tensor.data.length + 2 * largest);
  try {
    let from = memory.hold(tensor.data);
    let [next, other] = [memory.room(largest), memory.room(jobs.length > 1 ? largest : 1)];
    jobs.forEach(({ U, mode }, at) => {
      const placed = memory.hold(U.data);
      const matrix = { pointer: placed.pointer, rows: U.rows, cols: U.cols };
      modeProductInto(memory, [from.pointer, shapes[at]], mode, matrix, transpose, next.pointer);
      memory.give(placed);
      if (at === 0) memory.give(from);
      [from, next, other] = [next, other, next];
    });
    const shape = shapes.at(-1)!;
    return new Tensor(shape, from.data.slice(0, sizeOf(shape)));
  } finally {
    memory.free();
  }
}
