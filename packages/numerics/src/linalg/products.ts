import { denseKernels } from '@southwell/kernels';
import { sparseKernels } from '@southwell/kernels/sparse';
import type { Matrix } from '../arrays/index.ts';

/**
 * out ← X v, where v has length cols and out has length rows. Columns with v[j] = 0 are not read. v and out may be
 * plain arrays or views of X's arena; the latter are used in place, the former copied through scratch. O(nnz).
 */
export function multiply(X: Matrix, v: Float64Array, out: Float64Array): void {
  product(X, v, out, X.cols, X.rows, (from, to) => {
    const kernels = X.arena.use(denseKernels, sparseKernels);
    if (X.kind === 'dense') {
      kernels.gemv(X.rows, X.cols, 1, X.pointer, X.rows, from, 0, to);
    } else {
      const { colPointers, rowIndices, values } = X.pointers;
      kernels.cscGemv(X.rows, X.cols, colPointers, rowIndices, values, from, to);
    }
  });
}

/**
 * out ← Xᵀ r, where r has length rows and out has length cols. r and out may be plain arrays or views of X's arena; the
 * latter are used in place, the former copied through scratch. O(nnz).
 */
export function multiplyTransposed(X: Matrix, r: Float64Array, out: Float64Array): void {
  product(X, r, out, X.rows, X.cols, (from, to) => {
    const kernels = X.arena.use(denseKernels, sparseKernels);
    if (X.kind === 'dense') {
      kernels.gemvT(X.rows, X.cols, X.pointer, X.rows, from, to);
    } else {
      const { colPointers, rowIndices, values } = X.pointers;
      kernels.cscGemvT(X.cols, colPointers, rowIndices, values, from, to);
    }
  });
}

/** Runs a product on pointers: to the vectors themselves if they lie in X's arena, otherwise to copies. */
function product(
  X: Matrix,
  input: Float64Array,
  out: Float64Array,
  inputLength: number,
  outLength: number,
  run: (from: number, to: number) => void,
): void {
  const { arena } = X;
  const scratch = arena.scratch();
  try {
    // Both pointers are taken first: allocating scratch may grow the memory, which detaches views unless the memory is
    // shared.
    const fromInPlace = arena.pointerOf(input);
    const toInPlace = arena.pointerOf(out);
    let from = fromInPlace;
    if (from === undefined) {
      const copy = scratch.f64(inputLength);
      copy.view.set(inputLength === input.length ? input : input.subarray(0, inputLength));
      from = copy.pointer;
    }
    const to = toInPlace ?? scratch.f64(outLength).pointer;
    run(from, to);
    if (arena.pointerOf(out) === undefined && out.length > 0) {
      out.set(arena.f64.subarray(to / 8, to / 8 + outLength));
    }
  } finally {
    scratch.release();
  }
}
