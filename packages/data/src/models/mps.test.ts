import { CscMatrix } from '@southwell/numerics/arrays';
import type { Model } from '@southwell/numerics/expressions';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMps } from './mps.ts';
import { writeMps } from './write-mps.ts';

const read = (text: string) => {
  const notes: string[] = [];
  return { model: readMps(text, { onNote: (note) => notes.push(note) }), notes };
};
const dense = (M: CscMatrix) => {
  const out = M.toDense();
  return Array.from({ length: M.rows }, (_, i) => Array.from({ length: M.cols }, (__, j) => out.get(i, j)));
};
const INF = Number.POSITIVE_INFINITY;

const qptest = `NAME          QP example
* a comment
ROWS
 N  obj
 G  r1
 L  r2
COLUMNS
    c1        r1                 2.0   r2                -1.0
    c1        obj                1.5
    c2        r1                 1.0   r2                 2.0
    c2        obj               -2.0
RHS
    rhs1      r1                 2.0   r2                 6.0
    rhs1      obj               -4.0
BOUNDS
 UP bnd1      c1                20.0
QUADOBJ
    c1        c1                 8.0
    c1        c2                 2.0
    c2        c2                10.0
ENDATA
`;

test('a quadratic program: sides, bounds, both triangles, the constant of the objective', () => {
  const { model, notes } = read(qptest);
  expect(notes).toEqual([]);
  expect(model.name).toBe('QP example');
  expect(model.variables.names).toEqual(['c1', 'c2']);
  expect(model.rows.names).toEqual(['r1', 'r2']);
  expect(dense(model.rows.linear)).toEqual([
    [2, 1],
    [-1, 2],
  ]);
  expect([...model.rows.lower, ...model.rows.upper]).toEqual([2, -INF, INF, 6]);
  expect([...model.variables.lower, ...model.variables.upper]).toEqual([0, 0, 20, INF]);
  expect(dense(model.objective.quadratic!)).toEqual([
    [8, 2],
    [2, 10],
  ]);
  expect(model.objective.constant).toBe(4);
  expect([...model.objective.linear]).toEqual([1.5, -2]);
});

test('ranges by the type of the row and the sign', () => {
  const { model } = read(`NAME r
ROWS
 N c
 L l
 G g
 E p
 E m
 L ln
COLUMNS
 x l 1 g 1
 x p 1 m 1
 x ln 1
RHS
 RHS l 10 g 10
 RHS p 10 m 10
 RHS ln 10
RANGES
 R l 4 g 4
 R p 4 m -4
 R ln -4
ENDATA`);
  expect([...model.rows.lower]).toEqual([6, 10, 10, 6, 6]);
  expect([...model.rows.upper]).toEqual([10, 14, 14, 10, 10]);
});

test('the names of vectors may be left out', () => {
  const { model } = read(qptest.replaceAll('rhs1', '    ').replace('bnd1', '    '));
  expect([...model.rows.lower, ...model.rows.upper]).toEqual([2, -INF, INF, 6]);
  expect(model.variables.upper[0]).toBe(20);
});

test('bounds of every type, integers, and the notes of what has no single meaning', () => {
  const names = ['up', 'neg', 'negLo', 'lo', 'fx', 'fr', 'mi', 'pl', 'bv', 'li', 'ui', 'int', 'intUp'];
  const { model, notes } = read(`NAME b
OBJSENSE
    MAX
ROWS
 N c
 N other
 E r
COLUMNS
${names
  .slice(0, 11)
  .map((name) => ` ${name} r 1`)
  .join('\n')}
 MARKER MARKER 'INTORG'
 int r 1 other 3
 intUp r 1
 MARKER MARKER 'INTEND'
 last r 1
RHS
BOUNDS
 UP BND up 4
 UP BND neg -4
 LO BND negLo -9
 UP BND negLo -4
 LO BND lo 2.5D1
 FX BND fx 3
 FR BND fr
 MI BND mi
 PL BND pl
 BV BND bv
 LI BND li 2
 UI BND ui 7
 UP BND intUp 1e30
 UP OTHER up 5
ENDATA`);
  const at = (name: string) => {
    const j = model.variables.names.indexOf(name);
    return [model.variables.lower[j], model.variables.upper[j], model.variables.integer[j]];
  };
  expect(model.objective.sense).toBe('maximize');
  expect(at('up')).toEqual([0, 4, 0]);
  expect(at('neg')).toEqual([-INF, -4, 0]);
  expect(at('negLo')).toEqual([-9, -4, 0]);
  expect(at('lo')).toEqual([25, INF, 0]);
  expect(at('fx')).toEqual([3, 3, 0]);
  expect(at('fr')).toEqual([-INF, INF, 0]);
  expect(at('mi')).toEqual([-INF, INF, 0]);
  expect(at('pl')).toEqual([0, INF, 0]);
  expect(at('bv')).toEqual([0, 1, 1]);
  expect(at('li')).toEqual([2, INF, 1]);
  expect(at('ui')).toEqual([0, 7, 1]);
  expect(at('int')).toEqual([0, 1, 1]);
  expect(at('intUp')).toEqual([0, INF, 1]);
  expect(at('last')).toEqual([0, INF, 0]);
  expect(notes.join('\n')).toMatch(/neg has a negative upper bound/);
  expect(notes.join('\n')).toMatch(/objective is c; further free rows, such as other/);
  expect(notes.join('\n')).toMatch(/vectors in BOUNDS, the first is read, BND/);
  expect(notes.join('\n')).toMatch(/at most 1/);
});

test('names with spaces, in the columns of the fixed format', () => {
  const { model } = read(`NAME          SPACES
ROWS
 N  COST
 L  MY ROW
COLUMNS
    X ONE     COST               1.0   MY ROW             2.0
    X TWO     MY ROW             3.0
RHS
    RHS       MY ROW             4.0
BOUNDS
 UP BND       X ONE              9.0
ENDATA`);
  expect(model.variables.names).toEqual(['X ONE', 'X TWO']);
  expect(model.rows.names).toEqual(['MY ROW']);
  expect(dense(model.rows.linear)).toEqual([[2, 3]]);
  expect(model.variables.upper[0]).toBe(9);
});

test('errors name the line', () => {
  const wrong = (from: string, to: string, message: RegExp) =>
    expect(() => readMps(qptest.replace(from, to))).toThrow(message);
  wrong(' G  r1', ' X  r1', /Line 5: the type of a row is N, L, G or E, not "X"/);
  wrong('c1        obj', 'c1        objj', /Line 9: there is no row objj/);
  wrong('1.5', '1,5', /Line 9: "1,5" is not a number/);
  wrong(' UP bnd1', ' UQ bnd1', /Line 16: a bound is one of .* not "UQ"/);
  wrong('    c1        c2                 2.0', '    c1        c1                 2.0', /Line 19: .* is there twice/);
  wrong(
    '    c2        r1                 1.0   r2',
    '    c1        r1                 1.0   r2',
    /Line 10: .*there twice/,
  );
  wrong('BOUNDS', 'BONDS', /"BONDS" is no section/);
  expect(() => readMps('a,b\n1,2')).toThrow(/no section of an MPS file/);
  expect(() => readMps('')).toThrow(/not an MPS file/);
  expect(read(qptest.replace('ENDATA', '')).notes[0]).toMatch(/no ENDATA/);
  expect(() => readMps(qptest, { notes: true } as object)).toThrow(/no option 'notes'/);
});

test('what is written is read back', () => {
  const number = fc.constantFrom(0, 1, -2.5, 1e-7, 123456.789, 1 / 3);
  const bound = fc.constantFrom<[number, number]>(
    [0, INF],
    [-INF, INF],
    [-1, 2],
    [3, 3],
    [-INF, -4],
    [-INF, 5],
    [0, 0.1],
  );
  const models = fc.record({ n: fc.integer({ min: 1, max: 4 }), m: fc.integer({ min: 0, max: 3 }) }).chain(({ n, m }) =>
    fc.record({
      A: fc.array(fc.array(number, { minLength: n, maxLength: n }), { minLength: m, maxLength: m }),
      rows: fc.array(fc.constantFrom<[number, number]>([1, 1], [-INF, 2], [3, INF], [0, 4]), {
        minLength: m,
        maxLength: m,
      }),
      bounds: fc.array(bound, { minLength: n, maxLength: n }),
      integer: fc.array(fc.constantFrom(0, 1), { minLength: n, maxLength: n }),
      linear: fc.array(number, { minLength: n, maxLength: n }),
      square: fc.array(number, { minLength: n, maxLength: n }),
      sense: fc.constantFrom('minimize' as const, 'maximize' as const),
      constant: number,
    }),
  );
  fc.assert(
    fc.property(models, ({ A, rows, bounds, integer, linear, square, sense, constant }) => {
      const n = linear.length;
      const cells = A.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [[i, j, v]])));
      const diagonal = square.flatMap((v, j) => (v === 0 ? [] : [[j, j, v]]));
      const matrix = (height: number, entries: number[][]) =>
        CscMatrix.fromTriplets(
          height,
          n,
          ...([0, 1, 2].map((k) => entries.map((e) => e[k])) as [number[], number[], number[]]),
        );
      const model: Model = {
        name: 'round trip',
        variables: {
          names: linear.map((_, j) => `x${j}`),
          lower: Float64Array.from(bounds, ([low]) => low),
          upper: Float64Array.from(bounds, ([, up]) => up),
          integer: Uint8Array.from(integer),
        },
        rows: {
          names: A.map((_, i) => `r${i}`),
          lower: Float64Array.from(rows, ([low]) => low),
          upper: Float64Array.from(rows, ([, up]) => up),
          linear: matrix(A.length, cells),
        },
        objective: {
          ...{ name: 'cost', sense, constant, linear: Float64Array.from(linear) },
          quadratic: diagonal.length > 0 ? matrix(n, diagonal) : undefined,
        },
        suffixes: [],
      };
      const { model: back, notes } = read(writeMps(model));
      expect(notes).toEqual([]);
      expect(back.variables).toEqual(model.variables);
      expect({ ...back.rows, linear: dense(back.rows.linear) }).toEqual({
        ...model.rows,
        linear: dense(model.rows.linear),
      });
      const { quadratic, ...rest } = back.objective;
      const { quadratic: given, ...same } = model.objective;
      expect({ ...rest, constant: rest.constant + 0 }).toEqual(same);
      expect(quadratic && dense(quadratic)).toEqual(given && dense(given));
    }),
    { numRuns: 200 },
  );
  expect(() =>
    writeMps({ ...read(qptest).model, variables: { ...read(qptest).model.variables, names: ['a b', 'c'] } }),
  ).toThrow(/name "a b" cannot be written/);
});
