// Fronts are put together from those of their children, and what remains of them is packed.
import { int, real, setReal } from '../common/lists';

/**
 * Adds a child's front of `side` rows and columns to its parent's of M (extend-add): its row i is row map_i of the parent, as is its column.
 * With `lower`, only what is not above the diagonal; the map then ascends.
 */
export function extendAdd(side: i32, child: usize, map: usize, M: i32, parent: usize, lower: i32): void {
  for (let a = 0; a < side; a++) {
    const to = parent + ((<usize>int(map, a) * <usize>M) << 3), from = child + ((<usize>a * <usize>side) << 3);
    for (let b = lower != 0 ? a : 0; b < side; b++) {
      const i = int(map, b);
      setReal(to, i, real(to, i) + real(from, b));
    }
  }
}

/**
 * Adds the lower triangle of a child's front of `side` rows to that of its parent, whose first k columns, of m rows, are at P, and whose other
 * columns are at U, of u rows each.
 */
export function extendAddSplit(side: i32, child: usize, map: usize, k: i32, P: usize, m: i32, U: usize, u: i32): void {
  for (let a = 0; a < side; a++) {
    const c = int(map, a), from = child + ((<usize>a * <usize>side) << 3);
    // Row i of a column is at i.
    const to = c < k ? P + ((<usize>c * <usize>m) << 3) : U + ((<usize>(c - k) * <usize>u) << 3) - (<usize>k << 3);
    for (let b = a; b < side; b++) {
      const i = int(map, b);
      setReal(to, i, real(to, i) + real(from, b));
    }
  }
}

/** Copies a block whose columns are `ld` apart to where they follow each other, which may overlap if it is before. */
export function packBlock(rows: i32, columns: i32, from: usize, ld: i32, to: usize): void {
  const bytes = <usize>rows << 3;
  for (let j = 0; j < columns; j++) memory.copy(to + <usize>j * bytes, from + ((<usize>j * <usize>ld) << 3), bytes);
}
