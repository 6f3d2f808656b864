import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Arena } from '@southwell/kernels';
import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';
import { setWorkspace } from './programs/evaluate.ts';

// Numbers of two bytes, against PyTorch: torch/halves/values.py has the same functions, and wrote values.json.

type T = ad.Tensor;
const halves = ['f16', 'bf16'] as const;

interface Case {
  readonly shapes: readonly ad.Shape[];
  readonly value: readonly number[];
  readonly gradients: ReadonlyArray<readonly number[]>;
  readonly second: ReadonlyArray<readonly number[]>;
}
const stored = JSON.parse(readFileSync(new URL('./torch/halves/values.json', import.meta.url), 'utf8')) as {
  readonly rounding: Readonly<Record<ad.HalfDType, readonly string[]>>;
  readonly cases: Readonly<Record<string, Case>>;
};

const words = Uint16Array.from({ length: 65536 }, (_, i) => i);
const hashed = (values: Float32Array | Uint16Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
const bitsOf = (x: T): Uint16Array => (x.storage.values as Uint16Array).slice(x.offset, x.offset + x.size);

/** The neighbour of a number in single precision. */
function nextAfter(x: number, toward: number): number {
  const float = Float32Array.of(x);
  const word = new Int32Array(float.buffer);
  if (x === toward) return x;
  if (x === 0) return Math.sign(toward) * 2 ** -149;
  word[0] += x < toward === x > 0 ? 1 : -1;
  return float[0];
}

describe.each(halves)('%s', (dtype) => {
  test('all numbers, and rounding in the middle between two, are those of PyTorch', () => {
    const numbers = ad.cast(ad.tensorOver(words, [65536], dtype), 'f32').data() as Float32Array;
    for (let i = 0; i < numbers.length; i++) if (Number.isNaN(numbers[i])) numbers[i] = 0;
    const middles = numbers.slice(1).map((b, i) => {
      const middle = Math.fround(numbers[i] * 0.5) + Math.fround(b * 0.5);
      return Number.isFinite(Math.fround(middle)) ? middle : 0;
    });
    const near = [middles, ...[1e38, -1e38].map((toward) => middles.map((x) => nextAfter(x, Math.fround(toward))))];
    for (const kind of ['f32', 'f64'] as const) {
      const found = near.map((x) => hashed(bitsOf(ad.cast(ad.tensor(x, { dtype: kind }), dtype))));
      expect([hashed(numbers), ...found]).toEqual(stored.rounding[dtype]);
    }
    expect(
      hashed(
        ad
          .tensorOver(words, [65536], dtype)
          .data()
          .map((x) => (Number.isNaN(x) ? 0 : x)) as Float32Array,
      ),
    ).toBe(stored.rounding[dtype][0]);
  });

  test('created, read and printed', () => {
    const x = ad.tensor(
      [
        [1, 2.0001],
        [-0.1, 4],
      ],
      { dtype },
    );
    expect([x.dtype, x.bytes, x.storage.values?.constructor]).toEqual([dtype, 8, Uint16Array]);
    expect(x.data()).toEqual(Float32Array.of(1, 2, dtype === 'f16' ? -0.0999755859375 : -0.10009765625, 4));
    expect(x.toArray()).toEqual([
      [1, 2],
      [x.data()[2], 4],
    ]);
    expect(String(ad.full([2], 0.5, dtype))).toBe(`Tensor ${dtype} [2] [0.5,0.5]`);
    expect(ad.range(3, dtype, 2).toArray()).toEqual([2, 3, 4]);
    expect(ad.tensor([Number.NaN, Number.NEGATIVE_INFINITY], { dtype }).toArray()).toEqual([
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(() => ad.tensorOver(words, [65536])).toThrow(/needs a dtype of two bytes, 'f16' or 'bf16'/);
    expect(() => ad.tensorOver(new Float32Array(2), [2], dtype)).toThrow(/a Uint16Array, and no other array/);
    expect(() => ad.cast(x, 'f8' as 'f16')).toThrow(/f16 or bf16, not 'f8'/);
  });

  test('what only moves numbers keeps them in two bytes; arithmetic is in single precision, or double beside it', () => {
    const x = ad.cast(
      ad.tensor(
        Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
        { shape: [5, 6] },
      ),
      dtype,
    );
    const wide = ad.cast(x, 'f32');
    const moves: Record<string, (t: T) => T> = {
      reshape: (t) => ad.reshape(t, [3, 10]),
      transpose: (t) => ad.reshape(ad.transpose(t), [-1]),
      slice: (t) => ad.slice(t, [4, 0, -2], [1, 6, 3]),
      'reversed rows': (t) => ad.concat([ad.slice(t, [null, null, -1]), ad.slice(t, [1, 2])]),
      columns: (t) => ad.concat([ad.slice(t, null, [2, 5]), t, ad.transpose(ad.reshape(t, [6, 5]))], 1),
      broadcast: (t) => ad.broadcastTo(ad.slice(t, 1), [2, 6]),
      stack: (t) => ad.stack([t, ad.slice(t, [null, null, -1])], 1),
      take: (t) => ad.take(t, ad.tensor(Int32Array.of(4, 0, 4))),
      'take of columns': (t) => ad.take(t, ad.tensor(Int32Array.of(5, 0, 1)), 1),
      stopGradient: (t) => ad.stopGradient(t),
    };
    for (const [name, f] of Object.entries(moves)) {
      const found = f(x);
      expect([name, found.dtype, found.toArray()]).toEqual([name, dtype, f(wide).toArray()]);
      const compiled = ad.compile(f)(x);
      expect([name, compiled.dtype, compiled.toArray()]).toEqual([name, dtype, found.toArray()]);
    }
    const add = ad.add(x, 0.1);
    expect(add.dtype).toBe('f32');
    expect(add.toArray()).toEqual(ad.add(wide, 0.1).toArray());
    const double = ad.mul(x, ad.full([6], 0.1));
    expect(double.dtype).toBe('f64');
    expect(double.toArray()).toEqual(ad.mul(ad.cast(x, 'f64'), ad.full([6], 0.1)).toArray());
    expect(ad.cast(ad.tensor(Int32Array.of(3, -7)), dtype).toArray()).toEqual([3, -7]);
    expect(ad.cast(ad.tensor([3.5, -7.5], { dtype }), 'i32').toArray()).toEqual([3, -7]);
    expect(() => ad.concat([x, wide])).toThrow(/must agree; see cast/);
    expect(() => ad.take(x, ad.tensor(Int32Array.of(5)))).toThrow(/index 5 .*out of range/);
  });

  test('products, norms, attention, convolutions and recurrences take weights of two bytes', () => {
    let part = 0;
    const draw = (...shape: number[]): T => ad.randomNormal(ad.foldIn(ad.randomKey(3), part++), shape, 'f32');
    const cases: Record<string, [(...x: readonly T[]) => T, ...T[]]> = {
      matmul: [ad.matmul, draw(3, 5), draw(5, 4)],
      matmulTransposed: [ad.matmulTransposed, draw(3, 5), draw(4, 5)],
      linear: [(x, w, b) => ad.linear(x, w, b, 'relu'), draw(3, 5), draw(5, 4), draw(4)],
      conv2d: [(x, f) => ad.conv2d(x, f, { padding: 1 }), draw(2, 5, 5, 3), draw(3, 3, 3, 4)],
      'grouped convolution': [(x, f) => ad.conv2d(x, f, { groups: 2 }), draw(2, 5, 5, 4), draw(3, 3, 2, 4)],
      conv1d: [(x, f) => ad.conv1d(x, f), draw(2, 7, 3), draw(3, 3, 4)],
      conv2dTranspose: [(x, f) => ad.conv2dTranspose(x, f), draw(2, 5, 5, 4), draw(3, 3, 3, 4)],
      layerNorm: [(x, g, b) => ad.layerNorm(x, g, b), draw(3, 6), draw(6), draw(6)],
      rmsNorm: [(x, g) => ad.rmsNorm(x, g), draw(3, 6), draw(6)],
      groupNorm: [(x, g) => ad.groupNorm(x, 2, g), draw(3, 6), draw(6)],
      batchNorm: [(x, g, b) => ad.batchNorm(x, g, b), draw(3, 6), draw(6), draw(6)],
      attention: [(q, k, v) => ad.attention(q, k, v), draw(2, 3, 2, 4), draw(2, 5, 2, 4), draw(2, 5, 2, 4)],
      gru: [(x, w, b, h) => ad.gru(x, w, b, h), draw(2, 3, 6), draw(6, 2), draw(6), draw(2, 2)],
      einsum: [(x, w) => ad.einsum('ij,kj->ik', x, w), draw(3, 5), draw(4, 5)],
      softmax: [(_, x) => ad.softmax(x), draw(1), draw(3, 5)],
      sum: [(_, x) => ad.sum(x, 0), draw(1), draw(3, 5)],
      pad: [(_, x) => ad.pad(x, [[1, 0]], 0.1), draw(1), draw(3, 5)],
      solve: [(b, a) => ad.solve(ad.cast(a, 'f32'), b), draw(3, 2), draw(3, 3)],
    };
    for (const [name, [f, x, ...weights]] of Object.entries(cases)) {
      const small = weights.map((w) => ad.cast(w, dtype));
      const expected = f(x, ...small.map((w) => ad.cast(w, 'f32')));
      const found = f(x, ...small);
      expect([name, found.dtype, found.toArray()]).toEqual([name, 'f32', expected.toArray()]);
      expect([
        name,
        ad
          .compile(f)(x, ...small)
          .toArray(),
      ]).toEqual([name, expected.toArray()]);
    }
  });

  test('overflow is told: by tensor and findNaN; cast alone gives infinity', () => {
    const large = dtype === 'f16' ? 65520 : 3.4e38;
    const x = ad.tensor([1, large, -2 * large]);
    expect(ad.cast(x, dtype).toArray()).toEqual([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(ad.cast(ad.tensor([65519]), 'f16').item()).toBe(65504);
    expect(() => ad.tensor(x.data(), { dtype })).toThrow(
      new RegExp(`tensor.*: 2 of 3 numbers, the first .* at position 2, are beyond the largest of ${dtype}`),
    );
    expect(() => ad.tensor(large, { dtype })).toThrow(`at position 1 is beyond the largest number of ${dtype}`);
    const f = (t: T): T => ad.sum(ad.cast(ad.cast(ad.mul(t, 1), dtype), 'f32'));
    expect(() => ad.findNaN(f)(x)).toThrow(/cast produced the first infinity.*: 2 of 3 numbers/);
    expect(
      ad
        .findNaN(f)(ad.tensor([1, Number.POSITIVE_INFINITY]))
        .item(),
    ).toBe(Number.POSITIVE_INFINITY);
  });

  test('compiled and mapped; several tensors in one argument', () => {
    const x = ad.cast(ad.tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), dtype);
    const f = (tree: { a: T; b: T }): T => ad.concat([ad.slice(tree.b, [1, 3]), tree.a]);
    const tree = { a: ad.slice(x, [0, 3]), b: ad.slice(x, [2, 6]) };
    const program = ad.compile(f).prepare(tree);
    program.run();
    expect(program.outputs[0].data).toEqual(bitsOf(f(tree)));
    expect(program.inputs[0].data).toBeInstanceOf(Uint16Array);
    expect(() => program.inputs[0].numbers).toThrow(/two bytes: cast parameters to f32/);
    expect(program.outputs[0].tree.toArray()).toEqual(f(tree).toArray());
    program.free();

    const rows = ad.reshape(x, [2, 3]);
    const g = (row: T): T => ad.mul(ad.cast(ad.mul(row, row), dtype), 2);
    for (const mapped of [ad.vmap(g), ad.compile(ad.vmap(g))])
      expect(mapped(rows).toArray()).toEqual([g(ad.slice(rows, 0)).toArray(), g(ad.slice(rows, 1)).toArray()]);
    const table = ad.vmap((t: T, at: T) => ad.take(t, at))(rows, ad.tensor(Int32Array.of(2, 0), { shape: [2] }));
    expect([table.dtype, table.toArray()]).toEqual([dtype, [x.data()[2], x.data()[3]]]);
    const slope = ad.vmap(ad.grad((row: T) => ad.sum(ad.square(row))))(rows);
    expect([slope.dtype, slope.toArray()]).toEqual([dtype, ad.cast(ad.mul(rows, 2), dtype).toArray()]);
  });

  test('loops and choices carry and share numbers of two bytes', () => {
    const w = ad.cast(ad.tensor([0.5, -0.25, 0.75]), dtype);
    const xs = ad.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const f = (weights: T): T => {
      const step = (c: T, row: T): [T, T] => [ad.cast(ad.add(ad.mul(row, weights), c), dtype), ad.slice(c, [0, 1])];
      const [last, all] = ad.scan(step, ad.full([3], 1, dtype), xs);
      return ad.sum(ad.mul(ad.concat([last, ad.reshape(all, [-1])]), ad.tensor([1, 2, 3, 4, 5])));
    };
    const wide = (weights: T): T => {
      const near = (t: T): T => ad.cast(ad.cast(t, dtype), 'f64');
      const c = near(ad.add(ad.mul(ad.slice(xs, 0), weights), 1));
      const last = near(ad.add(ad.mul(ad.slice(xs, 1), weights), c));
      return ad.sum(ad.mul(ad.concat([last, ad.full([1], 1), ad.slice(c, [0, 1])]), ad.tensor([1, 2, 3, 4, 5])));
    };
    expect(f(w).item()).toBe(wide(w).item());
    const slope = ad.compile(ad.grad(f))(w);
    expect([slope.dtype, slope.toArray()]).toEqual([dtype, ad.grad(wide)(w).toArray()]);
    const chosen = (c: T, x: T): T =>
      ad.cond(
        c,
        (t: T) => ad.slice(t, [null, null, -1]),
        (t: T) => ad.slice(t),
        x,
      );
    for (const c of [0, 1]) {
      const found = ad.compile(chosen)(ad.tensor(c), w);
      expect([found.dtype, found.toArray()]).toEqual([dtype, chosen(ad.tensor(c), w).toArray()]);
    }
    const halved = ad.compile((x: T) =>
      ad.whileLoop(
        (t: T) => ad.greater(ad.sum(t), 0.1),
        (t: T) => ad.cast(ad.mul(t, 0.5), dtype),
        x,
      ),
    )(w);
    expect([halved.dtype, halved.toArray()]).toEqual([dtype, ad.mul(w, 1 / 16).toArray()]);
  });

  test('derivatives have the dtype of what they are taken in, forward and reverse', () => {
    const x = ad.cast(ad.tensor([0.1, 0.7, -2]), dtype);
    const f = (t: T): T => ad.mul(ad.sin(t), ad.slice(t, [null, null, -1]));
    const [value, along] = ad.jvp(f, [x], [ad.full([3], 1, dtype)]);
    expect([value.dtype, along.dtype]).toEqual(['f32', 'f32']);
    const [, pull] = ad.vjp((t: T) => ad.slice(t, [1, 3]), x);
    const [g] = pull(ad.tensor([0.3, 5], { dtype }));
    expect([g.dtype, g.toArray()]).toEqual([dtype, [0, ad.tensor([0.3], { dtype }).item(), 5]]);
    const [, tangent] = ad.jvp((t: T) => ad.reshape(t, [3, 1]), [x], [ad.tensor([1, 2, 3], { dtype })]);
    expect([tangent.dtype, tangent.toArray()]).toEqual([dtype, [[1], [2], [3]]]);
    const sparse = ad.sparseJacobian((t: T) => ad.cast(ad.mul(ad.cast(t, dtype), 3), 'f64'), ad.tensor([1, 2]));
    expect([...sparse.evaluate(ad.tensor([1, 2])).values]).toEqual([3, 3]);
    sparse.free();
  });

  test('threads give the same bits', async () => {
    const before = setWorkspace(new Arena({ engine: 'wasm-shared' }));
    try {
      const x = ad.randomNormal(ad.randomKey(1), [301, 333], 'f32');
      const f = (t: T): T =>
        ad.take(ad.concat([ad.cast(t, dtype), ad.cast(ad.mul(t, 2), dtype)], 1), ad.range(300, 'i32', 1));
      const alone = bitsOf(ad.compile(f)(x));
      expect(await ad.useThreads(2)).toBe(2);
      expect(bitsOf(ad.compile(f)(x))).toEqual(alone);
    } finally {
      await ad.useThreads(1);
      setWorkspace(before);
    }
  });
});

const wave = (shape: readonly number[], seed: number): T => {
  const n = shape.reduce((a, b) => a * b, 1);
  return ad.tensor(
    Float64Array.from({ length: n }, (_, i) => Math.sin(1.3 * i + seed) + 0.3 * Math.sin(0.7 * i * i + seed)),
    { shape },
  );
};

const double = (x: T): T => ad.cast(x, 'f64');
const through = (dtype: ad.HalfDType): Record<string, (...x: T[]) => T> => ({
  'there and back': (x) => ad.square(ad.sin(double(ad.cast(x, dtype)))),
  'a product by weights': (x, w) => ad.tanh(ad.matmul(x, ad.cast(w, dtype))),
  'rows of a table': (t) => ad.pow(double(ad.take(ad.cast(t, dtype), ad.tensor(Int32Array.of(2, 0, 2, 4)))), 3),
  'parts, used twice': (x, y) => {
    const small = ad.cast(x, dtype);
    return ad.exp(
      double(ad.concat([ad.slice(small, [1, 3]), ad.transpose(ad.cast(y, dtype)), ad.slice(small, [0, 1])])),
    );
  },
  'variables of two bytes': (x, w) => ad.mul(ad.sin(ad.mul(double(x), double(w))), double(w)),
});

function near(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  const wrong = expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= 1e-12 * Math.max(1, Math.abs(v))));
  expect(wrong < 0 ? '' : `${what} ${wrong} is ${found[wrong]}, not ${expected[wrong]}`).toBe('');
}

test.each(halves.flatMap((dtype) => Object.entries(through(dtype)).map(([name, f]) => [dtype, name, f] as const)))(
  '%s, %s: value, gradient and second derivative of PyTorch',
  (dtype, name, f) => {
    const { shapes, value, gradients, second } = stored.cases[`${dtype}: ${name}`];
    const x = shapes.map((shape, k) => {
      const t = wave(shape, k + 1);
      return name === 'variables of two bytes' ? ad.cast(t, dtype) : t;
    });
    const wrt = x.map((_, k) => k);
    const loss = (...v: T[]): T => {
      const y = f(...v);
      return ad.sum(ad.mul(y, wave(y.shape, 20)));
    };
    const slope = (...v: T[]) => ad.grad(loss, { wrt })(...v) as T[];
    const along = (...v: T[]): T =>
      slope(...v)
        .map((d, k) => ad.sum(ad.mul(d, wave(d.shape, 30 + k))))
        .reduce((a, b) => ad.add(a, b));
    near(f(...x).data(), value, 'value');
    for (const run of [slope, ad.compile(slope)])
      for (const [k, d] of run(...x).entries()) {
        expect(d.dtype).toBe(x[k].dtype);
        near(d.data(), gradients[k], `gradient ${k}`);
      }
    const twice = (...v: T[]) => ad.grad(along, { wrt })(...v) as T[];
    for (const run of [twice, ad.compile(twice)])
      for (const [k, d] of run(...x).entries()) near(d.data(), second[k], `second ${k}`);
  },
);
