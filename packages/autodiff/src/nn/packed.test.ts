import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ad from '../index.ts';
import { examples, numbers, sparse } from './testing.ts';

const forms = Object.entries(examples);
const shapes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70 }));

test('groups, bits and whole numbers unpack to what was packed', () => {
  fc.assert(
    fc.property(shapes, fc.integer(), ([out, inner], seed) => {
      const next = numbers(seed);
      const weights = sparse(out, inner, next);
      expect(ad.unpackMatrix(ad.packGroups(weights, [out, inner]))).toEqual(weights);
      expect(ad.unpackMatrix(ad.packBitmap(weights, [out, inner]))).toEqual(weights);
      const codes = Int8Array.from(weights, () => Math.floor(next() * 128));
      const scales = Float32Array.from({ length: out }, next);
      const plain = Float32Array.from(codes, (c, i) => c * scales[Math.floor(i / inner)] + 0);
      expect(ad.unpackMatrix(ad.packInt8(codes, scales, [out, inner])).map((v) => v + 0)).toEqual(plain);
    }),
    { numRuns: 40 },
  );
});

test('places in codebooks of 1 to 8 bits', () => {
  for (let bits = 1; bits <= 8; bits++) {
    const next = numbers(bits);
    const [out, inner] = [7, 45];
    const codebooks = Float32Array.from({ length: 2 ** (bits + 1) }, next);
    const indices = Uint8Array.from({ length: out * inner }, () => Math.floor((next() + 1) * 2 ** (bits - 1)));
    const packed = ad.packCodes({ indices, bits, codebooks, boundaries: [0, 3] }, [out, inner]);
    const plain = Float32Array.from(indices, (c, i) => codebooks[(i < 3 * inner ? 0 : 2 ** bits) + c]);
    expect(ad.unpackMatrix(packed)).toEqual(plain);
    expect(packed.arrays.codes.byteLength).toBe(4 * out * Math.ceil((inner * bits) / 32));
  }
});

test('factors unpack to their product', () => {
  const next = numbers(3);
  const [block, out, inner] = [4, 6, 10];
  const [m, n] = [8, 12];
  const [left, right] = [m, n].map((k) => Array.from({ length: k * block }, next));
  const core = sparse(m, n, next);
  const whole = (blocks: number[], size: number) =>
    ad.tensor(
      Array.from({ length: size }, (_, i) =>
        Array.from({ length: size }, (_, j) =>
          Math.floor(i / block) === Math.floor(j / block) ? Math.fround(blocks[j * block + (i % block)]) : 0,
        ),
      ),
    );
  const S = ad.tensor(Float64Array.from(core), { shape: [m, n] });
  const product = ad.matmul(ad.matmul(whole(left, m), S), whole(right, n));
  const packed = ad.packWrapped({ block, left, right, core }, [out, inner]);
  const expected = ad.slice(product, [0, out], [0, inner]).data();
  for (const [i, v] of ad.unpackMatrix(packed).entries()) expect(v).toBeCloseTo(expected[i], 6);
});

test.each(forms)('%s: the operation gives the numbers of the plain function, in compiled functions too', (_, make) => {
  fc.assert(
    fc.property(shapes, fc.integer(), ([out, inner], seed) => {
      const matrix = make([out, inner], numbers(seed));
      const packed = ad.packedTensor(matrix);
      const plain = ad.unpackMatrix(matrix);
      const near = (x: ad.Tensor) => {
        expect(x.shape).toEqual([out, inner]);
        for (const [i, v] of x.data().entries()) expect(v).toBeCloseTo(plain[i], 5);
      };
      near(ad.unpackTensor(packed));
      near(ad.compile((p: ad.PackedTensor) => ad.unpackTensor(p))(packed));
      near(ad.compile((x: ad.Tensor) => ad.mul(ad.unpackTensor(packed, x), x))(ad.tensor(Float32Array.of(1))));
    }),
    { numRuns: 15 },
  );
});

test.each(forms)('%s: tensors give the matrix back, and its size', (_, make) => {
  const matrix = make([9, 2, 7], numbers(5));
  const packed = ad.packedTensor(matrix);
  expect(ad.packedMatrix(packed)).toEqual(matrix);
  expect(ad.unpackTensor(packed).shape).toEqual([9, 2, 7]);
  expect(ad.packedBytes(matrix)).toBe(Object.values<ad.Tensor>(packed.arrays).reduce((sum, x) => sum + x.bytes, 0));
});

test('damaged matrices are refused in sentences', () => {
  const next = numbers(1);
  const coded = examples.codebooks([6, 8], next) as Extract<ad.PackedMatrix, { form: 'codebooks' }>;
  const bitmap = examples.bitmap([6, 8], next) as Extract<ad.PackedMatrix, { form: 'bitmap' }>;
  const groups = examples.groups([6, 8], next) as Extract<ad.PackedMatrix, { form: 'groups' }>;
  const refused: ReadonlyArray<readonly [object, RegExp]> = [
    [{ ...groups, form: 'triples' }, /no form 'triples' of packed matrices, only groups, bitmap/],
    [{ ...groups, shape: [48] }, /its shape must be a list of at least two whole numbers/],
    [{ ...groups, arrays: { values: groups.arrays.values } }, /it has no places/],
    [{ ...groups, shape: [6, 20] }, /\[6, 20\] of the form groups needs 128 entries in values, not 64/],
    [{ ...coded, bits: 9 }, /places in codebooks have 1 to 8 bits, not 9/],
    [
      { ...coded, arrays: { ...coded.arrays, boundaries: Int32Array.of(0, 5, 3) } },
      /runs of its 6 rows must begin at ascending rows, not at 0, 5, 3/,
    ],
    [
      { ...bitmap, arrays: { ...bitmap.arrays, starts: bitmap.arrays.starts.map((s) => s + 1) } },
      /row 0 begins at value 1, but 0 come before it/,
    ],
    [
      { ...bitmap, arrays: { ...bitmap.arrays, bits: bitmap.arrays.bits.map(() => -1) } },
      /row 0 has weights beyond column 8/,
    ],
  ];
  for (const [matrix, message] of refused) {
    expect(() => ad.unpackMatrix(matrix as never)).toThrow(message);
    expect(() => ad.packedTensor(matrix as never)).toThrow(message);
  }
  expect(() => ad.packGroups([1, 2, 3, 0], [1, 4])).toThrow(
    'packGroups: row 0 has more than two weights other than 0 in columns 0 to 3.',
  );
  expect(() => ad.packCodes({ indices: [4], bits: 2, codebooks: [0, 1, 2, 3] }, [1, 1])).toThrow(
    '4 in row 0 is no place in a codebook of 4 numbers',
  );
  expect(() => ad.packBitmap([1, 2], [3, 1])).toThrow('packBitmap: 2 numbers do not fill [3, 1].');
});

test('derivatives flow to the inputs of a network, not to packed weights', () => {
  const packed = ad.packedTensor(examples.groups([3, 8], numbers(2)));
  const w = ad.unpackTensor(packed);
  const x = ad.tensor(Float32Array.from({ length: 8 }, (_, i) => i - 3));
  const of = (x: ad.Tensor) => ad.sum(ad.square(ad.matmulTransposed(x, ad.unpackTensor(packed, x))));
  const expected = ad
    .grad((x: ad.Tensor) => ad.sum(ad.square(ad.matmulTransposed(x, w))))(x)
    .data();
  expect(ad.grad(of)(x).data()).toEqual(expected);
  for (const [i, v] of ad.compile(ad.grad(of))(x).data().entries()) expect(v).toBeCloseTo(expected[i], 4);
  const ofWeights = (p: ad.PackedTensor) => ad.sum(ad.unpackTensor(p));
  expect(() => ad.grad(ofWeights)(packed)).toThrow('has integers');
  const { places, values } = (packed as ad.PackedTensor & { form: 'groups' }).arrays;
  const ofValues = (values: ad.Tensor) => ad.sum(ad.unpackTensor({ ...packed, arrays: { places, values } } as never));
  expect(() => ad.grad(ofValues)(values)).toThrow('Packed weights have no derivatives: unpack them before training');
});

test('batches share packed weights; loops keep them', () => {
  const packed = ad.packedTensor(examples.bitmap([6, 6], numbers(2)));
  const x = ad.tensor(
    Float32Array.from({ length: 12 }, (_, i) => i - 3),
    { shape: [2, 6] },
  );
  const product = (x: ad.Tensor) => ad.matmulTransposed(x, ad.unpackTensor(packed, x));
  expect(ad.vmap(product)(x).data()).toEqual(product(x).data());
  expect(() =>
    ad.vmap((p: ad.PackedTensor) => ad.unpackTensor(p))({ ...packed, arrays: stacked(packed) } as never),
  ).toThrow('vmap cannot map over packed weights');
  const steps = (x: ad.Tensor) =>
    ad.scan((h: ad.Tensor) => [product(h), ad.sum(h)] as const, x, undefined, { length: 2 });
  const [twice] = steps(x);
  const expected = product(product(x)).data();
  for (const [i, v] of twice.data().entries()) expect(v).toBeCloseTo(expected[i], 4);
  const compiled = ad.compile(steps)(x)[0].data();
  for (const [i, v] of twice.data().entries()) expect(compiled[i]).toBeCloseTo(v, 4);
});

test.each(forms)('%s: programs read packed weights in products and rows', (_, make) => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 9 }), fc.integer(), ([out, inner], rows, seed) => {
      const next = numbers(seed);
      const packed = ad.packedTensor(make([out, inner], next));
      const W = ad.unpackTensor(packed);
      const x = ad.tensor(Float32Array.from({ length: rows * inner }, next), { shape: [rows, inner] });
      const at = ad.tensor(Int32Array.from({ length: rows }, () => Math.floor(((next() + 1) / 2) * out)));
      const both = (x: ad.Tensor, at: ad.Tensor, p: ad.PackedTensor) => {
        const w = ad.unpackTensor(p, x);
        return [ad.matmulTransposed(x, w), ad.matmul(x, ad.transpose(w)), ad.take(w, at)] as const;
      };
      const program = ad.compile(both).prepare(x, at, packed);
      program.run();
      expect(program.steps.some((step) => step.startsWith('unpack ['))).toBe(false);
      const product = ad.matmul(ad.cast(x, 'f64'), ad.transpose(ad.cast(W, 'f64'))).data();
      const size = ad.matmul(ad.abs(x), ad.transpose(ad.abs(W))).data();
      // Factors are multiplied in another order, which is exact to the size of their terms, not of those of the product.
      const bound = packed.form === 'wrapped' ? 1e-4 : 1e-6;
      for (const i of product.keys()) {
        const allowed = bound * Math.max(size[i], packed.form === 'wrapped' ? 1 : 0);
        for (const y of program.outputs.slice(0, 2))
          expect(Math.abs(y.data[i] - product[i])).toBeLessThanOrEqual(allowed);
      }
      const taken = ad.take(W, at).data();
      for (const [i, v] of taken.entries()) expect(program.outputs[2].data[i]).toBeCloseTo(v, 5);
      program.free();
    }),
    { numRuns: 15 },
  );
});

test('what reads a packed matrix otherwise unpacks it; indices out of range are refused', () => {
  const packed = ad.packedTensor(examples.groups([6, 8], numbers(4)));
  const x = ad.tensor(
    Float32Array.from({ length: 8 }, (_, i) => i),
    { shape: [1, 8] },
  );
  const both = (x: ad.Tensor) => {
    const w = ad.unpackTensor(packed, x);
    return [ad.matmulTransposed(x, w), ad.sum(w, 0)] as const;
  };
  const program = ad.compile(both).prepare(x);
  expect(program.steps.filter((s) => /pack/.test(s))).toEqual(['unpack [6, 8]', 'packed product [1, 6]']);
  program.run();
  const [y, sums] = both(x);
  for (const [k, t] of [y, sums].entries())
    for (const [i, v] of t.data().entries()) expect(program.outputs[k].data[i]).toBeCloseTo(v, 4);
  const rows = ad.compile((at: ad.Tensor) => ad.take(ad.unpackTensor(packed, at), at));
  expect(() => rows(ad.tensor(Int32Array.of(2, 6)))).toThrow(
    /^take.*: index 6 at position 2 of the indices is out of range/,
  );
});

const stacked = ({ arrays }: ad.PackedTensor) =>
  Object.fromEntries(Object.entries<ad.Tensor>(arrays).map(([name, x]) => [name, ad.stack([x, x])]));
