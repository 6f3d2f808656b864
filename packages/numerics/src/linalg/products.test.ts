import { Arena, type Engine } from '@southwell/kernels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix, type Matrix } from '../arrays/index.ts';
import { multiply, multiplyTransposed } from './index.ts';

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];
const small = fc.integer({ min: -9, max: 9 });

function build(kind: 'dense' | 'csc', arena: Arena, entries: number[], rows: number, cols: number): Matrix {
  if (kind === 'dense') {
    const X = DenseMatrix.create(rows, cols, { arena });
    X.data.set(entries.slice(0, rows * cols));
    return X;
  }
  const nnz = entries.slice(0, rows * cols).filter((v) => v !== 0).length;
  const X = CscMatrix.create(rows, cols, nnz, { arena });
  let at = 0;
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) {
      const v = entries[j * rows + i];
      if (v === 0) continue;
      X.rowIndices[at] = i;
      X.values[at++] = v;
    }
    X.colPointers[j + 1] = at;
  }
  return X;
}

test.each(engines.flatMap((engine) => (['dense', 'csc'] as const).map((kind) => [engine, kind] as const)))(
  'products are exact on integers wherever the vectors live (%s, %s)',
  (engine, kind) => {
    const arena = new Arena({ engine });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        fc.array(small, { minLength: 81, maxLength: 81 }),
        fc.array(small, { minLength: 9, maxLength: 9 }),
        fc.boolean(),
        fc.boolean(),
        (rows, cols, entries, vector, inputInside, outInside) => {
          const X = build(kind, arena, entries, rows, cols);
          const before = arena.allocatedBytes;
          for (const transposed of [false, true]) {
            const [from, to] = transposed ? [rows, cols] : [cols, rows];
            const blocks = [arena.f64Block(from), arena.f64Block(to)];
            const input = inputInside ? blocks[0].view : new Float64Array(from);
            const out = outInside ? blocks[1].view : new Float64Array(to);
            input.set(vector.slice(0, from));
            out.fill(Number.NaN);
            (transposed ? multiplyTransposed : multiply)(X, input, out);
            const entry = (i: number, j: number) => entries[j * rows + i];
            const expected = Array.from({ length: to }, (_, k) => {
              let sum = 0;
              for (let l = 0; l < from; l++) sum += vector[l] * (transposed ? entry(l, k) : entry(k, l));
              return sum;
            });
            expect(Array.from(out, (z) => z + 0)).toEqual(expected.map((z) => z + 0));
            for (const block of blocks) block.free();
          }
          expect(arena.allocatedBytes).toBe(before);
          X.free();
        },
      ),
      { numRuns: 60 },
    );
    expect(arena.allocatedBytes).toBe(0);
  },
);
