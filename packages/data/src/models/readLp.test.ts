import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CscMatrix } from '@southwell/numerics/arrays';
import { functionsOf, quadraticOf } from '@southwell/numerics/expressions';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLp } from './readLp.ts';

const example = `\\ A comment
Maximize
 profit: 3 x + 2.5y - z + 10
   + [ 2 x^2 + 4 x * y - 6 z^2 ] / 2
Subject To
 first: x + 2 y
   + z <= 10
 range: -5 <= x - y <= 1e30
 3 x >= 2 y - 4
 ball: x + [ x^2 + 3 y * z ] <= 7
 R[1]: .5 y + 1e-1 z = 3 \\ another
Bounds
 x <= 4
 -1 <= y <= 8
 z free
 w >= -inf
 v = 2.5
General
 x
Binaries
 b1 b2
End
`.replace('+ z <= 10', '+ z + b1 + b2 + w + v <= 10');

const dense = (A: CscMatrix): number[][] => {
  const rows = Array.from({ length: A.rows }, () => new Array<number>(A.cols).fill(0));
  for (let j = 0; j < A.cols; j++)
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) rows[A.rowIndices[k]][j] = A.values[k];
  return rows;
};

test('objective, constraints, bounds and kinds of variables', () => {
  const model = readLp(example);
  const { names, lower, upper, integer } = model.variables;
  expect(names).toEqual(['x', 'y', 'z', 'b1', 'b2', 'w', 'v']);
  expect([...lower]).toEqual([0, -1, -Infinity, 0, 0, -Infinity, 2.5]);
  expect([...upper]).toEqual([4, 8, Infinity, 1, 1, Infinity, 2.5]);
  expect([...integer]).toEqual([1, 0, 0, 1, 1, 0, 0]);
  expect(model.objective).toMatchObject({ name: 'profit', sense: 'maximize', constant: 10 });
  expect([...model.objective.linear]).toEqual([3, 2.5, -1, 0, 0, 0, 0]);
  expect(
    dense(model.objective.quadratic!)
      .slice(0, 3)
      .map((row) => row.slice(0, 3)),
  ).toEqual([
    [2, 2, 0],
    [2, 0, 0],
    [0, 0, -6],
  ]);
  expect(model.rows.names).toEqual(['first', 'range', 'c3', 'ball', 'R[1]']);
  expect([...model.rows.lower]).toEqual([-Infinity, -5, -4, -Infinity, 3]);
  expect([...model.rows.upper]).toEqual([10, Infinity, Infinity, 7, 3]);
  expect(dense(model.rows.linear)).toEqual([
    [1, 2, 1, 1, 1, 1, 1],
    [1, -1, 0, 0, 0, 0, 0],
    [3, -2, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0, 0],
    [0, 0.5, 0.1, 0, 0, 0, 0],
  ]);
  const values = new Float64Array(5);
  const x = Float64Array.of(1, 2, 3, 0, 0, 0, 0);
  functionsOf(model).constraintValues(x, values);
  expect(values[3]).toBe(1 + 1 + 18);
  expect(functionsOf(model).objective(x)).toBe(-(3 + 5 - 3 + 10 + 1 + 4 - 27));
  expect(quadraticOf(model)).toBeUndefined();
});

test('CR LF, capitals, short headers, names that are headers elsewhere, and strange names', () => {
  const text =
    'MIN\r\n obj: st + 2 max.1 - - x_{1}!\r\nST\r\n - st <=\r\n 2\r\nc: e1x + 1e1x >= 1\r\n x <= 5\r\n + x\r\n <= 3\r\nBOUND\r\n -Infinity <= st <= 1e20\r\nEND\r\n';
  const model = readLp(text);
  expect(model.variables.names).toEqual(['st', 'max.1', 'x_{1}!', 'e1x', 'x']);
  expect([...model.objective.linear]).toEqual([1, 2, 1, 0, 0]);
  expect([model.rows.names, [...model.rows.lower], [...model.rows.upper]]).toEqual([
    ['c1', 'c', 'c3', 'c4'],
    [-Infinity, 1, -Infinity, -Infinity],
    [2, Infinity, 5, 3],
  ]);
  expect([model.variables.lower[0], model.variables.upper[0]]).toEqual([-Infinity, Infinity]);
});

test('no constraints, and no objective', () => {
  expect(readLp('min\nsubject to\nend')).toMatchObject({ variables: { names: [] }, objective: { constant: 0 } });
  expect(readLp('max\n obj:\nst\n x <= 1\nend').rows.names).toEqual(['c1']);
});

describe('what is refused, with its line', () => {
  test.each([
    ['', 'Line 1: an LP file begins with Minimize or Maximize, but the file ends'],
    ['x + y', "Line 1: an LP file begins with Minimize or Maximize, but there is 'x'"],
    ['min\nx\nst\n', "Line 3: the file ends without 'End'."],
    ['min\nx\nst\nx >= 1\nend\nmore', "Line 6: after 'End', there is 'more'"],
    ['min\nx\nmax\nx\nend', 'Line 3: a second objective is not supported'],
    ['min\nx\nst\nx >= 1\nSemi-Continuous\nx\nend', 'Line 5: a section of semi-continuous is not supported'],
    ['min\nx\nst\nx >= 1\nSOS\ns1: S1:: x:1\nend', 'Line 5: a section of special ordered sets is not supported'],
    ['min\nx\nst\nc: b = 1 -> x >= 1\nend', 'Line 4: indicator constraints are not supported'],
    ['min\nx\nst\nc: x >= 1\nc: x >= 2\nend', "Line 5: the name 'c' of a constraint was given before, in line 4"],
    ['min\nx\nst\nc: x 1\nend', 'Line 4: <=, = or >= is expected in the constraint c, but there is 1'],
    ['min\nx\nst\nc: x >= \nend', "Line 5: a sum of terms is expected, but there is 'end'"],
    ['min\nx +\nst\nend', "a term is expected after the sign, but there is 'st'"],
    ['min\nx\nst\nc: x <= 1 <= y\nend', 'the outer sides of the constraint c have to be numbers'],
    ['min\nx\nst\nc: 1 <= x >= 0\nend', 'have to be <= or >= both'],
    ['min\n[ x^2 ]\nst\nend', "the quadratic terms of an objective end in '] / 2'"],
    ['min\n[ x^3 ] / 2\nst\nend', 'Line 2: the only power in a quadratic term is 2'],
    ['min\n[ x y ] / 2\nst\nend', "'^ 2' or '*' is expected, but there is 'y'"],
    ['min\n[ x * ] / 2\nst\nend', "a variable is expected, but there is ']'"],
    ['min\nx\nbounds\n3\nend', "<=, = or >= is expected after a number, but there is 'end'"],
    ['min\nx\nbounds\nx\nend', "<=, =, >= or free is expected after the variable x, but there is 'end'"],
    ['min\nx\nbounds\nx <= y\nend', "a number is expected, but there is 'y'"],
    ['min\nx\ngeneral\ny\nend', "Line 4: the variable 'y' does not occur before"],
    ['min\nx ^ 2\nst\nend', "a section is expected, but there is '^'"],
    ['min\nx | y\nst\nend', "Line 2: there is '|', which no LP file has there"],
    ['min\nx\nst\nx >= inf - inf\nend', 'is not a number'],
  ])('%j: %s', (text, sentence) => {
    expect(() => readLp(text)).toThrow(sentence);
  });

  test('a file that was cut anywhere throws nothing else', () => {
    for (let length = 0; length < example.length - 4; length++)
      expect(() => readLp(example.slice(0, length))).toThrow(expect.objectContaining({ code: 'INVALID_FORMAT' }));
    const pieces = fc.constantFrom(
      'min',
      '\nst\n',
      '\nbounds\n',
      'x',
      'y',
      '3',
      '<=',
      '=',
      '+',
      '-',
      '[',
      ']',
      '^',
      '*',
      '/',
      ':',
      'free',
      '\nend',
      '->',
      'inf',
      '\nint\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (words) => {
        try {
          readLp(`min\n${words.join(' ')}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_FORMAT' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const hasHighs = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import highspy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasHighs)('HiGHS reads the same', () => {
  // It reads no quadratic constraints, no ranges, no brackets, and no variables on the right-hand side.
  const text = example
    .replace(/ ball:.*\n/, '')
    .replace('range: -5 <= x - y <= 1e30', 'range: x - y >= -5')
    .replace('3 x >= 2 y - 4', '3 x - 2 y >= -4')
    .replace('R[1]', 'R1');
  const folder = mkdtempSync(join(tmpdir(), 'southwell-lp-'));
  const script = `
import highspy, json, sys
h = highspy.Highs()
h.setOptionValue('output_flag', False)
h.readModel(sys.argv[1])
m = h.getModel(); lp = m.lp_; a = lp.a_matrix_; q = m.hessian_
print(json.dumps(dict(names=list(lp.col_names_), cost=list(lp.col_cost_), lower=list(lp.col_lower_), upper=list(lp.col_upper_),
  rowLower=list(lp.row_lower_), rowUpper=list(lp.row_upper_), start=list(a.start_), index=list(a.index_), value=list(a.value_),
  offset=lp.offset_, qStart=list(q.start_), qIndex=list(q.index_), qValue=list(q.value_), columnwise=str(a.format_))))`;
  try {
    writeFileSync(join(folder, 'm.lp'), text);
    const output = execFileSync('/usr/bin/python3', ['-c', script, join(folder, 'm.lp')], { encoding: 'utf8' });
    const theirs = JSON.parse(output.replaceAll('-Infinity', '-1e999').replaceAll('Infinity', '1e999'));
    const ours = readLp(text);
    const by = (values: Float64Array): number[] =>
      theirs.names.map((name: string) => values[ours.variables.names.indexOf(name)]);
    expect(theirs.columnwise).toContain('Colwise');
    expect([...theirs.names].sort()).toEqual([...ours.variables.names].sort());
    expect(theirs.cost).toEqual(by(ours.objective.linear));
    expect(theirs.lower).toEqual(by(ours.variables.lower));
    expect(theirs.upper).toEqual(by(ours.variables.upper));
    expect(theirs.offset).toBe(ours.objective.constant);
    expect(theirs.rowLower).toEqual([...ours.rows.lower]);
    expect(theirs.rowUpper).toEqual([...ours.rows.upper]);
    const [A, Q] = [dense(ours.rows.linear), dense(ours.objective.quadratic!)];
    theirs.names.forEach((name: string, column: number) => {
      const j = ours.variables.names.indexOf(name);
      const entries = new Array<number>(ours.rows.names.length).fill(0);
      for (let k = theirs.start[column]; k < theirs.start[column + 1]; k++) entries[theirs.index[k]] = theirs.value[k];
      expect(A.map((row) => row[j])).toEqual(entries);
      for (let k = theirs.qStart[column]; k < (theirs.qStart[column + 1] ?? theirs.qIndex.length); k++)
        expect(Q[ours.variables.names.indexOf(theirs.names[theirs.qIndex[k]])][j]).toBe(theirs.qValue[k]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
