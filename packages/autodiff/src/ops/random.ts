import { needDtype, needShape, needTensors } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import type { Shape } from '../shapes.ts';
import { owning, type Tensor } from '../tensor.ts';
import { reshape } from './views.ts';

// Counter-based random numbers: number i of a key is a hash of both (Wellons' lowbias32, keyed in rounds), so that it
// does not depend on the number of threads, the order of evaluation, or the engine.

const mix = (x: number): number => {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
};
const hash = (a: number, b: number, i: number): number =>
  mix((mix((mix((i + Math.imul(a, 0x9e3779b9)) | 0) ^ b) + a) | 0) ^ Math.imul(b, 0x85ebca6b));

/**
 * A random key: a tensor of two integers. The same seed gives the same numbers in every engine.
 * @throws INVALID_PARAMETER unless the seed is an integer from 0 to 2⁵³ − 1.
 */
export function randomKey(seed: number): Tensor {
  if (!Number.isSafeInteger(seed) || seed < 0)
    refuse('randomKey', `the seed must be a whole number from 0 to 2^53 - 1, not ${seed}.`);
  return owning(Int32Array.of(mix(seed | 0), mix(Math.floor(seed / 4294967296) ^ 0x5bd1e995)), 'i32', [2]);
}

/** @throws INVALID_PARAMETER or INVALID_SHAPE unless it is a random key. */
export function checkKey(name: string, key: Tensor): void {
  if (!Array.isArray(key?.shape))
    refuse(name, `a key must be two integers, as randomKey(seed) returns, not ${String(key)}.`);
  if (key.dtype !== 'i32' || key.rank !== 1 || key.shape[0] !== 2)
    misfit(name, [key], 'a key must be two integers, as randomKey(seed) returns.');
}

const foldOp: Op<Record<never, never>> = defineOp<Record<never, never>>({
  name: 'foldIn',
  infer: () => [{ shape: [2], dtype: 'i32' }],
  bind:
    ({ arena, x: [key, at], y: [y] }) =>
    () => {
      const heap = arena.i32;
      const [a, b, i] = [heap[key.pointer / 4], heap[key.pointer / 4 + 1], heap[at.pointer / 4]];
      heap[y.pointer / 4] = hash(a, b, i);
      heap[y.pointer / 4 + 1] = hash(b ^ 0x2545f491, a, i);
    },
  batch: ({ o, x, mapped, size, apply: again }) => [
    o.stack(Array.from({ length: size }, (_, b) => again(x.map((t, i) => (mapped[i] ? o.at(t, b) : t)))[0])),
  ],
});

/**
 * Derives the key of an independent stream from an index (an integer, or an integer tensor such as a step counter). Use
 * every key once: the same key gives the same numbers.
 * @throws INVALID_SHAPE for an invalid key.
 */
export function foldIn(key: Tensor, index: number | Tensor): Tensor {
  checkKey('foldIn', key);
  if (typeof index === 'number' && !Number.isInteger(index))
    refuse('foldIn', `an index must be a whole number, not ${index}.`);
  const at = typeof index === 'number' ? owning(Int32Array.of(index), 'i32', []) : index;
  needTensors('foldIn', { index: at });
  if (at.size !== 1 || at.dtype !== 'i32') misfit('foldIn', [key, at], 'an index must be one integer (i32).');
  return apply(foldOp, [key, reshape(at, [])], {})[0];
}

interface Draw {
  readonly shape: Shape;
  readonly dtype: 'f32' | 'f64';
}

const uniformOp: Op<Draw> = defineOp<Draw>({
  name: 'randomUniform',
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  bind: ({ arena, x: [key], y: [y] }) => {
    const [n, double] = [y.size, y.dtype === 'f64'];
    return () => {
      const [a, b] = [arena.i32[key.pointer / 4], arena.i32[key.pointer / 4 + 1]];
      const [heap, to] = double ? [arena.f64, y.pointer / 8] : [arena.f32, y.pointer / 4];
      for (let i = 0; i < n; i++) {
        heap[to + i] = double
          ? ((hash(a, b, 2 * i) >>> 5) * 67108864 + (hash(a, b, 2 * i + 1) >>> 6)) / 9007199254740992
          : (hash(a, b, i) >>> 8) / 16777216;
      }
    };
  },
  batch: ({ o, x: [keys], size, apply: again }) => [
    o.stack(Array.from({ length: size }, (_, b) => again([o.at(keys, b)])[0])),
  ],
});

/**
 * Uniform numbers on [0, 1) from a key; no derivative. O(size).
 * @throws INVALID_SHAPE for an invalid key.
 */
export function randomUniform(key: Tensor, shape: Shape, dtype: 'f32' | 'f64' = 'f64'): Tensor {
  checkKey('randomUniform', key);
  needShape('randomUniform', shape);
  needDtype('randomUniform', dtype, ['f32', 'f64']);
  return apply(uniformOp, [key], { shape: [...shape], dtype })[0];
}
