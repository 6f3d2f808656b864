import { Arena } from '@southwell/kernels';
import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import * as ad from './index.ts';
import { setWorkspace, workspace } from './programs/evaluate.ts';
import { draws, flat } from './testing.ts';

type T = ad.Tensor;
const draw = draws(3);
const ints = (...values: number[]): T => ad.tensor(Int32Array.from(values));

interface Parameters {
  readonly layers: ReadonlyArray<{ readonly w: T; readonly b: T }>;
}
const parameters = (): Parameters => ({
  layers: [
    { w: draw([3, 5]), b: draw([5]) },
    { w: draw([5, 2]), b: draw([2]) },
  ],
});
const loss = ({ layers: [first, last] }: Parameters, x: T, y: T): T =>
  ad.mean(ad.crossEntropy(ad.linear(ad.linear(x, first.w, first.b, 'relu'), last.w, last.b), y));

test('a tree of parameters has a tree of derivatives, compiled with the same bits', () => {
  const [p, x, y] = [parameters(), draw([4, 3]), ints(0, 1, 1, 0)];
  const [value, slope] = ad.valueAndGrad(loss)(p, x, y);
  expect(slope.layers[1].w.shape).toEqual([5, 2]);
  const compiled = ad.compile(ad.valueAndGrad(loss));
  const [again, same] = compiled(p, x, y);
  expect(again.item()).toBe(value.item());
  expect(flat(same)).toEqual(flat(slope));
  // Other shapes are traced anew, the same ones are not.
  let traces = 0;
  const counted = ad.compile((t: T) => {
    traces++;
    return ad.sum(t);
  });
  for (const n of [2, 3, 2, 3]) expect(counted(ad.full([n], 1)).item()).toBe(n);
  expect(traces).toBe(2);
  // A number is a constant of a trace.
  const scaled = ad.compile((t: T, k: number) => ad.mul(t, k));
  expect([scaled(ad.full([], 2), 3).item(), scaled(ad.full([], 2), 4).item()]).toEqual([6, 8]);
});

test('a prepared program runs in place: arguments and results each in one piece', () => {
  const [p, x, y] = [parameters(), draw([4, 3]), ints(0, 1, 1, 0)];
  const program = ad.compile(ad.valueAndGrad(loss)).prepare(p, x, y);
  expect(program.inputs[0].length).toBe(3 * 5 + 5 + 5 * 2 + 2);
  expect(Array.from(program.inputs[0].data)).toEqual(flat(p));
  const before = workspace().allocatedBytes;
  let value = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 300; k++) {
    program.run();
    const g = program.outputs[1].data;
    program.inputs[0].data.forEach((v, i, all) => {
      all[i] = v - 0.5 * g[i];
    });
    value = program.outputs[0].data[0];
  }
  expect(workspace().allocatedBytes).toBe(before);
  expect(value).toBeLessThan(0.01);
  // Another program reads the trained parameters where they lie.
  const trained = program.inputs[0].tree;
  expect(ad.compile(loss)(trained, x, y).item()).toBe(loss(trained, x, y).item());
  const evaluation = ad.compile(loss).prepare(trained, x, y);
  expect(evaluation.inputs[0].pointer).toBe(program.inputs[0].pointer);
  evaluation.free();
  program.free();
  expect(() => program.run()).toThrow('The memory of this program was freed.');
  expect(() => trained.layers[0].w.data()).toThrow('was freed');
});

test('results that are views, arguments, constants or there twice', () => {
  const f = (x: T) => ({
    x,
    turned: ad.transpose(x),
    one: ad.full([2], 1),
    again: [ad.exp(x), ad.exp(x)],
    row: ad.slice(ad.exp(x), 1),
    text: 'as it is',
  });
  const x = draw([2, 3]);
  const [found, expected] = [ad.compile(f)(x), f(x)];
  expect(flat(found)).toEqual(flat(expected));
  expect(found.text).toBe('as it is');
  // Strided arguments.
  const g = (t: T) => ad.exp(ad.cumsum(t));
  expect(ad.compile(g)(ad.transpose(x)).toArray()).toEqual(g(ad.transpose(x)).toArray());
});

test('values are used again, dead ones are left out, and equal ones are computed once', () => {
  const chain = (x: T): T => {
    let y = x;
    for (let k = 0; k < 20; k++) y = ad.tanh(ad.add(y, 1));
    ad.exp(y); // nobody asks
    return ad.sum(y);
  };
  const x = ad.full([1000], 0.5);
  const program = ad.compile(chain).prepare(x);
  expect(program.steps.filter((step) => step.startsWith('exp'))).toEqual([]);
  expect(program.bytes).toBeLessThan(5 * 8000);
  const twice = ad.compile((t: T) => ad.add(ad.exp(ad.sin(t)), ad.exp(ad.sin(t)))).prepare(x);
  expect(twice.steps.length).toBe(3);
});

test('a compiled function within a derivative, a trace or another one is the function itself', () => {
  const f = (x: T): T => ad.sum(ad.sin(ad.square(x)));
  const [compiled, x] = [ad.compile(f), draw([3])];
  const expected = ad.grad(f)(x).toArray();
  expect(ad.grad(compiled)(x).toArray()).toEqual(expected);
  expect(ad.compile(ad.grad(compiled))(x).toArray()).toEqual(expected);
  expect(
    ad
      .vmap(ad.grad(compiled))(ad.stack([x, x]))
      .toArray(),
  ).toEqual([expected, expected]);
  expect(ad.compile(ad.vmap(compiled))(ad.stack([x, x])).shape).toEqual([2]);
  expect(() => ad.grad((t: T) => ad.sum(ad.compile(f).prepare(t).result))(x)).toThrow(
    /^prepare takes tensors with values/,
  );
  // A function that runs by itself says what it cannot reach.
  const inner = (t: T): T =>
    ad.sum(ad.fixedPoint((z: T, p: T) => ad.mul(ad.add(z, ad.mul(p, t)), 0.5), ad.full([3], 0), x));
  expect(() => ad.compile(inner)(x)).toThrow(/pass it as a parameter instead/);
});

test('forward mode, compiled, is a forward pass', () => {
  const chain = ad.compile((x: T, d: T) => ad.jvp((t: T) => ad.exp(ad.sin(t)), [x], [d])).prepare(draw([3]), draw([3]));
  expect(chain.steps.map((step) => step.split(' ')[0]).sort()).toEqual(['cos', 'exp', 'mul', 'mul', 'sin']);
  const net = (p: Parameters, x: T): T => ad.tanh(ad.matmul(ad.tanh(ad.matmul(x, p.layers[0].w)), p.layers[1].w));
  const [p, d] = [parameters(), parameters()];
  const program = ad
    .compile((...args: [Parameters, Parameters, T]) => ad.jvp((q: Parameters) => net(q, args[2]), [args[0]], [args[1]]))
    .prepare(p, d, draw([4, 3]));
  // Two products forward; along the tangent three more, since the argument of the first has none.
  expect(program.steps.filter((step) => step.startsWith('matmul')).length).toBe(5);
});

test('checkpoint computes once more instead of keeping', () => {
  const deep =
    (wrap: (f: (x: T) => T) => (x: T) => T) =>
    (x: T): T => {
      let y = x;
      for (let part = 0; part < 4; part++) {
        y = wrap((z) => {
          let u = z;
          for (let k = 0; k < 8; k++) u = ad.tanh(ad.sin(u));
          return u;
        })(y);
      }
      return ad.sum(y);
    };
  const x = draw([1000]);
  const [plain, less] = [deep((f) => f), deep(ad.checkpoint)].map((f) => ad.compile(ad.valueAndGrad(f)).prepare(x));
  plain.run();
  less.run();
  expect(Array.from(less.outputs[1].data)).toEqual(Array.from(plain.outputs[1].data));
  expect(less.bytes).toBeLessThan(0.55 * plain.bytes);
  expect(less.steps.length).toBeGreaterThan(plain.steps.length);
});

test('Hessian–vector products, Jacobians, pullbacks, forward mode', () => {
  const f = (x: T): T => ad.sum(ad.mul(ad.pow(x, 3), ad.tensor([1, 2, 3])));
  const x = ad.tensor([1, -1, 2]);
  expect(ad.hvp(f, [x], ad.tensor([1, 1, 1])).toArray()).toEqual([6, -12, 36]);
  const J = ad.jacobian((t) => ad.mul(t, ad.sum(t)))(x);
  expect(J.toArray()).toEqual([
    [3, 1, 1],
    [-1, 1, -1],
    [2, 2, 4],
  ]);
  const H = ad.jacobian((t) => ad.grad(f)(t))(x);
  expect(ad.diagonal(H).toArray()).toEqual([6, -12, 36]);
  const [value, pull] = ad.vjp((a: T, b: T) => ad.mul(a, b), x, ad.tensor([2, 2, 2]));
  expect(value.toArray()).toEqual([2, -2, 4]);
  expect(pull(ad.tensor([1, 1, 10])).map((t) => t.toArray())).toEqual([
    [2, 2, 20],
    [1, -1, 20],
  ]);
  const [, tangent] = ad.jvp((a: T, b: T) => ad.mul(a, b), [x, x], [ad.tensor([1, 0, 0]), null]);
  expect(ad.add(tangent, 0).toArray()).toEqual([1, 0, 0]);
  // Third derivative.
  const third = ad.grad((t: T) => ad.sum(ad.grad((u: T) => ad.sum(ad.grad((v: T) => ad.sum(ad.exp(v)))(u)))(t)));
  expect(third(ad.tensor([0.5])).item()).toBeCloseTo(Math.exp(0.5), 13);
  // Of a variable within another derivative: no confusion of the two.
  const nested = ad.grad((t: T) => ad.mul(t, ad.grad((u: T) => ad.mul(t, u))(ad.full([], 2))));
  expect(nested(ad.full([], 5)).item()).toBe(10);
});

test('memory does not grow in a loop of derivatives', () => {
  let x = ad.full([4], 1);
  for (let k = 0; k < 50; k++) x = ad.sub(x, ad.mul(ad.grad((t: T) => ad.sum(ad.square(t)))(x), 0.1));
  expect(x.tracked).toBe(false);
  expect(x.toArray()).toEqual(
    ad
      .compile((t: T) => t)(x)
      .toArray(),
  );
});

test('gradients of all examples at once', () => {
  const [p, x, y] = [parameters(), draw([4, 3]), ints(0, 1, 1, 0)];
  const each = ad.vmap(ad.grad(loss), { axes: [null, 0, 0] });
  const found = ad.compile(each)(p, x, y);
  expect(found.layers[0].w.shape).toEqual([4, 3, 5]);
  const mean = ad.mapTree((t) => ad.mean(t, 0), found);
  const whole = ad.grad(loss)(p, x, y);
  flat(mean).forEach((v, i) => {
    expect(v).toBeCloseTo(flat(whole)[i], 14);
  });
});

const here = /\(\S*autodiff\.test\.ts:\d+:\d+\)/;
const messages: Array<[string, () => unknown, RegExp]> = [
  ['shapes', () => ad.add(draw([2, 3]), draw([2])), /^add of \[2, 3\] and \[2\].*lengths must agree or be 1/],
  [
    'products',
    () => ad.matmul(draw([2, 3]), draw([2, 3])),
    /^matmul of \[2, 3\] and \[2, 3\].*3 columns on the left need as many rows on the right, not 2/,
  ],
  ['kinds', () => ad.add(ad.full([2], 1, 'f32'), draw([2])), /^add of .*their dtypes f32, f64 must agree; cast/],
  [
    'values',
    () => ad.compile((t: T) => ad.mul(t, t.item()))(ad.full([], 1)),
    /were asked for inside a compiled function.*where\(condition, a, b\)/,
  ],
  ['values under vmap', () => ad.vmap((t: T) => ad.mul(t, t.item()))(draw([3])), /inside a function under vmap/],
  [
    'no scalar',
    () => ad.grad((t: T) => t)(draw([2])),
    /^grad takes a function that returns a scalar of f32 or f64, not f64 of \[2\].*mean/,
  ],
  [
    'no tensor',
    () => ad.grad(((k: number) => ad.full([], k)) as never)(2 as never),
    /argument 0, which has no tensors/,
  ],
  ['async', () => ad.grad((async () => ad.full([], 1)) as never)(draw([])), /a promise: it cannot be async/],
  ['reshape', () => ad.reshape(draw([2, 3]), [4, -1]), /^reshape of \[2, 3\].*6 elements do not fit \[4, -1\]/],
  ['axes', () => ad.sum(draw([2]), 1), /^sum .*has no axis 1/],
  ['batches', () => ad.vmap(ad.add)(draw([2]), draw([3])), /equal length, not 2 and 3/],
  ['lists', () => ad.tensor([[1, 2], [3]]), /lists in a list must be of the same shape, not \[2\] and \[1\]/],
  ['numbers', () => ad.tensor([1, 2, 3], { shape: [2] }), /3 numbers do not fill \[2\]/],
  [
    'left over',
    () => {
      let kept: T | undefined;
      ad.compile((t: T) => (kept = ad.exp(t)))(draw([2]));
      ad.exp(kept!);
    },
    /got a tensor from a compiled function that has ended/,
  ],
  ['einsum', () => ad.einsum('ij,jk->ik', draw([2, 3]), draw([2, 3])), /'j' has both length 3 and length 2/],
  [
    'groups',
    () => ad.conv2d(draw([1, 4, 4, 6]), draw([3, 3, 3, 4]), { groups: 4 }),
    /6 input and 4 output channels cannot/,
  ],
  [
    'filters of groups',
    () => ad.conv2d(draw([1, 4, 4, 6]), draw([3, 3, 2, 4]), { groups: 2 }),
    /takes 2 channels in each of 2 groups, the images have 6/,
  ],
  ['convolution', () => ad.conv2d(draw([1, 4, 4, 2]), draw([3, 3, 1, 2])), /takes 1 channels, the images have 2/],
  ['targets', () => ad.crossEntropy(draw([3, 4]), ints(0, 1)), /the targets must be i32 of \[3\], not i32 of \[2\]/],
];

test.each(messages)('a sentence that says where: %s', (_, call, message) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SouthwellError);
  expect((thrown as Error).message).toMatch(message);
  expect((thrown as Error).message).toMatch(here);
});

test('a program has its parameters as numbers, and no indices as such', () => {
  const program = ad.compile((x: T, at: T) => ad.sum(ad.take(x, at))).prepare(ad.tensor([1, 2]), ints(1, 1));
  expect(program.inputs[0].numbers).toEqual(Float64Array.of(1, 2));
  expect(() => program.inputs[1].numbers).toThrow('The tensors are integers (i32)');
  program.free();
});

test('what is no tensor, and operators on tensors, get a sentence', () => {
  const list = [1, 2] as never;
  expect(() => ad.add(list, ad.full([2], 0))).toThrow(
    /add \(.*\): operand 1 is a list, not a tensor; tensor\(…\) converts/,
  );
  expect(() => ad.matmul([list] as never, ad.full([2], 0))).toThrow(/matmul \(.*a is a list, not a tensor/);
  expect(() => ad.crossEntropy(ad.full([2, 3], 0), list)).toThrow(/crossEntropy \(.*targets is a list, not a tensor/);
  const { lost } = {} as { lost: T };
  expect(() => ad.mul(ad.full([2], 0), lost)).toThrow(
    /operand 2 is undefined, not a tensor; does a tree of parameters lack/,
  );
  expect(() => ad.foldIn(3 as never, 1)).toThrow(/a key must be two integers, as randomKey\(seed\) returns, not 3/);
  expect(() => ad.conv2d(ad.full([1, 4, 4, 1], 0), ad.full([3, 3, 1, 1], 0, 'f32'))).toThrow(
    /Their dtypes are f64 and f32: cast\(x, 'f32'\) makes them equal/,
  );
  const one = ad.tensor(1);
  expect(() => (one as never as number) + 1).toThrow(/Operators such as \+ and < do not work on tensors/);
  expect(() => ad.compile((x: T) => ((x as never as number) > 0 ? x : ad.neg(x)))(one)).toThrow(/there are add, less/);
  expect(`${ad.tensor([1, Number.POSITIVE_INFINITY])}`).toBe('Tensor f64 [2] [1,Infinity]');
  expect(JSON.stringify({ w: ad.tensor([[1, 2]]) })).toBe('{"w":[[1,2]]}');
  // A compiled function is searched for NaN, too.
  expect(() => ad.findNaN(ad.compile((x: T) => ad.log(x)))(ad.tensor([-1]))).toThrow(/log produced the first NaN/);
});

test('what only numbers tell is refused when it runs, compiled too', () => {
  const late: Array<[(t: T) => T, RegExp]> = [
    [
      (t) => ad.take(t, ints(0, 7)),
      /^take \(\S*autodiff\.test\.ts:\d+:\d+\): index 7 at position 2 of the indices is out of range for an axis of length 2/,
    ],
    [(t) => ad.takeAlong(t, ints(-1, 0)), /^takeAlong \(\S*autodiff\.test\.ts:\d+:\d+\): index -1 at position 1/],
    [(t) => ad.crossEntropy(ad.expandDims(t, 0), ints(2)), /the target of row 1 is 2.*classes 0 to 1/],
    [(t) => ad.cholesky(ad.reshape(ad.concat([t, t]), [2, 2])), /not positive definite: pivot 2/],
    [(t) => ad.solve(ad.reshape(ad.concat([t, t]), [2, 2]), t), /singular: row 2/],
    [
      (t) => ad.fixedPoint((z: T, p: T) => ad.mul(ad.add(z, p), 2), t, t, { maxIter: 9 }),
      /did not converge to 1e-12 within 9 iterations/,
    ],
  ];
  for (const [f, message] of late) {
    expect(() => f(ad.full([2], 1))).toThrow(message);
    expect(() => ad.compile(f)(ad.full([2], 1))).toThrow(message);
  }
});

test('the search for NaN names the first operation that made one, also in a derivative', () => {
  const f = (x: T): T => ad.sum(ad.sqrt(ad.sub(x, 1)));
  expect(() => ad.findNaN(f)(ad.tensor([2, 0.5]))).toThrow(
    /^sqrt produced the first NaN \(\S*autodiff\.test\.ts:\d+:\d+\), at position 2 of a result of \[2\], from \[2\] of -0\.5 to 1\.$/,
  );
  const g = (x: T): T => ad.sum(ad.mul(ad.sqrt(x), 0));
  expect(
    ad
      .findNaN(g)(ad.tensor([0]))
      .item(),
  ).toBe(0);
  expect(() => ad.findNaN(ad.grad(g))(ad.tensor([0]))).toThrow(
    /^div produced the first NaN \(sqrt at \S*autodiff\.test\.ts/,
  );
  expect(
    ad
      .findNaN(ad.grad(f))(ad.tensor([2]))
      .item(),
  ).toBe(0.5);
});

test('derivatives of one’s own, and none', () => {
  const through = ad.customVjp(
    (x: T) => ad.round(x),
    (g) => [g],
  );
  expect(
    ad
      .grad((x: T) => ad.sum(ad.mul(through(x), x)))(ad.tensor([1.4, 2.6]))
      .toArray(),
  ).toEqual([2.4, 5.6]);
  expect(
    ad
      .grad((x: T) => ad.sum(ad.mul(ad.stopGradient(x), x)))(ad.tensor([3]))
      .toArray(),
  ).toEqual([3]);
  const wrong = ad.customVjp(
    (x: T) => ad.sum(x),
    () => [draw([3])],
  );
  expect(() => ad.grad(wrong)(draw([2]))).toThrow(/for argument 0 has \[3\], but the argument \[2\]/);
});

test('fixed points: derivatives of the solution, of any order, whatever the way there', () => {
  // x = cos(a·x) has x′ = −x·s/(1 + a·s), s = sin(a·x).
  const f = (a: T): T => ad.fixedPoint((x: T, p: T) => ad.cos(ad.mul(p, x)), ad.full([], 0.5), a);
  const a = 0.8;
  const x = f(ad.full([], a)).item();
  const s = Math.sin(a * x);
  expect(x).toBeCloseTo(Math.cos(a * x), 11);
  expect(ad.compile(ad.grad(f))(ad.full([], a)).item()).toBeCloseTo((-x * s) / (1 + a * s), 10);
  const cube = (c: T): T => ad.root((z: T, p: T) => ad.sub(ad.pow(z, 3), p), ad.full([1], 1), ad.reshape(c, [1]));
  const third = ad.grad((t: T) => ad.grad((u: T) => ad.grad((v: T) => ad.sum(cube(v)))(u))(t));
  expect(third(ad.full([], 8)).item()).toBeCloseTo((1 / 3) * (-2 / 3) * (-5 / 3) * 8 ** (-8 / 3), 9);
});

test('random numbers are those of their key and place', () => {
  const key = ad.randomKey(7);
  const u = ad.randomUniform(key, [20000]).data();
  const mean = Array.from(u).reduce((s, v) => s + v, 0) / u.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
  const single = ad.randomUniform(key, [100], 'f32').data();
  expect(Math.max(...single)).toBeLessThan(1);
  const z = ad.randomNormal(key, [20000]);
  expect(Math.abs(ad.mean(z).item())).toBeLessThan(0.03);
  expect(Math.abs(ad.variance(z).item() - 1)).toBeLessThan(0.04);
  // Parts differ, the same part is the same, also where the part is counted by a tensor in a compiled function.
  const part = ad.compile((step: T) => ad.randomUniform(ad.foldIn(key, step), [3]));
  expect(part(ints(4)).toArray()).toEqual(ad.randomUniform(ad.foldIn(key, 4), [3]).toArray());
  expect(part(ints(5)).toArray()).not.toEqual(part(ints(4)).toArray());
  const kept = ad.dropout(ad.full([10000], 1), 0.25, key).data();
  expect(new Set(kept)).toEqual(new Set([0, 1 / 0.75]));
  expect(Math.abs(kept.filter((v: number) => v === 0).length - 2500)).toBeLessThan(200);
});

test('half precision: to the nearest, ties to even, as the engine rounds where it can', () => {
  const x = [
    0,
    -0,
    1,
    1 / 3,
    65504,
    65519.99,
    65520,
    -1e9,
    2 ** -24,
    2 ** -25,
    2 ** -25 * 1.0001,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    6e-8,
    1e-5,
    Number.NaN,
  ];
  const expected = [
    0,
    -0,
    1,
    0.333251953125,
    65504,
    65504,
    Infinity,
    -Infinity,
    2 ** -24,
    0,
    2 ** -24,
    1,
    1 + 2 ** -9,
    2 ** -24,
    0.000010013580322265625,
    NaN,
  ];
  expect(ad.roundToHalf(ad.tensor(x)).toArray()).toEqual(expected);
});

test('everything in plain TypeScript, with the same bits where no product is', () => {
  const f = (x: T): T => ad.sum(ad.layerNorm(ad.gelu(ad.softmax(ad.sin(ad.exp(x))))));
  const x = ad.cast(draw([5, 7]), 'f32');
  const [value, slope] = ad.valueAndGrad(f)(x);
  const before = setWorkspace(new Arena({ engine: 'typescript' }));
  try {
    const [again, same] = ad.compile(ad.valueAndGrad(f))(x);
    expect(again.item()).toBe(value.item());
    expect(same.data()).toEqual(slope.data());
    expect(ad.matmul(draw([3, 4]), draw([4, 2])).shape).toEqual([3, 2]);
  } finally {
    setWorkspace(before);
  }
});

test('threads share large products, with the same bits', async () => {
  const f = (a: T, b: T): T => ad.sum(ad.square(ad.matmul(a, b)));
  const net = (x: T, w: T): T => ad.sum(ad.square(ad.conv2d(x, w, { padding: 1 })));
  for (const dtype of ['f32', 'f64'] as const) {
    const cast = (...x: T[]) => x.map((t) => ad.cast(t, dtype)) as [T, T];
    const [p, q] = [cast(draw([150, 130]), draw([130, 170])), cast(draw([20, 9, 9, 16]), draw([3, 3, 16, 32]))];
    const once = ad.compile((a: T, b: T) => [ad.grad(f, { wrt: [0, 1] })(a, b), ad.grad(net, { wrt: [0, 1] })(...q)]);
    const alone = flat(once(...p));
    try {
      expect(await ad.useThreads(2)).toBe(workspace().engine === 'wasm-shared' ? 2 : 1);
      expect(flat(once(...p))).toEqual(alone);
      expect(f(...p).item()).toBe(
        ad
          .compile(f)(...p)
          .item(),
      );
    } finally {
      expect(await ad.useThreads(1)).toBe(1);
    }
    expect(flat(once(...p))).toEqual(alone);
  }
});

test('threads share everything that is large, with the same bits', async () => {
  const parameters = [draw([3, 3, 1, 6]), draw([3, 3, 6, 16]), draw([3, 3, 1, 16]), draw([1, 1, 16, 24]), draw([24])];
  const images = draw([64, 24, 24, 1]);
  const net = ([f, g, d, w, b]: T[], x: T): T => {
    const first = ad.maxPool(ad.relu(ad.conv2d(x, f, { padding: 1 })), 2);
    const second = ad.conv2d(ad.tanh(ad.conv2d(first, g, { padding: 1 })), d, { padding: 1, groups: 16 });
    const packed = ad.reshape(ad.add(ad.conv2d(second, w), b), [64, 144, 3, 2, 4]);
    const [q, k, v] = [0, 1, 2].map((i) => ad.slice(packed, undefined, undefined, i));
    const seen = ad.reshape(ad.attention(q, k, v, { causal: true }), [64 * 144, 8]);
    const rows = ad.layerNorm(ad.logSoftmax(ad.gelu(ad.reshape(seen, [768, 96]))));
    return ad.mean(ad.crossEntropy(rows, ad.tensor(Int32Array.from({ length: 768 }, (_, i) => i % 96))));
  };
  for (const [dtype, count] of [
    ['f32', 3],
    ['f64', 2],
  ] as const) {
    const [p, x] = [parameters.map((t) => ad.cast(t, dtype)), ad.cast(images, dtype)];
    const f = ad.compile(ad.valueAndGrad(net));
    const alone = flat(f(p, x));
    try {
      await ad.useThreads(count);
      const program = f.prepare(p, x);
      for (let run = 0; run < 3; run++) {
        program.run();
        expect(flat(program.result)).toEqual(alone);
      }
      expect(flat(ad.valueAndGrad(net)(p, x))).toEqual(alone);
      // What was prepared goes on without its threads.
      await ad.useThreads(1);
      program.run();
      expect(flat(program.result)).toEqual(alone);
    } finally {
      await ad.useThreads(1);
    }
  }
});

test('threads share gathers, norms, sums over rows, recurrent nets and pooling, with the same bits', async () => {
  const [rows, d] = [2048, 64];
  const whole = (n: number, below: number) => ad.tensor(Int32Array.from({ length: n }, (_, i) => (i * 7919) % below));
  const [tokens, targets] = [whole(rows, 300), whole(rows, d)];
  const wide = (n: number, gates: number) => draw([n, gates, 48 * gates]);
  const all = [draw([300, d]), draw([d]), draw([d]), draw([32, 16, 16, 4]), wide(6, 3), wide(6, 4), draw([192, 48])];
  const f = ([table, gamma, beta, images, x, v, w]: T[], at: T, y: T): T => {
    const h = ad.layerNorm(ad.take(table, at), gamma, beta);
    const [a, b] = [0, 1].map((i) => ad.slice(ad.reshape(h, [rows, 2, d / 2]), undefined, i));
    const loss = ad.mean(ad.crossEntropy(ad.add(ad.concat([ad.mul(a, b), b], 1), beta), y));
    const pools = ad.add(ad.maxPool(images, 2), ad.avgPool(images, 2));
    const extremes = ad.add(ad.sum(ad.max(h, 0)), ad.sum(ad.min(ad.reshape(h, [8, -1, d]), 1)));
    const start = ad.slice(x, undefined, 0, [0, 48]);
    const kept = ad.gru(x, ad.slice(w, [0, 144]), ad.slice(x, 0, 0), start);
    const sums = [ad.square(kept), ad.square(ad.lstm(v, w, start, start).y), ad.square(pools), extremes];
    return sums.reduce((sum, t) => ad.add(sum, ad.sum(t)), loss);
  };
  for (const [dtype, count] of [
    ['f32', 2],
    ['f64', 3],
  ] as const) {
    const p = all.map((t) => ad.cast(t, dtype));
    const once = ad.compile(ad.valueAndGrad(f));
    const alone = flat(once(p, tokens, targets));
    try {
      await ad.useThreads(count);
      expect(flat(once(p, tokens, targets))).toEqual(alone);
      expect(flat(ad.valueAndGrad(f)(p, tokens, targets))).toEqual(alone);
      expect(() => f(p, whole(rows, 301), targets)).toThrow(/index 300 at position \d+ of the indices is out of range/);
      expect(() => f(p, tokens, whole(rows, d + 1))).toThrow(/the target of row \d+ is 64, but logits of 64 columns/);
    } finally {
      await ad.useThreads(1);
    }
  }
});

test('linear algebra gives what it says', () => {
  const x = draw([3, 3]);
  const a = ad.add(
    ad.matmul(x, ad.transpose(x)),
    ad.tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]),
  );
  const close = (p: T, q: T) =>
    flat(p).forEach((v, i) => {
      expect(v).toBeCloseTo(flat(q)[i], 12);
    });
  const L = ad.cholesky(a);
  close(ad.matmul(L, ad.transpose(L)), a);
  close(ad.matmul(a, ad.solve(a, x)), x);
  close(ad.matmul(L, ad.solveTriangular(L, x)), x);
  close(ad.matmul(ad.transpose(L), ad.solveTriangular(L, x, true)), x);
  const [w, v] = ad.eigh(a);
  close(ad.matmul(a, v), ad.mul(v, w));
  expect(Array.from(w.data())).toEqual(Array.from(w.data()).sort((p, q) => p - q));
  close(ad.sum(ad.log(w)), ad.logDetOfFactor(L));
});

/** A function refuses an option that it does not know. */
const refusesUnknown = (name: string, call: (options: object) => unknown): void => {
  expect(() => call({ unknownOption: 1 }), name).toThrow(`${name} has no option 'unknownOption'`);
};

test('options that there are not', () => {
  const [image, filter] = [draw([1, 4, 4, 1]), draw([2, 2, 1, 1])];
  const q = draw([1, 2, 1, 2]);
  refusesUnknown('tensor', (o) => ad.tensor([1], o));
  refusesUnknown('grad', (o) => ad.grad(ad.sum as never, o));
  refusesUnknown('valueAndGrad', (o) => ad.valueAndGrad(ad.sum as never, o));
  refusesUnknown('vmap', (o) => ad.vmap(ad.exp, o));
  refusesUnknown('variance', (o) => ad.variance(image, 0, o));
  refusesUnknown('softmaxSum', (o) => ad.softmaxSum(ad.tensor([1]), o));
  refusesUnknown('softmaxCrossEntropy', (o) =>
    ad.softmaxCrossEntropy(ad.tensor([1]), ad.tensor(Int32Array.of(0), { shape: [] }), o),
  );
  refusesUnknown('batchNorm', (o) => ad.batchNorm(image, undefined, undefined, o));
  refusesUnknown('conv1d', (o) => ad.conv1d(image, filter, o));
  refusesUnknown('conv3d', (o) => ad.conv3d(image, filter, o));
  refusesUnknown('conv2d', (o) => ad.conv2d(image, filter, o));
  refusesUnknown('conv2dTranspose', (o) => ad.conv2dTranspose(image, filter, o));
  refusesUnknown('maxPool', (o) => ad.maxPool(image, 2, o));
  refusesUnknown('avgPool', (o) => ad.avgPool(image, 2, o));
  refusesUnknown('attention', (o) => ad.attention(q, q, q, o));
  refusesUnknown('scan', (o) => ad.scan((c: T, x: T) => [c, x], q, image, o));
  refusesUnknown('fixedPoint', (o) => ad.fixedPoint((z: T, p: T) => ad.mul(z, p), q, q, o));
  refusesUnknown('root', (o) => ad.root((z: T, p: T) => ad.mul(z, p), q, q, o));
});

test('observe: every operation with its values, of compiled functions too', () => {
  const w = ad.tensor([
    [1, 2],
    [3, 4],
  ]);
  const f = ad.compile((x: T) => ad.sum(ad.matmul(x, ad.transpose(w))));
  const x = ad.tensor([[5, 6]]);
  f(x);
  const seen: ad.Operation[] = [];
  expect(
    ad
      .observe(
        () => f(x),
        (o) => seen.push(o),
      )
      .item(),
  ).toBe(56);
  expect(seen.map(({ name }) => name)).toEqual(['permute', 'matmul', 'sum']);
  const [turned, product] = seen;
  expect(turned.outputs[0].storage).toBe(w.storage);
  expect([...product.inputs[0].data()]).toEqual([5, 6]);
  expect([...product.outputs[0].data()]).toEqual([17, 39]);
  // Nothing is seen afterwards, nor if f throws.
  f(x);
  expect(() =>
    ad.observe(
      () => {
        throw new Error('ended');
      },
      (o) => seen.push(o),
    ),
  ).toThrow('ended');
  f(x);
  expect(seen).toHaveLength(3);
});
