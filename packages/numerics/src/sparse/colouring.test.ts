import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourColumns, type Pattern, starColouring } from './index.ts';

/** The pattern of the positions of a matrix at which `there` is true. */
function patternOf(rows: number, cols: number, there: (i: number, j: number) => boolean): Pattern {
  const colPointers = new Int32Array(cols + 1);
  const indices: number[] = [];
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) if (there(i, j)) indices.push(i);
    colPointers[j + 1] = indices.length;
  }
  return { rows, cols, colPointers, rowIndices: Int32Array.from(indices) };
}

const draw = (rows: number, cols: number) =>
  fc
    .array(fc.boolean(), { minLength: rows * cols, maxLength: rows * cols })
    .map((cells) => (i: number, j: number) => cells[i * cols + j]);
const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));

/** Dense values of a symmetric matrix; different at each position. */
const valueAt = (i: number, j: number) => Math.sqrt(2 + 31 * Math.min(i, j) + Math.max(i, j));

/** Every entry of `pattern` read from products of the full matrix with the groups. */
function recovered(full: (i: number, j: number) => boolean, pattern: Pattern): void {
  const { colours, count, rows, groups } = starColouring(pattern);
  const n = pattern.cols;
  const products = Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) if (colours[j] === c && full(i, j)) sum += valueAt(i, j);
      return sum;
    }),
  );
  for (let j = 0; j < n; j++) {
    for (let k = pattern.colPointers[j]; k < pattern.colPointers[j + 1]; k++)
      expect(products[groups[k]][rows[k]]).toBe(valueAt(pattern.rowIndices[k], j));
  }
}

describe('groups of columns', () => {
  test('no two columns of a group share a row', () => {
    fc.assert(
      fc.property(
        sizes.chain(([m, n]) => fc.tuple(fc.constant([m, n]), draw(m, n))),
        ([[m, n], there]) => {
          const { colours, count } = colourColumns(patternOf(m, n, there));
          for (let j = 0; j < n; j++) {
            expect(colours[j]).toBeGreaterThanOrEqual(0);
            expect(colours[j]).toBeLessThan(count);
            for (let k = 0; k < j; k++) {
              if (colours[j] !== colours[k]) continue;
              for (let i = 0; i < m; i++) expect(there(i, j) && there(i, k)).toBe(false);
            }
          }
        },
      ),
    );
  });

  test('known numbers: bands, diagonal, a full row, none', () => {
    const band = (n: number, width: number) => patternOf(n, n, (i, j) => Math.abs(i - j) <= width);
    expect(colourColumns(band(50, 0)).count).toBe(1);
    expect(colourColumns(band(50, 1)).count).toBe(3);
    expect(colourColumns(band(50, 3)).count).toBe(7);
    expect(colourColumns(patternOf(9, 9, (i, j) => i === j || i === 4)).count).toBe(9);
    expect(colourColumns(patternOf(9, 9, (i, j) => i === j || j === 4)).count).toBe(2);
    expect(colourColumns(patternOf(3, 0, () => true)).count).toBe(0);
    expect(colourColumns(patternOf(3, 4, () => false)).count).toBe(1);
  });
});

describe('star colouring', () => {
  test('entries are recovered from the products, with both triangles or one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }).chain((n) => fc.tuple(fc.constant(n), draw(n, n))),
        ([n, there]) => {
          const full = (i: number, j: number) => there(Math.max(i, j), Math.min(i, j));
          recovered(full, patternOf(n, n, full));
          recovered(
            full,
            patternOf(n, n, (i, j) => i >= j && full(i, j)),
          );
          recovered(
            full,
            patternOf(n, n, (i, j) => i <= j && full(i, j)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('neighbours differ, and no path of four vertices has two colours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 8 }).chain((n) => fc.tuple(fc.constant(n), draw(n, n))),
        ([n, there]) => {
          const edge = (i: number, j: number) => i !== j && there(Math.max(i, j), Math.min(i, j));
          const { colours } = starColouring(patternOf(n, n, (i, j) => i === j || edge(i, j)));
          for (let a = 0; a < n; a++)
            for (let b = 0; b < n; b++) {
              if (!edge(a, b)) continue;
              expect(colours[a]).not.toBe(colours[b]);
              for (let c = 0; c < n; c++)
                for (let d = 0; d < n; d++) {
                  if (c === a || d === a || d === b || !edge(b, c) || !edge(c, d)) continue;
                  expect(colours[a] === colours[c] && colours[b] === colours[d]).toBe(false);
                }
            }
        },
      ),
    );
  });

  test('known numbers: diagonal, tridiagonal, arrow, full', () => {
    expect(starColouring(patternOf(40, 40, (i, j) => i === j)).count).toBe(1);
    expect(starColouring(patternOf(40, 40, (i, j) => Math.abs(i - j) <= 1)).count).toBe(3);
    expect(starColouring(patternOf(40, 40, (i, j) => i === j || i === 39 || j === 39)).count).toBe(2);
    expect(starColouring(patternOf(40, 40, (i, j) => i === j || i === 0 || j === 0)).count).toBe(2);
    expect(starColouring(patternOf(7, 7, () => true)).count).toBe(7);
  });

  test('a long arrow takes no longer than its entries', () => {
    const n = 100_000;
    const colPointers = Int32Array.from({ length: n + 1 }, (_, j) => (j === 0 ? 0 : n + 2 * (j - 1)));
    const rowIndices = new Int32Array(n + 2 * (n - 1));
    for (let i = 0; i < n; i++) rowIndices[i] = i;
    for (let j = 1; j < n; j++) {
      rowIndices[n + 2 * (j - 1)] = 0;
      rowIndices[n + 2 * (j - 1) + 1] = j;
    }
    expect(starColouring({ rows: n, cols: n, colPointers, rowIndices }).count).toBe(2);
  });
});
