import type { Arena, Block } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';

export type Vector = Block<Float64Array>;

/** Vectors of equal length in an arena, where products need no copies, with the operations on them. */
export class Space {
  private readonly scratch: ReturnType<Arena['scratch']>;

  constructor(
    readonly arena: Arena,
    readonly n: number,
  ) {
    this.scratch = arena.scratch();
  }

  /** A zero vector, of length n by default. */
  vector(n = this.n): Vector {
    const block = this.scratch.f64(n);
    block.view.fill(0);
    return block;
  }

  dot(x: Vector, y: Vector): number {
    return this.arena.kernels.dot(x.length, x.pointer, y.pointer);
  }

  /** ‖x‖, without overflow or underflow. */
  norm(x: Vector): number {
    const square = this.dot(x, x);
    return square > TINY && square < HUGE ? Math.sqrt(square) : safeNorm(x.view);
  }

  /** y ← y + a·x. */
  axpy(a: number, x: Vector, y: Vector): void {
    this.arena.kernels.axpy(x.length, a, x.pointer, y.pointer);
  }

  /** y ← x + b·y. */
  xpby(x: Vector, b: number, y: Vector): void {
    this.arena.use(systemKernels).xpby(x.length, x.pointer, b, y.pointer);
  }

  copy(from: Vector, to: Vector): void {
    to.view.set(from.view);
  }

  scale(a: number, x: Vector): void {
    const { view } = x;
    for (let i = 0; i < view.length; i++) view[i] *= a;
  }

  /** Frees the memory. */
  end(): void {
    this.scratch.release();
  }
}

/** Sums of squares outside these bounds lose digits or everything. */
const TINY = 1e-280;
const HUGE = 1e300;

/** The norm of values of any magnitude. */
export function safeNorm(values: Float64Array): number {
  // Indexed loops, because iterators take three times as long.
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** The power of two by which to divide values so that they are of moderate size. */
export function powerOfTwo(size: number): number {
  return size > 0 ? 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(size)))) : 1;
}

/** Runs a kernel on two vectors: in place if they lie in the arena, otherwise on copies. */
export function onPointers<T>(
  arena: Arena,
  input: Float64Array,
  output: Float64Array,
  run: (from: number, to: number) => T,
): T {
  const [from, to] = [arena.pointerOf(input), arena.pointerOf(output)];
  if (from !== undefined && to !== undefined) return run(from, to);
  const scratch = arena.scratch();
  try {
    // Pointers taken before the allocation remain valid: growing memory detaches views (unless it is shared) but moves
    // nothing.
    const given = from === undefined ? scratch.f64(input.length) : undefined;
    const made = to === undefined ? scratch.f64(output.length) : undefined;
    given?.view.set(input);
    const result = run(from ?? given!.pointer, to ?? made!.pointer);
    if (made) output.set(made.view);
    return result;
  } finally {
    scratch.release();
  }
}
