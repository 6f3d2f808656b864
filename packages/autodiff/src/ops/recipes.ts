import { type MapCode, mapCodes } from '@southwell/kernels/networks';
import type { Binding } from '../primitive.ts';

// Functions in single precision as short sequences of elementwise kernels, a block at a time, so that what lies between
// stays in the cache.

/** A place: the argument, an intermediate block, or a number. */
type Operand = 'x' | 'a' | 'b' | 'c' | number;
/** A kernel, the block that it writes, and its operands. */
type Step = readonly [code: MapCode, to: 'a' | 'b' | 'c', ...from: readonly Operand[]];

/** A function of one number; the last step leaves it in block a. */
export interface Recipe {
  readonly steps: readonly Step[];
  /** The largest magnitude of an argument; others, and NaN, are left to the function of numbers. */
  readonly within?: number;
}

/** From here on squares overflow in single precision, or nearly so. */
const LARGE = 1e18;

export const recipes: Readonly<Record<string, Recipe>> = {
  tan: {
    steps: [
      ['sin', 'a', 'x'],
      ['cos', 'b', 'x'],
      ['div', 'a', 'a', 'b'],
    ],
    within: 1e5,
  },
  // atan(x/√((1 − x)(1 + x))).
  asin: {
    steps: [
      ['sub', 'a', 1, 'x'],
      ['add', 'b', 'x', 1],
      ['mul', 'a', 'a', 'b'],
      ['sqrt', 'a', 'a'],
      ['div', 'a', 'x', 'a'],
      ['atan', 'a', 'a'],
    ],
  },
  // 2·atan(√((1 − x)/(1 + x))).
  acos: {
    steps: [
      ['sub', 'a', 1, 'x'],
      ['add', 'b', 'x', 1],
      ['div', 'a', 'a', 'b'],
      ['sqrt', 'a', 'a'],
      ['atan', 'a', 'a'],
      ['add', 'a', 'a', 'a'],
    ],
  },
  atan: { steps: [['atan', 'a', 'x']] },
  // With h = e^(|x|/2), whose square does not overflow before the result: (h/2)·h + ½/h².
  cosh: {
    steps: [
      ['abs', 'a', 'x'],
      ['mul', 'a', 'a', 0.5],
      ['exp', 'a', 'a'],
      ['mul', 'b', 'a', 0.5],
      ['mul', 'b', 'b', 'a'],
      ['square', 'a', 'a'],
      ['div', 'a', 0.5, 'a'],
      ['add', 'a', 'a', 'b'],
    ],
  },
  // With u = e^(x/2) − 1 and h = u + 1: u·((u + 2)/h)·(h + 1/h)/2.
  sinh: {
    steps: [
      ['abs', 'a', 'x'],
      ['mul', 'a', 'a', 0.5],
      ['expm1', 'a', 'a'],
      ['add', 'b', 'a', 2],
      ['add', 'c', 'a', 1],
      ['div', 'b', 'b', 'c'],
      ['mul', 'a', 'a', 'b'],
      ['reciprocal', 'b', 'c'],
      ['add', 'b', 'b', 'c'],
      ['mul', 'b', 'b', 0.5],
      ['mul', 'a', 'a', 'b'],
      ['sign', 'b', 'x'],
      ['mul', 'a', 'a', 'b'],
    ],
    within: 170,
  },
  // log1p(|x| + x²/(1 + √(1 + x²))).
  asinh: {
    steps: [
      ['square', 'a', 'x'],
      ['add', 'b', 'a', 1],
      ['sqrt', 'b', 'b'],
      ['add', 'b', 'b', 1],
      ['div', 'a', 'a', 'b'],
      ['abs', 'b', 'x'],
      ['add', 'a', 'a', 'b'],
      ['log1p', 'a', 'a'],
      ['sign', 'b', 'x'],
      ['mul', 'a', 'a', 'b'],
    ],
    within: LARGE,
  },
  // With t = x − 1: log1p(t + √(t(t + 2))).
  acosh: {
    steps: [
      ['sub', 'a', 'x', 1],
      ['add', 'b', 'a', 2],
      ['mul', 'b', 'b', 'a'],
      ['sqrt', 'b', 'b'],
      ['add', 'a', 'a', 'b'],
      ['log1p', 'a', 'a'],
    ],
    within: LARGE,
  },
  // ½·log1p(2|x|/(1 − |x|)).
  atanh: {
    steps: [
      ['abs', 'a', 'x'],
      ['sub', 'b', 1, 'a'],
      ['add', 'a', 'a', 'a'],
      ['div', 'a', 'a', 'b'],
      ['log1p', 'a', 'a'],
      ['mul', 'a', 'a', 0.5],
      ['sign', 'b', 'x'],
      ['mul', 'a', 'a', 'b'],
    ],
    within: 1,
  },
};

const BLOCK = 1024;
/** Scratch of the kernels before the blocks. */
const KERNEL = 8192;
export const RECIPE_WORK = KERNEL + 3 * 4 * BLOCK;

const bits = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0];

/** Binds a recipe; `exact` is the function of one number. */
export function bindRecipe(
  { arena, kernels, x: [x], y: [y], work, meta }: Binding<unknown>,
  { steps, within }: Recipe,
  exact: (x: number) => number,
): () => void {
  const n = y.size;
  const at = { a: work + KERNEL, b: work + KERNEL + 4 * BLOCK, c: work + KERNEL + 8 * BLOCK };
  const calls = (count: number) =>
    steps.map(([code, to, ...from]) => {
      const places = from.map((v) => (typeof v === 'number' ? meta([bits(v)]) : v === 'x' ? -1 : at[v]));
      const strides = from.map((v) => (typeof v === 'number' ? 0 : 1));
      const shape = meta([1, count, 1, ...strides, ...[0, 0].slice(strides.length - 1)]);
      return { op: mapCodes[code], shape, to: at[to], first: places[0], second: places[1] ?? places[0] };
    });
  const [whole, rest] = [n >= BLOCK ? calls(BLOCK) : [], n % BLOCK > 0 ? calls(n % BLOCK) : []];
  return () => {
    const heap = arena.f32;
    for (let from = 0; from < n; from += BLOCK) {
      const count = Math.min(BLOCK, n - from);
      const own = x.pointer + 4 * from;
      for (const { op, shape, to, first, second } of count === BLOCK ? whole : rest) {
        const [p, q] = [first < 0 ? own : first, second < 0 ? own : second];
        kernels.smapElements(op, shape, to, p, q, p, work);
      }
      if (within !== undefined) {
        for (let i = 0; i < count; i++) {
          const value = heap[own / 4 + i];
          if (!(Math.abs(value) <= within)) heap[at.a / 4 + i] = exact(value);
        }
      }
      heap.copyWithin(y.pointer / 4 + from, at.a / 4, at.a / 4 + count);
    }
  };
}
