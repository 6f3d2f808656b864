// Elementwise functions of three operands, for networks/elementwise.ts.

import { choose, num } from './functions';

export const WHERE: i32 = 64;
export const CLIP: i32 = 65;
export const MUL_ADD: i32 = 66;

// @ts-ignore: decorator
@inline
function ternary<T>(op: i32, x: v128, y: v128, z: v128): v128 {
  if (op == WHERE) return choose(v128.ne<T>(x, num<T>(0)), y, z);
  if (op == CLIP) return v128.min<T>(v128.max<T>(x, y), z);
  return v128.add<T>(v128.mul<T>(x, y), z);
}

/** y ← f(a, b, c), whose operands move on by 16 bytes a vector, or 0 for one value splat. What is left over goes through `end`. */
// @ts-ignore: decorator
@inline
export function loop3<T>(
  op: i32, n: i32, y: usize, a: usize, da: usize, b: usize, db: usize, c: usize, dc: usize, end: usize,
): void {
  const lanes = 16 / sizeof<T>();
  let left = n / lanes;
  // With two numbers, as of clip, loads and stores take most of the time.
  if (db == 0 && dc == 0 && da != 0) {
    const second = v128.load(b), third = v128.load(c);
    for (; left >= 4; left -= 4) {
      v128.store(y, ternary<T>(op, v128.load(a), second, third));
      v128.store(y, ternary<T>(op, v128.load(a, 16), second, third), 16);
      v128.store(y, ternary<T>(op, v128.load(a, 32), second, third), 32);
      v128.store(y, ternary<T>(op, v128.load(a, 48), second, third), 48);
      a += 64;
      y += 64;
    }
  }
  for (; left > 0; left--) {
    v128.store(y, ternary<T>(op, v128.load(a), v128.load(b), v128.load(c)));
    a += da;
    b += db;
    c += dc;
    y += 16;
  }
  const rest = <usize>(n % lanes) * sizeof<T>();
  if (rest != 0) {
    memory.copy(end, a, rest);
    memory.copy(end + 16, b, rest);
    memory.copy(end + 32, c, rest);
    v128.store(end, ternary<T>(op, v128.load(end), v128.load(end, 16), v128.load(end, 32)));
    memory.copy(y, end, rest);
  }
}
