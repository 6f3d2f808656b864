import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ad from '../index.ts';
import { type Case, checkDerivatives, checkMapped, checkPatterns, draws, scattered } from '../testing.ts';
import * as cx from './index.ts';

// Values and derivatives beside PyTorch's are in torch.test.ts.

type T = ad.Tensor;
const draw = draws(5);
const flat = (z: cx.Complex): T => cx.toPairs(z);
const number = (re: number, im: number): cx.Complex => cx.complex(ad.tensor(re), ad.tensor(im));
const read = ({ re, im }: cx.Complex): [number, number] => [re.item(), im.item()];
const close = (found: cx.Complex, re: number, im: number, bar = 1e-13): void => {
  const [a, b] = read(found);
  const scale = bar * Math.max(Math.hypot(re, im), Number.MIN_VALUE);
  expect(Math.hypot(a - re, b - im), `${a} + ${b}i, expected ${re} + ${im}i`).toBeLessThanOrEqual(scale);
};

const cases: Case[] = [
  {
    name: 'arithmetic',
    f: (a, b) => flat(cx.div(cx.mul({ re: a, im: b }, a), cx.add(3, { re: b, im: a }))),
    x: [draw([2, 3]), draw([2, 3])],
  },
  {
    name: 'elementary functions',
    f: (a, b) => flat(cx.add(cx.tanh({ re: a, im: b }), cx.sqrt(cx.exp({ re: b, im: a })))),
    x: [draw([3]), draw([3])],
  },
  {
    name: 'magnitude and angle',
    f: (a, b) => ad.mul(cx.abs({ re: a, im: b }), cx.angle({ re: a, im: b })),
    x: [draw([4]), draw([4])],
  },
  {
    name: 'powers',
    f: (a, b) => flat(cx.add(cx.pow({ re: a, im: b }, 3), cx.pow({ re: a, im: b }, -1.5))),
    x: [draw([4], 0.2, 2), draw([4])],
  },
  {
    name: 'views',
    f: (a, b) =>
      flat(
        cx.cumsum(
          cx.slice(
            cx.concat(
              [
                { re: a, im: b },
                { re: b, im: a },
              ],
              1,
            ),
            undefined,
            [1, 5, 2],
          ),
        ),
      ),
    x: [draw([2, 3]), draw([2, 3])],
  },
  {
    name: 'matmul',
    f: (a, b) => flat(cx.matmul(cx.adjoint({ re: a, im: b }), cx.complex(a))),
    x: [draw([3, 2]), draw([3, 2])],
  },
  { name: 'fft', f: (a, b) => flat(cx.square(cx.fft({ re: a, im: b }))), x: [scattered(draw([3, 5])), draw([3, 5])] },
  {
    name: 'ifft',
    f: (a, b) => flat(cx.square(cx.ifft({ re: a, im: b }, { axis: 0, n: 6 }))),
    x: [draw([4, 2]), draw([4, 2])],
  },
  { name: 'ifft, one part', f: (a, b) => ad.square(cx.ifft({ re: a, im: b }).im), x: [draw([4]), draw([4])] },
  {
    name: 'fft of a prime above 31',
    f: (a, b) => flat(cx.square(cx.fft({ re: a, im: b }))),
    x: [draw([37]), draw([37])],
  },
  { name: 'rfft', f: (x) => flat(cx.square(cx.rfft(x))), x: [draw([2, 6])] },
  { name: 'rfft of odd length', f: (x) => flat(cx.square(cx.rfft(x, { norm: 'ortho' }))), x: [draw([5])] },
  { name: 'irfft', f: (a, b) => ad.exp(cx.irfft({ re: a, im: b })), x: [draw([2, 4]), draw([2, 4])] },
  {
    name: 'irfft of odd length',
    f: (a, b) => ad.square(cx.irfft({ re: a, im: b }, { n: 5, axis: 0 })),
    x: [draw([3, 2]), draw([3, 2])],
  },
];

describe('derivatives, batches and patterns', () => {
  test.each(cases)('$name', (one) => {
    checkDerivatives(one);
    checkMapped(one);
    checkPatterns(one);
  });

  test('transformations take and return complex numbers', () => {
    const z = cx.complex(draw([3]), draw([3]));
    const energy = (w: cx.Complex): T => ad.sum(ad.square(cx.abs(w)));
    const g = ad.grad(energy)(z);
    expect([...g.re.data(), ...g.im.data()]).toEqual(
      [...ad.mul(z.re, 2).data(), ...ad.mul(z.im, 2).data()].map((v) => expect.closeTo(v, 12)),
    );
    const product = ad.compile((w: cx.Complex) => cx.mul(w, w))(z);
    expect(product.im.data()).toEqual(cx.mul(z, z).im.data());
    const each = ad.vmap((w: cx.Complex) => cx.exp(w))(z);
    expect(each.re.data()).toEqual(cx.exp(z).re.data());
    const [, along] = ad.jvp((w: cx.Complex) => cx.square(w), [z], [z]) as [cx.Complex, cx.Complex];
    const twice = cx.mul(2, cx.square(z));
    for (const [i, v] of twice.re.data().entries()) expect(along.re.data()[i]).toBeCloseTo(v, 12);
  });

  test('0 has no direction: derivatives of its magnitude and angle are 0', () => {
    const both = (w: cx.Complex): T => ad.sum(ad.add(cx.abs(w), cx.angle(w)));
    const g = ad.grad(both)(cx.complex(ad.tensor([0, 1]), 0));
    expect([...g.re.data(), ...g.im.data()]).toEqual([0, 1, 0, 1]);
  });
});

describe('identities', () => {
  const part = fc.double({ min: -5, max: 5, noNaN: true }).filter((v) => v === 0 || Math.abs(v) > 1e-3);
  test('of elementary functions', () => {
    fc.assert(
      fc.property(part, part, (re, im) => {
        const z = number(re, im);
        if (re === 0 && im === 0) return;
        close(cx.exp(cx.log(z)), re, im, 1e-14 * 5);
        close(cx.square(cx.sqrt(z)), re, im);
        expect(cx.sqrt(z).re.item()).toBeGreaterThanOrEqual(0);
        close(cx.mul(z, cx.reciprocal(z)), 1, 0);
        close(cx.polar(cx.abs(z), cx.angle(z)), re, im);
        const [a, b] = read(cx.div(cx.sinh(z), cx.cosh(z)));
        close(cx.tanh(z), a, b, 1e-11);
        const one = cx.add(cx.square(cx.sin(z)), cx.square(cx.cos(z)));
        const size = Math.exp(2 * Math.abs(im));
        expect(Math.hypot(one.re.item() - 1, one.im.item())).toBeLessThanOrEqual(1e-14 * size);
        close(cx.pow(z, 3), ...read(cx.mul(z, cx.mul(z, z))));
        close(cx.pow(z, cx.complex(ad.tensor(2.5))), ...read(cx.exp(cx.mul(2.5, cx.log(z)))));
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test('of Fourier transforms with the sums that define them', () => {
    for (const n of [1, 2, 3, 8, 15, 37, 101]) {
      const [re, im] = [draw([n]), draw([n])];
      const { re: A, im: B } = cx.fft({ re, im });
      const half = cx.rfft(re);
      const [a, b] = [re.data(), im.data()];
      for (let k = 0; k < n; k++) {
        let [c, d, e] = [0, 0, 0];
        for (let j = 0; j < n; j++) {
          const angle = (-2 * Math.PI * ((j * k) % n)) / n;
          c += a[j] * Math.cos(angle) - b[j] * Math.sin(angle);
          d += a[j] * Math.sin(angle) + b[j] * Math.cos(angle);
          e += a[j] * Math.cos(angle);
        }
        expect(A.data()[k]).toBeCloseTo(c, 11);
        expect(B.data()[k]).toBeCloseTo(d, 11);
        if (k <= n / 2) expect(half.re.data()[k]).toBeCloseTo(e, 11);
      }
      for (const norm of ['backward', 'ortho', 'forward'] as const) {
        const again = cx.ifft(cx.fft({ re, im }, { norm }), { norm });
        const real = cx.irfft(cx.rfft(re, { norm }), { norm, n });
        for (let j = 0; j < n; j++) {
          expect(again.re.data()[j]).toBeCloseTo(a[j], 13);
          expect(again.im.data()[j]).toBeCloseTo(b[j], 13);
          expect(real.data()[j]).toBeCloseTo(a[j], 13);
        }
      }
    }
  });

  test('of systems and inverses', () => {
    const A = cx.complex(ad.add(draw([2, 4, 4]), ad.tensor(eye(4, 3))), draw([2, 4, 4]));
    const B = cx.complex(draw([4, 2]), draw([4, 2]));
    const residual = cx.sub(cx.matmul(A, cx.solve(A, B)), B);
    const product = cx.matmul(A, cx.inverse(A));
    expect(Math.max(...cx.abs(residual).data())).toBeLessThan(1e-13);
    expect(Math.max(...cx.abs(cx.sub(product, cx.complex(ad.tensor(eye(4, 1))))).data())).toBeLessThan(1e-13);
  });
});

const eye = (n: number, value: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? value : 0)));

describe('extremes', () => {
  test('squares neither overflow nor vanish', () => {
    expect(cx.abs(number(3e200, 4e200)).item() / 5e200).toBeCloseTo(1, 15);
    expect(cx.abs(number(3e-200, -4e-200)).item() / 5e-200).toBeCloseTo(1, 15);
    close(cx.div(number(1e300, 2e300), number(1e300, 2e300)), 1, 0);
    close(cx.div(number(1e-300, 2e-300), number(1e-300, -1e-300)), -0.5, 1.5);
    close(cx.sqrt(number(0, 2e300)), 1e150, 1e150);
    close(cx.log(number(3e200, 4e200)), Math.log(5e200), Math.atan2(4, 3));
    close(cx.tanh(number(800, 1)), 1, 0);
  });

  test('branch cuts, and 0', () => {
    close(cx.sqrt(number(-4, 0)), 0, 2);
    close(cx.sqrt(number(-4, -1e-300)), 0, -2);
    close(cx.log(number(-1, 0)), 0, Math.PI);
    expect(read(cx.sqrt(number(0, 0)))).toEqual([0, 0]);
    expect(read(cx.pow(number(0, 0), number(1, 1)))).toEqual([0, 0]);
    expect(read(cx.pow(number(0, 0), 0))).toEqual([1, 0]);
    expect(read(cx.pow(number(0, 0), number(0, 0)))).toEqual([1, 0]);
    expect(read(cx.pow(number(0, 0), number(0, 1)))[0]).toBeNaN();
    expect(read(cx.log(number(0, 0)))[0]).toBe(-Infinity);
  });

  test('empty arrays, single precision and plain numbers', () => {
    expect(cx.fft(cx.complex(ad.full([0, 4], 1))).re.shape).toEqual([0, 4]);
    expect(cx.mul(cx.complex(ad.full([0], 1, 'f32')), 2).im.dtype).toBe('f32');
    expect(cx.rfft(ad.full([3, 8], 1, 'f32')).re.dtype).toBe('f32');
    expect(read(cx.mul(2, 3))).toEqual([6, 0]);
    expect(cx.add(cx.complex(ad.full([3, 1], 1), ad.full([3, 1], 2)), ad.full([4], 1)).im.shape).toEqual([3, 4]);
    expect(cx.isComplex(number(1, 2)) && !cx.isComplex(ad.tensor(1)) && !cx.isComplex(null)).toBe(true);
  });
});

describe('refusals', () => {
  const z = cx.complex(draw([2, 3]), draw([2, 3]));
  test('real functions name the complex ones', () => {
    for (const call of [() => ad.exp(z as never), () => ad.cholesky(z as never), () => ad.sort(z as never)])
      expect(call).toThrow(/complex, not a real tensor\. @southwell\/autodiff\/complex has the functions of complex/);
    expect(() => ad.grad((w: cx.Complex) => cx.mul(w, w) as never)(z)).toThrow(/complex numbers of \[2, 3\]/);
  });

  test('parts and options that do not fit', () => {
    expect(() => cx.complex(draw([2]), draw([3]))).toThrow(/re and im must broadcast/);
    expect(() => cx.complex(draw([2]), ad.full([2], 1, 'f32'))).toThrow(
      /must both be f32 or both f64, not f64 and f32/,
    );
    expect(() => cx.complex(ad.tensor(Int32Array.of(1)))).toThrow(/must both be f32 or both f64, not i32/);
    expect(() => cx.exp({ re: draw([2]), im: draw([3]) })).toThrow(
      /the parts re and im of its argument differ in shape/,
    );
    expect(() => cx.fft(z, { n: 0 })).toThrow(/length of a transform is a whole number from 1/);
    expect(() => cx.fft(z, { axis: 2 })).toThrow(/no axis 2/);
    expect(() => cx.fft(z, { norm: 'none' as never })).toThrow(/norm must be backward, ortho or forward, not none/);
    expect(() => cx.fft(z, { length: 3 } as never)).toThrow(/length/);
    expect(() => cx.fft(cx.complex(draw([0])))).toThrow(/from 1 to/);
    expect(() => cx.irfft(cx.complex(draw([1])))).toThrow(/from 1 to/);
    expect(() => cx.rfft(ad.tensor(1))).toThrow(/no axis to transform/);
    expect(() => cx.solve(cx.complex(draw([2, 3])), z)).toThrow(/must be a square matrix/);
    expect(() => cx.fromPairs(draw([2, 3]))).toThrow(/pairs of real and imaginary parts/);
  });
});
