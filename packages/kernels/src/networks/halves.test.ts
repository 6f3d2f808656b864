import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';

const formats = [
  { name: 'f16', brain: false, exponent: 5, fraction: 10 },
  { name: 'bf16', brain: true, exponent: 8, fraction: 7 },
] as const;
type Format = (typeof formats)[number];

/** The number of these bits, from the definition of IEEE 754. */
function value(bits: number, { exponent, fraction }: Format): number {
  const sign = bits >> 15 ? -1 : 1;
  const top = 2 ** exponent - 1;
  const e = (bits >> fraction) & top;
  const m = bits % 2 ** fraction;
  if (e === top) return m === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const bias = (top - 1) / 2;
  return sign * (e === 0 ? m / 2 ** fraction : 1 + m / 2 ** fraction) * 2 ** (Math.max(e, 1) - bias);
}

/** The bits of the nearest number by search among all positive ones, ties to even; NaN gives NaN. */
function nearest(x: number, format: Format): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  const infinite = (2 ** format.exponent - 1) << format.fraction;
  let [low, high] = [0, infinite];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value(middle, format) <= size) low = middle;
    else high = middle;
  }
  if (value(high, format) <= size) return sign | high;
  // Infinity counts as the number that would come next.
  const a = value(low, format);
  const b = high === infinite ? 2 * a - value(low - 1, format) : value(high, format);
  const [below, above] = [size - a, b - size];
  return sign | (below < above || (below === above && low % 2 === 0) ? low : high);
}

const all = Array.from({ length: 65536 }, (_, bits) => bits);

/** The bits of numbers as one engine rounds them. */
function rounded(engine: (typeof engines)[number], numbers: readonly number[], { brain }: Format, single: boolean) {
  const t = new TestArena(engine);
  const x = single ? t.f32(numbers) : t.f64(numbers);
  const to = t.bytes(2 * numbers.length + 2);
  t.kernels[single ? 'stoHalves' : 'toHalves'](brain, numbers.length, x.pointer, to);
  const found = [...t.arena.u16.subarray(to / 2, to / 2 + numbers.length)];
  t.end();
  return found;
}

test.each(formats)('all bits of $name, both ways, in every engine', (format) => {
  const values = all.map((bits) => value(bits, format));
  for (const engine of engines) {
    const t = new TestArena(engine);
    const from = t.bytes(2 * all.length);
    t.arena.u16.set(all, from / 2);
    const y = t.f32(values.map(() => 1));
    t.kernels.fromHalves(format.brain, all.length, from, y.pointer);
    expect(y.view.findIndex((v, i) => !Object.is(v, values[i]))).toBe(-1);
    t.end();
    for (const single of [true, false]) {
      const back = rounded(engine, values, format, single);
      expect(
        back.findIndex((bits, i) => (Number.isNaN(values[i]) ? !Number.isNaN(value(bits, format)) : bits !== all[i])),
      ).toBe(-1);
    }
  }
});

test.each(formats)('the nearest number of $name, ties to even, in every engine', (format) => {
  const random = uniform(3);
  const finite = all.slice(0, (2 ** format.exponent - 1) << format.fraction);
  const chosen = [...finite.slice(0, 40), ...finite.slice(-40), ...finite.filter((bits) => bits % 61 === 0)];
  const doubles = chosen.flatMap((bits) => {
    const [a, b] = [value(bits, format), value(bits + 1, format)];
    const tie = Number.isFinite(b) ? (a + b) / 2 : a + (a - value(bits - 1, format)) / 2;
    return [tie, tie * (1 + 2 ** -52), tie * (1 - 2 ** -53), tie * (1 + 2 ** -30), a + (tie - a) * random(), -tie];
  });
  doubles.push(0, -0, Number.NaN, 1e300, -1e300, 5e-324, 3e38, 3.4e38, Number.POSITIVE_INFINITY);
  for (const single of [true, false]) {
    const numbers = single ? doubles.map(Math.fround) : doubles;
    for (const engine of engines) {
      const found = rounded(engine, numbers, format, single);
      const wrong = numbers.findIndex((x, i) =>
        Number.isNaN(x) ? !Number.isNaN(value(found[i], format)) : found[i] !== nearest(x, format),
      );
      expect(wrong < 0 ? '' : `${numbers[wrong]} gives ${found[wrong]}, not ${nearest(numbers[wrong], format)}`).toBe(
        '',
      );
    }
  }
});

test('copies of strided words, and rows by their indices', () => {
  for (const engine of engines) {
    const t = new TestArena(engine);
    const from = t.bytes(2 * 64);
    const to = t.bytes(2 * 64);
    t.arena.u16.set(all.slice(0x7f70, 0x7f70 + 60), from / 2);
    // Five rows of 3 × 4 words, transposed, the rows in reverse order.
    const meta = t.i32([3, ...[5, 12, -12, 0, 0], ...[4, 3, 1, 0, 0], ...[3, 1, 4, 0, 0]]);
    t.kernels.copyHalves(0, meta.pointer, to, from + 2 * 48, from, from, t.bytes(128));
    const expected = [4, 3, 2, 1, 0].flatMap((r) =>
      [0, 1, 2, 3].flatMap((c) => [0, 1, 2].map((k) => 0x7f70 + 12 * r + 4 * k + c)),
    );
    expect([...t.arena.u16.subarray(to / 2, to / 2 + 60)]).toEqual(expected);
    const at = t.i32([2, 0, 2, 3]);
    expect(t.kernels.takeHalves(2, 3, 3, 7, 10, at.pointer, from, to)).toBe(-1);
    const row = (r: number) => all.slice(0x7f70 + 10 * r, 0x7f70 + 10 * r + 7);
    for (const [i, r] of [2, 0, 2, 5, 3, 5].entries())
      expect([...t.arena.u16.subarray(to / 2 + 10 * i, to / 2 + 10 * i + 7)]).toEqual(row(r));
    expect(t.kernels.takeHalves(1, 4, 3, 7, 10, at.pointer, from, to)).toBe(3);
    t.end();
  }
});
