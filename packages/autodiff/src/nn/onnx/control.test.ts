import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';
import { fileBytes, graphBytes, infoBytes, nodeBytes } from './messages.ts';
import { casesOf, compare, tensorOf } from './testing.ts';

ort.env.wasm.numThreads = 1;
const cases = casesOf('control');

describe.skipIf(!cases)(
  'branches and loops give what onnxruntime gives (needs python3 with onnx and onnxruntime)',
  () => {
    for (const one of cases ?? []) {
      test(one.name, async () => {
        expect(one.skipped).toBeUndefined();
        compare(one);
        // What is written is read by onnxruntime.
        const { model, parameters, state } = nn.read(Buffer.from(one.model, 'base64'));
        const session = await ort.InferenceSession.create(nn.toOnnx(model, parameters, { state }));
        const given = Object.entries(one.inputs).map(([name, x]) => [
          name,
          new ort.Tensor('float32', Float32Array.from(tensorOf(x).data()), x.shape),
        ]);
        const found = await session.run(Object.fromEntries(given));
        for (const [name, { shape, values }] of Object.entries(one.outputs)) {
          expect(found[name].dims).toEqual(shape);
          const data = found[name].data as Float32Array;
          values.forEach((v, i) => {
            expect(Math.abs(data[i] - Number(v))).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(Number(v))));
          });
        }
      });
    }
  },
);

type Node = nn.GraphNode;
const float = (name: string): nn.GraphValue => ({ name, type: 'f32', shape: null });
const node = (op: string, inputs: string[], outputs: string[], attributes: Node['attributes'] = {}): Node => ({
  ...{ name: `${op} 1`, op, inputs, outputs, attributes },
});
const body = (inputs: string[], outputs: string[], nodes: Node[]) => ({
  graph: { inputs: inputs.map(float), outputs: outputs.map(float), nodes },
});
const integer = (value: number) => ({ type: 'i64', shape: [], values: [value] });
const network = (nodes: Node[], constants: nn.GraphOptions['constants'] = {}): nn.Layer =>
  nn.graph({
    ...{ opset: 17, inputs: [float('x')], outputs: [float('y')], nodes, parameters: { w: [2] }, state: {}, constants },
  });

const w = ad.tensor([0.5, 0.8]);
const x = ad.tensor([0.3, 0.4]);
/** y = wᵏ x by a loop, in which k may depend on the data. */
const power = (k: number): nn.Layer =>
  network(
    [
      node('Loop', ['k', '', 'x'], ['y'], {
        body: body(
          ['i', 'go', 'h'],
          ['more', 'n'],
          [node('Mul', ['h', 'w'], ['n']), node('Identity', ['go'], ['more'])],
        ),
      }),
    ],
    { k: integer(k) },
  );
const choice = network(
  [
    node('ReduceSum', ['x'], ['s'], { keepdims: 0 }),
    node('Greater', ['s', 'zero'], ['c']),
    node('If', ['c'], ['y'], {
      then_branch: body([], ['a'], [node('Mul', ['x', 'w'], ['a'])]),
      else_branch: body([], ['b'], [node('Exp', ['x'], ['b'])]),
    }),
  ],
  { zero: { type: 'f32', shape: [], values: [0] } },
);

describe('derivatives', () => {
  test('of loops, step by step and as a loop of a compiled program', () => {
    for (const k of [3, 3000]) {
      const near = ad.tensor([1 - 1 / k, 1 - 2 / k]);
      const slope = ad.grad((p: nn.Parameters) => ad.sum(nn.apply(power(k), p, x)));
      const expected = [0, 1].map((i) => k * near.data()[i] ** (k - 1) * x.data()[i]);
      for (const f of [slope, ad.compile(slope)])
        f({ w: near })
          .w.data()
          .forEach((v, i) => {
            expect(v / expected[i]).toBeCloseTo(1, 9);
          });
    }
  });

  test('of the branch that is taken', () => {
    const slope = ad.grad((p: nn.Parameters, v: ad.Tensor) => ad.sum(nn.apply(choice, p, v)));
    for (const f of [slope, ad.compile(slope)]) {
      expect(f({ w }, x).w.toArray()).toEqual([0.3, 0.4]);
      expect(f({ w }, ad.neg(x)).w.toArray()).toEqual([0, 0]);
    }
  });

  test('every example of a batch takes its own branch', () => {
    const rows = ad.tensor([
      [1, 2],
      [-1, -2],
    ]);
    const y = ad
      .vmap((row: ad.Tensor) => nn.apply(choice, { w }, row))(rows)
      .toArray() as number[][];
    expect(y[0]).toEqual([0.5, 1.6]);
    expect(y[1][1]).toBeCloseTo(Math.exp(-2), 12);
  });
});

describe('what a compiled program cannot have is a sentence', () => {
  const run = (layer: nn.Layer, compiled: boolean) => () => {
    const f = (v: ad.Tensor) => nn.apply(layer, { w }, v);
    return (compiled ? ad.compile(f) : f)(x);
  };
  const count = [node('ReduceSum', ['x'], ['s'], { keepdims: 0 }), node('Cast', ['s'], ['k'], { to: 7 })];
  const growing = body(
    ['i', 'go', 'h'],
    ['more', 'n'],
    [node('Concat', ['h', 'x'], ['n'], { axis: 0 }), node('Identity', ['go'], ['more'])],
  );

  test('branches of different shapes', () => {
    const [first, second] = [node('Relu', ['x'], ['a']), node('ReduceMax', ['x'], ['b'], { keepdims: 0 })];
    const layer = network([
      node('ReduceSum', ['x'], ['s'], { keepdims: 0 }),
      node('Cast', ['s'], ['c'], { to: 9 }),
      node('If', ['c'], ['y'], { then_branch: body([], ['a'], [first]), else_branch: body([], ['b'], [second]) }),
    ]);
    expect(run(layer, false)().toArray()).toEqual([0.3, 0.4]);
    expect(run(layer, true)).toThrow(
      "node 'If 1' (If): its branches give 'a' of [2] and 'b' of [], and which one is taken depends on the data; in a compiled program they must have the same shape (",
    );
  });

  test('a state that grows', () => {
    const layer = network([...count, node('Loop', ['k', '', 'x'], ['y'], { body: growing })]);
    expect(run(layer, false)().shape).toEqual([2]);
    expect(run(layer, true)).toThrow(
      /node 'Loop 1' \(Loop\): it carries 'n' of \[2\] into a step and of \[4\] out of it; in a compiled program/,
    );
  });

  test('values of as many steps as the data say', () => {
    const gives = body(
      ['i', 'go', 'h'],
      ['more', 'n', 'all'],
      [node('Neg', ['h'], ['n']), node('Exp', ['h'], ['all']), node('Identity', ['go'], ['more'])],
    );
    const layer = network([...count, node('Loop', ['k', '', 'x'], ['z', 'y'], { body: gives })]);
    expect(run(layer, false)().shape).toEqual([0, 2]);
    expect(run(layer, true)).toThrow("it gives 'all' for each step, and the number of steps depends on the data");
  });

  test('values of different shapes, which nothing can put together', () => {
    const all = body(
      ['i', 'go', 'h'],
      ['more', 'n', 'all'],
      [
        node('Concat', ['h', 'x'], ['n'], { axis: 0 }),
        node('Identity', ['n'], ['all']),
        node('Identity', ['go'], ['more']),
      ],
    );
    const layer = network([node('Loop', ['k', '', 'x'], ['z', 'y'], { body: all })], { k: integer(2) });
    expect(run(layer, false)).toThrow("its steps give 'all' of [4] and of [6], which cannot be put together");
  });

  test('a body of other inputs, and values that nothing gives', () => {
    const wrong = body(['i', 'go'], ['more', 'n'], [node('Exp', ['x'], ['n']), node('Identity', ['go'], ['more'])]);
    const layer = network([node('Loop', ['k', '', 'x'], ['y'], { body: wrong })], { k: integer(2) });
    expect(run(layer, false)).toThrow('its body has 2 inputs and 2 outputs, not 3 and at least 2');
    const lost = body(['i', 'go', 'h'], ['more', 'n'], [node('Exp', ['q'], ['n']), node('Identity', ['go'], ['more'])]);
    expect(() => network([node('Loop', ['k', '', 'x'], ['y'], { body: lost })], { k: integer(2) })).toThrow(
      "node 'Loop 1' (Loop) takes 'q', which no node, input or initialiser gives",
    );
  });
});

test('graphs within graphs within graphs are read up to a depth, and damaged ones are refused', () => {
  const deep = (levels: number): Uint8Array => {
    const inner = (k: number): Uint8Array =>
      graphBytes({
        ...{ initialisers: [], inputs: [], outputs: [infoBytes('v', undefined, null)] },
        nodes: [
          k === 0
            ? nodeBytes('Neg', '', ['x'], ['v'], {})
            : nodeBytes('If', '', ['c'], ['v'], {
                then_branch: { graph: inner(k - 1) },
                else_branch: { graph: inner(0) },
              }),
        ],
      });
    const [c, choice] = [
      nodeBytes('Cast', '', ['x'], ['c'], { to: 9 }),
      nodeBytes('If', '', ['c'], ['y'], { then_branch: { graph: inner(levels) }, else_branch: { graph: inner(0) } }),
    ];
    const [from, to] = ['x', 'y'].map((name) => infoBytes(name, 'f32', []));
    return fileBytes({ nodes: [c, choice], initialisers: [], inputs: [from], outputs: [to] }, 17);
  };
  const { model, parameters } = nn.read(deep(10));
  expect(nn.apply(model, parameters, ad.tensor(3)).item()).toBe(-3);
  expect(() => nn.read(deep(20))).toThrow('more than 16 graphs are within each other');
  const twice = graphBytes({
    ...{ initialisers: [], inputs: [], outputs: [infoBytes('v', undefined, null)] },
    nodes: [nodeBytes('Neg', '', ['x'], ['v'], {}), nodeBytes('Exp', '', ['x'], ['v'], {})],
  });
  const [x1, y1] = ['x', 'y'].map((name) => infoBytes(name, 'f32', []));
  const branches = { then_branch: { graph: twice }, else_branch: { graph: twice } };
  const bytes = fileBytes(
    { nodes: [nodeBytes('If', '', ['x'], ['y'], branches)], initialisers: [], inputs: [x1], outputs: [y1] },
    17,
  );
  expect(() => nn.read(bytes)).toThrow("A graph within gives the value 'v' twice, the second time in node 'v' (Exp) (");
});
