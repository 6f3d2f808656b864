/**
 * Entries of a matrix, and their file format: doubles, a header of four, then rows, columns and values of each part.
 */
export interface Entries {
  readonly row: ArrayLike<number>;
  readonly col: ArrayLike<number>;
  readonly value: ArrayLike<number>;
}

export interface Split {
  readonly rows: number;
  readonly cols: number;
  readonly train: Entries;
  readonly test: Entries;
}

export function pack({ rows, cols, train, test }: Split): Uint8Array {
  const parts = [train, test].flatMap(({ row, col, value }) => [row, col, value].map((part) => Array.from(part)));
  const all = Float64Array.from([rows, cols, train.value.length, test.value.length, ...parts.flat()]);
  return new Uint8Array(all.buffer);
}

export function unpack(bytes: Uint8Array): Split {
  const all = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const [rows, cols, n, m] = all;
  const part = (from: number, length: number): Entries => ({
    row: all.subarray(from, from + length),
    col: all.subarray(from + length, from + 2 * length),
    value: all.subarray(from + 2 * length, from + 3 * length),
  });
  return { rows, cols, train: part(4, n), test: part(4 + 3 * n, m) };
}
