import { readdirSync, readFileSync } from 'node:fs';
import { CscMatrix } from '@southwell/numerics/arrays';
import {
  type BinaryOperation,
  compileProgram,
  functionsOf,
  type Model,
  ProgramBuilder,
  parseExpression,
  programOf,
  quadraticOf,
  type UnaryOperation,
} from '@southwell/numerics/expressions';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNl } from './readNl.ts';
import { compareWithIpopt, hasIpopt, ipoptAtStart, nlModels } from './testing.ts';
import { writeNl } from './writeNl.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** min (x−y)² + sin(d) subject to 1 ≤ x·d + 2y ≤ 3, x + y ≥ 0, where d = 2x + y², x ≤ 5, y ∈ {0, 1, …}. */
const example = `g3 1 1 0	# problem example
 2 2 1 1 0	# vars, constraints, objectives, ranges, eqns
 1 1	# nonlinear constraints, objectives
 0 0	# network constraints: nonlinear, linear
 2 2 2	# nonlinear vars in constraints, objectives, both
 0 0 0 1	# linear network variables; functions; arith, flags
 0 0 1 0 0	# discrete variables: binary, integer, nonlinear (b,c,o)
 4 2	# nonzeros in Jacobian, gradients
 0 0	# max name lengths: constraints, variables
 1 0 0 0 0	# common exprs: b,c,o,c1,o1
S4 1 scale
1 0.5
S1 2 rank
0 1
1 2
V2 1 0	#d
0 2
o5	#^
v1
n2
C0
o2	#*
v0
v2
C1
n0
O0 0
o0	#+
o5	#^
o1	#-
v0
v1
n2
o41	#sin
v2
d1
1 -0.25
x2
0 1.5
1 2
r
0 1 3
2 0
b
1 5
2 0
k1
2
J0 2
0 0
1 2
J1 2
0 1
1 1
G0 2
0 0
1 0
`;

describe('an example', () => {
  const { model, notes, options } = readNl(encode(example), { row: 'first\nsecond\ncost\n', col: 'x\ny\n' });

  test('all of its segments', () => {
    expect([notes, options]).toEqual([[], [1, 1, 0]]);
    expect(model.name).toBe('example');
    const { names, lower, upper, integer, start } = model.variables;
    expect([names, [...lower], [...upper], [...integer], [...start!]]).toEqual([
      ['x', 'y'],
      [-Infinity, 0],
      [5, Infinity],
      [0, 1],
      [1.5, 2],
    ]);
    expect([model.rows.names, [...model.rows.lower], [...model.rows.upper]]).toEqual([
      ['first', 'second'],
      [1, 0],
      [3, Infinity],
    ]);
    expect([...model.rows.multipliers!]).toEqual([NaN, -0.25]);
    expect(model.rows.linear.nnz).toBe(3);
    expect(model.objective).toMatchObject({ name: 'cost', sense: 'minimize', constant: 0 });
    expect(model.suffixes).toEqual([
      { name: 'scale', of: 'variables', whole: false, indices: Int32Array.of(1), values: Float64Array.of(0.5) },
      { name: 'rank', of: 'rows', whole: true, indices: Int32Array.of(0, 1), values: Float64Array.of(1, 2) },
    ]);
  });

  test('its functions', () => {
    const f = functionsOf(model);
    const x = Float64Array.of(1.5, 2);
    expect(f.objective(x)).toBeCloseTo(0.25 + Math.sin(7), 14);
    const values = new Float64Array(2);
    f.constraintValues(x, values);
    expect([...values]).toEqual([14.5, 3.5]);
  });

  test('lines that end in CR LF, other formats, and names by default', () => {
    const others = [
      encode(example.replaceAll('\n', '\r\n')),
      writeNl(model, 'little-endian').nl,
      writeNl(model, 'big-endian').nl,
      writeNl(model).nl,
    ];
    for (const bytes of others)
      expect(plain(readNl(bytes, { row: 'first\nsecond\ncost', col: 'x\ny' }).model)).toEqual(plain(model));
    const unnamed = readNl(encode(example)).model;
    expect([unnamed.variables.names, unnamed.rows.names]).toEqual([
      ['x1', 'x2'],
      ['c1', 'c2'],
    ]);
  });

  test('a file that was cut anywhere is refused, and nothing else is thrown', () => {
    const lines = example.trimEnd().split('\n');
    for (let length = 0; length < lines.length; length++)
      expect(() => readNl(encode(lines.slice(0, length).join('\n'))), `${length} lines`).toThrow(
        expect.objectContaining({ code: 'INVALID_FORMAT' }),
      );
    const binary = writeNl(model, 'big-endian').nl;
    for (let length = 0; length < binary.length; length++)
      expect(() => readNl(binary.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'INVALID_FORMAT' }),
      );
    expect(() => readNl(encode(lines.slice(0, 19).join('\n')))).toThrow(
      'Line 19, segment V2: the file ends within an expression.',
    );
    expect(() => readNl(binary.subarray(0, binary.length - 3))).toThrow(
      /^Byte \d+, segment G0: the file ends where a coefficient/,
    );
  });

  test('damaged files throw nothing else', () => {
    const files = [encode(example), writeNl(model, 'little-endian').nl];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (whole, changes) => {
          const bytes = whole.slice();
          // Half of the changes are of digits, which leave the form as it is.
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte % 2 === 0 ? 48 + ((byte / 2) % 10) : byte;
          try {
            readNl(bytes);
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_FORMAT' });
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  test.each([
    [' 2 2 1', ' 999999999 2 1', 'the number of variables is 999999999, which the file cannot hold'],
    [' 2 2 1', ' 3 2 1', 'segment V2: defined variables are numbered 3 to 3'],
    [' 2 2 1', ' 2 3 1', 'segment r: the kind of bounds of constraint 2'],
    [' 2 2 1', ' 2 2 2', 'the segment O1 (an objective) is missing'],
    [' 4 2\t', ' 5 2\t', 'end of the file: the segments J have 4 entries, but the header says 5.'],
    [' 4 2\t', ' 4 3\t', 'the segments G have 2 entries, but the header says 3'],
    ['k1\n2', 'k1\n1', 'variable 0 has 2 entries in the segments J, but segment k says 1'],
    ['k1\n', 'k2\n', 'segment k: it has 2 columns instead of 1'],
    [' 0 0\t# network', ' 0 1\t# network', 'Line 4, header: the model has 1 network constraints'],
    [' 1 1\t# nonlinear c', ' 1 1 1 0 0 0\t# nonlinear c', 'the model has 1 complementarity conditions'],
    [' 2 2 1 1 0', ' 2 2 1 1 0 4', 'Line 2, header: the model has 4 logical constraints'],
    ['2 2 2\t# nonlinear vars', '2 2 3\t# nonlinear vars', 'more nonlinear or more whole variables'],
    ['x2\n', 'x3\n', 'segment x: the number of values is 3, and can be 0 to 2'],
    ['J1 2', 'J0 2', 'segment J0: the segment appears twice'],
    ['J0 2\n0 0\n1 2', 'J0 2\n1 0\n1 2', 'segment J0: variable 1 appears twice'],
    ['J1 2\n0 1', 'J1 2\n7 1', 'segment J1: there is no variable 7'],
    ['o41\t#sin', 'o99\t#sin', 'segment O0: there is no operator o99'],
    ['o41\t#sin', 'o74\t#sin', 'segment O0: the operator o74 (alldiff) is not supported'],
    ['v2\nd1', 'v3\nd1', 'there is no variable v3; the last one is v2'],
    ['v2\nd1', 'f0 1\nd1', 'the imported function f0 is called'],
    ['v2\nd1', 'h3:abc\nd1', 'there is a string'],
    ['v2\nd1', 'q\nd1', "an expression is expected (n, s, l, v or o), but there is 'q'"],
    ['r\n0 1 3', 'r\n5 1 2', 'constraint 0 is a complementarity condition'],
    ['r\n0 1 3', 'r\n0 1', 'Line 42, segment r: an upper bound is expected, but the line ends'],
    ['b\n1 5', 'b\n1 nan', 'segment b: a bound of variable 0 is not a number'],
    ['b\n1 5', 'b\n1 five', "an upper bound is expected, but there is 'five'"],
    ['b\n1 5', 'b\n1 5 6', "after the last number there is '6'"],
    ['S4 1 scale', 'S9 1 scale', 'segment S: the kind of a suffix is 9'],
    ['S4 1 scale\n1', 'S4 1 scale\n2', 'segment S (scale): the index of a value is 2'],
    ['V2 1 0', 'V5 1 0', 'segment V5: defined variables are numbered 2 to 2'],
    ['C1\nn0', 'L0\nn0', 'segment L: logical constraints are not supported'],
    ['G0 2', 'Q0 2', "there is no segment 'Q'"],
    ['g3 1', 'z3 1', "a .nl file begins with 'g' (text) or 'b' (binary)"],
  ])('%j instead of %j: %s', (from, to, sentence) => {
    expect(example).toContain(from);
    const read = () => readNl(encode(example.replace(from, to)));
    expect(read).toThrow(sentence);
  });

  test('a defined variable before its segment', () => {
    const moved = example.replace('o5\t#^\nv1\nn2\nC0', 'o5\t#^\nv2\nn2\nC0');
    expect(() => readNl(encode(moved))).toThrow('v2 is used before its segment V2');
  });

  test('names that are too few, empty or given twice', () => {
    const bytes = encode(example);
    expect(() => readNl(bytes, { col: 'x\n' })).toThrow('The .col file has 1 names, but the model needs 2.');
    expect(() => readNl(bytes, { col: 'x\nx\n' })).toThrow("The name 'x' stands in lines 1 and 2 of the .col file.");
    expect(() => readNl(bytes, { row: 'a\n\nb\n' })).toThrow('Line 2 of the .row file is empty');
  });

  test('contradictory bounds are left to the solver; several objectives are noted', () => {
    expect(readNl(encode(example.replace('b\n1 5', 'b\n0 5 4'))).model.variables.upper[0]).toBe(4);
    const two = example.replace(' 2 2 1', ' 2 2 2').replace('O0 0', 'O1 1\nv0\nO0 0');
    expect(readNl(encode(two)).notes).toEqual(['The model has 2 objectives, of which the first is used.']);
  });
});

/** A model as plain data, without the numbering of its nodes. */
function plain(model: Model) {
  const f = functionsOf(model);
  const x = Float64Array.from({ length: f.variables }, (_, j) => 0.3 + j / 7);
  const values = new Float64Array(f.constraints);
  f.constraintValues(x, values);
  const { linear, ...rows } = model.rows;
  return {
    ...model,
    nonlinear: undefined,
    rows: { ...rows, linear: [...linear.colPointers, ...linear.rowIndices, ...linear.values] },
    computed: [f.objective(x), ...values],
  };
}

/** A model of free variables whose first output is the objective. */
function modelOf(program: ReturnType<ProgramBuilder['program']>, start: readonly number[] = []): Model {
  const n = program.variables;
  const m = Math.max(program.outputs.length - 1, 0);
  const fill = (length: number, value: number) => new Float64Array(length).fill(value);
  return {
    name: '',
    variables: {
      names: Array.from({ length: n }, (_, j) => `x${j + 1}`),
      lower: fill(n, -Infinity),
      upper: fill(n, Infinity),
      integer: new Uint8Array(n),
      start: start.length > 0 ? Float64Array.from(start) : undefined,
    },
    rows: {
      names: Array.from({ length: m }, (_, i) => `c${i + 1}`),
      lower: fill(m, -Infinity),
      upper: fill(m, 1),
      linear: CscMatrix.create(m, n, 0),
    },
    objective: { name: 'objective', sense: 'minimize', constant: 0, linear: fill(n, 0) },
    nonlinear: { program, rows: Int32Array.from(program.outputs, (_, k) => k - 1) },
    suffixes: [],
  };
}

const unaries =
  'negate square sqrt exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh log10 log2 log1p expm1 cbrt abs floor ceil round sign not';
const binaries =
  'add subtract multiply divide power atan2 hypot min max remainder modulo excess integerQuotient precision roundTo truncateTo less lessEqual equal greaterEqual greater notEqual and or';

/** A program with every operation, on operands that occur once and several times. */
function everything() {
  const b = new ProgramBuilder(2);
  b.output(b.sum([0, 1, b.constant(1)]));
  const inner = b.binary('add', b.binary('multiply', 0, b.constant(0.5)), b.constant(0.1));
  for (const name of unaries.split(' ')) {
    const argument = name === 'acosh' ? b.binary('add', b.unary('abs', 1), b.constant(1.5)) : inner;
    b.output(b.unary(name as UnaryOperation, argument));
    b.output(b.unary(name as UnaryOperation, b.unary('abs', argument)));
  }
  for (const name of binaries.split(' '))
    b.output(b.binary(name as BinaryOperation, b.unary('exp', 0), b.binary('add', 1, b.constant(3))));
  b.output(b.choice(b.binary('and', b.binary('less', 0, 1), 0), inner, b.unary('exp', 1)));
  b.output(b.piecewise([-1, 2, 0], [0.5, 3], inner));
  b.output(b.piecewise([4, 1], [-1], 1));
  b.output(b.min([0, inner, 1, b.constant(2)]));
  return b.program();
}

test('every operation is written and read with the same value', () => {
  const program = everything();
  const ours = compileProgram(program);
  const file = writeNl(modelOf(program));
  const theirs = functionsOf(readNl(file.nl).model);
  for (const x of [Float64Array.of(0.4, -0.7), Float64Array.of(0.9, 1.3), Float64Array.of(0.2, 2)]) {
    const values = new Float64Array(theirs.constraints);
    theirs.constraintValues(x, values);
    const expected = ours(x);
    file.rows.forEach((i, place) => {
      expect(values[place]).toBeCloseTo(expected[i + 1], 12);
    });
  }
});

/** Operations that the format has; the others are written by those. */
const native = [...unaries.split(' '), ...binaries.split(' ')].filter(
  (name) => !['hypot', 'modulo', 'log2', 'log1p', 'expm1', 'round', 'cbrt', 'sign'].includes(name),
);

test('random programs are written and read with the same bits', () => {
  const step = fc.tuple(fc.constantFrom(...native, 'sum', 'choice'), fc.nat(), fc.nat(), fc.nat());
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 20 }),
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.constantFrom('text' as const, 'big-endian' as const),
      (steps, x, encoding) => {
        const b = new ProgramBuilder(3);
        const nodes = [0, 1, 2, b.constant(1.5)];
        for (const [name, i, j, k] of steps) {
          const [p, q, r] = [i, j, k].map((at) => nodes[nodes.length - 1 - (at % Math.min(nodes.length, 7))]);
          if (name === 'sum') nodes.push(b.sum([p, q, r]));
          else if (name === 'choice') nodes.push(b.choice(p, q, r));
          else if (unaries.split(' ').includes(name)) nodes.push(b.unary(name as UnaryOperation, p));
          else nodes.push(b.binary(name as BinaryOperation, p, q));
        }
        for (const k of [1, 2, 3]) b.output(nodes[nodes.length - k]);
        const file = writeNl(modelOf(b.program()), encoding);
        const read = functionsOf(readNl(file.nl).model);
        const point = [x, 0.3, -x / 3];
        const [objective, ...rows] = compileProgram(b.program())(point);
        const there = Float64Array.from(file.variables, (v) => point[v]);
        const values = new Float64Array(2);
        read.constraintValues(there, values);
        // Zeros of either sign are the same here.
        expect(read.objective(there) + 0).toBe(objective + 0);
        expect(Array.from(values, (value) => value + 0)).toEqual(Array.from(file.rows, (i) => rows[i] + 0));
      },
    ),
    { numRuns: 500 },
  );
});

test('expressions a million deep', () => {
  const read = (depth: number) => {
    const deep = `O0 0\n${'o41\no0\nn1\n'.repeat(depth / 2)}v0\n`;
    const text = example.replace(/O0 0[\s\S]*?d1/, `${deep}d1`);
    return functionsOf(readNl(encode(text)).model).objective(Float64Array.of(0.5, 0));
  };
  let value = 0.5;
  for (let k = 0; k < 5e5; k++) value = Math.sin(1 + value);
  expect(read(1e6)).toBeCloseTo(value, 12);
  const b = new ProgramBuilder(1);
  let node = b.variable(0);
  for (let k = 0; k < 1e5; k++) node = b.unary('cos', node);
  b.output(node);
  const { model } = readNl(writeNl(modelOf(b.program())).nl);
  expect(functionsOf(model).objective(Float64Array.of(0.5))).toBeCloseTo(0.7390851332151607, 14);
});

test('variables and rows in another order than the format asks for', () => {
  const program = programOf(
    ['exp(c)', 'a*a', 'd'].map((text) => parseExpression(text)),
    ['a', 'b', 'c', 'd'],
  );
  const base = modelOf(program);
  const model: Model = {
    ...base,
    variables: {
      ...base.variables,
      integer: Uint8Array.of(1, 1, 0, 0),
      lower: Float64Array.of(0, 0, -5, -5),
      upper: Float64Array.of(9, 1, 5, 5),
    },
    rows: {
      ...base.rows,
      names: ['p', 'q', 'r'],
      lower: new Float64Array(3),
      upper: new Float64Array(3).fill(2),
      linear: CscMatrix.fromTriplets(3, 4, [0, 1, 2], [1, 3, 2], [2, 3, 4]),
    },
    objective: {
      ...base.objective,
      sense: 'maximize',
      linear: Float64Array.of(0, 7, 0, 0),
      quadratic: CscMatrix.fromTriplets(4, 4, [0, 0, 3], [0, 3, 0], [2, 5, 5]),
    },
    nonlinear: { program, rows: Int32Array.of(-1, 2, 1) },
  };
  const file = writeNl(model);
  const read = readNl(file.nl, file).model;
  expect([[...file.variables], [...file.rows]]).toEqual([
    [3, 0, 2, 1],
    [1, 2, 0],
  ]);
  expect(read.variables.names).toEqual(['x4', 'x1', 'x3', 'x2']);
  expect([...read.variables.integer]).toEqual([0, 1, 0, 1]);
  const x = [0.3, 0.7, -0.2, 1.1];
  const [ours, theirs] = [functionsOf(model), functionsOf(read)];
  expect(theirs.objective(Float64Array.from(file.variables, (j) => x[j]))).toBeCloseTo(
    ours.objective(Float64Array.from(x)),
    14,
  );
});

test('no objective, no rows, no variables', () => {
  const empty = modelOf(new ProgramBuilder(0).program());
  const none = { ...empty, objective: { ...empty.objective, name: '' } };
  const { model } = readNl(writeNl(none).nl);
  expect([model.variables.names, model.rows.names, model.objective.name]).toEqual([[], [], '']);
  expect(model.nonlinear).toBeUndefined();
});

test('another encoding', () => {
  const model = modelOf(new ProgramBuilder(0).program());
  expect(() => writeNl(model, 'utf-8' as 'text')).toThrow("not 'utf-8'");
});

const refused: Readonly<Record<string, string>> = {
  'convex_qp.nl': 'Line 7, header: there are more nonlinear or more whole variables than variables.',
  'infeasible_qp.nl': 'Line 3, header: there are more nonlinear constraints or objectives',
  'idaes_helmholtz.nl': "Line 21, segment V5: the imported function 'vf_hp' is called",
  'mp_element.nl': "Line 13, segment O0: the imported function 'element' is called",
  'mp_feasible.nl': 'Line 2, header: the model has 1 logical constraints',
  'mp_ssd.nl': 'Line 2, header: the model has 1 logical constraints',
  'mp_test.nl': 'Line 2, header: the model has 7 logical constraints',
};

describe.skipIf(!nlModels)('files of ../shared/data/nl_models', () => {
  const files = nlModels ? readdirSync(nlModels).filter((file) => file.endsWith('.nl')) : [];
  test.each(files)('%s', (file) => {
    const bytes = readFileSync(new URL(file, nlModels));
    if (file in refused) {
      expect(() => readNl(bytes)).toThrow(refused[file]);
      return;
    }
    const { model } = readNl(bytes);
    const again = readNl(writeNl(model, 'big-endian').nl).model;
    // Where the file's order is the one that the format asks for.
    if (file !== 'parametric.nl') expect(plain(again)).toEqual(plain({ ...model, name: again.name }));
  });

  test('which of them are linear and quadratic', () => {
    const kindOf = (file: string): string => {
      const terms = quadraticOf(readNl(readFileSync(new URL(file, nlModels))).model);
      return terms === undefined ? 'neither' : terms.linear ? 'linear' : 'quadratic';
    };
    const kinds = ['lp_israel', 'lp_row_constant_expr', 'convex_qp_share1b', 'bound_active_qp', 'qcqp_ball', 'jit1'];
    expect(kinds.map((name) => kindOf(`${name}.nl`))).toEqual([
      'linear',
      'linear',
      'quadratic',
      'quadratic',
      'neither',
      'neither',
    ]);
  });

  test.skipIf(!hasIpopt)('one as Ipopt reads it', () => {
    const bytes = readFileSync(new URL('eigenb2.nl', nlModels));
    expect(compareWithIpopt(readNl(bytes).model, ipoptAtStart(bytes)).most).toBeLessThan(1e-12);
  });
});

test.skipIf(!hasIpopt)('Ipopt has our derivatives of every operation', () => {
  const b = new ProgramBuilder(2);
  const smooth =
    'negate square sqrt exp log sin cos tan asin acos atan sinh cosh tanh asinh atanh log10 log2 log1p expm1 cbrt abs';
  b.output(b.binary('multiply', 0, 1));
  for (const name of smooth.split(' ')) b.output(b.unary(name as UnaryOperation, b.binary('multiply', 0, 1)));
  for (const name of 'multiply divide power atan2 hypot min max remainder excess'.split(' '))
    b.output(b.binary(name as BinaryOperation, b.unary('exp', 0), b.binary('add', 1, b.constant(3))));
  b.output(b.unary('acosh', b.binary('add', 0, b.constant(2))));
  b.output(b.choice(b.binary('less', 0, 1), b.binary('multiply', 0, 1), b.unary('square', 1)));
  b.output(b.binary('power', b.constant(3), b.binary('multiply', 0, 1)));
  b.output(b.unary('square', b.piecewise([-1, 2, 0], [0.5, 3], b.binary('add', 0, 1))));
  const model = modelOf(b.program(), [0.4, 0.7]);
  const bounded = {
    ...model,
    variables: { ...model.variables, lower: Float64Array.of(0.1, 0.1), upper: Float64Array.of(0.9, 0.9) },
  };
  for (const encoding of ['text', 'little-endian'] as const) {
    const file = writeNl(bounded, encoding);
    const start = ipoptAtStart(file.nl);
    expect(start.vectors.get('curr_d')!.length).toBe(b.program().outputs.length - 1);
    expect(compareWithIpopt(readNl(file.nl).model, start)).toEqual({
      most: expect.closeTo(0, 12),
      where: expect.anything(),
    });
  }
});
