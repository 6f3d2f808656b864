/** Small tables for testing forms: numbers by arithmetic only. */

// Features a to d ≥ 0 and their weighted sum y; a two-class and a three-class column; events and weights.
const n = 60;
export const rows = Array.from({ length: n }, (_, i) => {
  const [a, b, c, d] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10, ((i * 7) % 31) / 10];
  const y = 3 * a - 2 * b + c + ((i * 7) % 5) / 10 + 5;
  const three = y < 5 ? 'low' : y < 9 ? 'middle' : 'high';
  return {
    a,
    b,
    c,
    d,
    y,
    count: Math.floor(y),
    two: y > 7 ? 'yes' : 'no',
    three,
    seen: Number(i % 3 > 0),
    w: 1 + (i % 4),
  };
});
const csv = (list: readonly object[]): string =>
  `${[Object.keys(list[0]).join(','), ...list.map((row) => Object.values(row).join(','))].join('\n')}\n`;
export const marks = rows.flatMap((_, i) =>
  Array.from({ length: 8 }, (__, j) => ({
    user: `u${i % 20}`,
    item: `i${j}`,
    mark: (((i % 20) * j) % 7) + 1,
    sure: 1 + (j % 2),
  })).filter((_m, j) => i < 20 && (i + j) % 3 > 0),
);
export const tables: Readonly<Record<string, string>> = {
  'rows.csv': csv(rows),
  'parts.csv': csv(rows.map(({ a, b, c, d }) => ({ a, b, c, d, e: a + b, f: c + d }))),
  // A ring of seven nodes in the first two columns, and another in the first and third.
  'links.csv': csv(
    Array.from({ length: 7 }, (_, i) => ({
      ...{ one: `n${i}`, two: `n${(i + 1) % 7}`, far: `n${(i + 2) % 7}` },
      ...{ rate: 1 + (i % 3), cost: 2 + (i % 2), price: 1 + i / 7 },
    })),
  ),
  'delays.csv': csv(
    Array.from({ length: 6 }, (_, i) =>
      Object.fromEntries(Array.from({ length: 9 }, (__, r) => [`r${r}`, (i + r) % 7 === 3 ? 4 : 1 + i / 50])),
    ),
  ),
  'known.csv': csv(
    rows.map(({ a, b, c, d }, i) => ({ a, b, c, d, kind: i % 20 === 0 ? (a > 1 ? 'large' : 'small') : '' })),
  ),
  'bits.csv': csv(rows.map(({ a, b, c }) => ({ a: Number(a > 1), b: Number(b > a), c: Number(c + a > 1.5) }))),
  'square.csv': csv(
    Array.from({ length: 6 }, (_, i) =>
      Object.fromEntries(Array.from({ length: 6 }, (__, j) => [`x${j}`, i === j ? 4 : Math.abs(i - j) < 3 ? -0.5 : 0])),
    ),
  ),
  // Three adjoining walls, and a slightly moved copy.
  ...Object.fromEntries(
    [0, 0.1].map((moved, k) => [
      `cloud${k + 1}.csv`,
      csv(
        Array.from({ length: 300 }, (_, i) => {
          const [u, v] = [((i * 37) % 101) / 25, ((i * 53) % 97) / 30];
          const [x, y, z] = [
            [u, v, 0],
            [u, 0, v],
            [0, u, v],
          ][i % 3];
          return { x: x + moved, y: y - moved / 2, z: z + moved / 3, shade: i % 7 };
        }),
      ),
    ]),
  ),
  'first.txt': '1 0 0 0.1\n0 1 0 0\n0 0 1 0\n0 0 0 1\n',
  'moves.csv': 'move,left,right,wait\nup,3,-1,2\ndown,-2,4,1\nstay,0,0,5\n',
  'pairs.csv': 'user,item\n1,0\n2,1\n3,3\n',
  'kinds.csv': `kind\n${rows.map(({ y }) => (y > 7 ? 'high' : 'low')).join('\n')}\n`,
  'tiers.csv': 'variable,tier\nc,1\na,2\nb,2\n',
  'entries.csv': csv(marks),
  // Entries of a matrix with gaps, and of one without.
  'places.csv': csv(
    marks.map(({ user, item, mark, sure }) => ({
      user: Number(user.slice(1)),
      item: Number(item.slice(1)),
      mark,
      sure,
    })),
  ),
  // Entries of an incomplete tensor.
  'cube.csv': csv(
    Array.from({ length: 60 }, (_, t) => {
      const [i, j, k] = [1 + (t % 5), 1 + (Math.floor(t / 5) % 4), 1 + Math.floor(t / 20)];
      return { i, j, k, v: i * j + k * (1 + ((t * 7) % 5) / 10) };
    }).filter((_, t) => t % 11 > 0),
  ),
  'gaps.csv': csv(
    rows.map(({ a, b, c, d }, i) => ({ a, b: i % 7 === 0 ? '' : b, c: i % 5 === 0 ? '' : c, d, e: a + b })),
  ),
  'sparse.mtx': `%%MatrixMarket matrix coordinate real general\n20 8 ${marks.length}\n${marks
    .map(({ user, item, mark }) => `${Number(user.slice(1)) + 1} ${Number(item.slice(1)) + 1} ${mark}`)
    .join('\n')}\n`,
};

/** A smooth function on a 9 × 8 × 7 grid, in NumPy's format. */
export function gridNpy(): Uint8Array {
  const shape = [9, 8, 7];
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117);
  const bytes = new Uint8Array(128 + 8 * 9 * 8 * 7);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  bytes.set(new TextEncoder().encode(`${header}\n`), 10);
  const view = new DataView(bytes.buffer);
  for (let t = 0; t < 9 * 8 * 7; t++) {
    const [i, j, k] = [Math.floor(t / 56), Math.floor(t / 7) % 8, t % 7];
    view.setFloat64(128 + 8 * t, 1 / (3 + i / 8 + (j / 7) * (k / 6)), true);
  }
  return bytes;
}
