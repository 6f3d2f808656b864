// Shared by the kernel tests. Not exported from the package.
import { assignmentKernels } from './assignment/index.ts';
import { clusteringKernels } from './clustering/index.ts';
import { denseKernels } from './dense/index.ts';
import { factorisationKernels } from './factorisation/index.ts';
import { frontKernels } from './fronts/index.ts';
import { Arena, type Block, type Engine, type Kernels } from './index.ts';
import { luKernels } from './lu/index.ts';
import { modelKernels } from './models/index.ts';
import { networkKernels } from './networks/index.ts';
import { packedKernels } from './packed/index.ts';
import { qrKernels } from './qr/index.ts';
import { sparseKernels } from './sparse/index.ts';
import { spectralKernels } from './spectral/index.ts';
import { systemKernels } from './systems/index.ts';
import { tableKernels } from './tables/index.ts';
import { transformKernels } from './transforms/index.ts';

/** Every module. */
export const modules = [
  denseKernels,
  sparseKernels,
  modelKernels,
  systemKernels,
  clusteringKernels,
  networkKernels,
  packedKernels,
  factorisationKernels,
  frontKernels,
  luKernels,
  qrKernels,
  spectralKernels,
  transformKernels,
  tableKernels,
  assignmentKernels,
] as const;

/** All kernels over an arena, whose modules are instantiated as they are used. */
export const allKernels = (arena: Arena): Kernels =>
  new Proxy({} as Kernels, { get: (_, name) => arena.kernel(String(name)) });

export const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];

/** Unit roundoff of double and single precision. */
export const unitF64 = 2 ** -53;
export const unitF32 = 2 ** -24;

/** γ_n = nu / (1 − nu): the bound on the relative error of a sum of n products, in any order (Higham, section 3.1). */
export function gamma(n: number, unit = unitF64): number {
  return (n * unit) / (1 - n * unit);
}

/** A seeded generator of uniform numbers in [0, 1): mulberry32, enough for test data. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Small integers in [-9, 9]: sums of their products are exact in any order, in f64 and in f32. */
export function integers(n: number, random: () => number): number[] {
  return Array.from({ length: n }, () => Math.floor(random() * 19) - 9);
}

/** Symmetric random numbers in (-1, 1). */
export function reals(n: number, random: () => number): number[] {
  return Array.from({ length: n }, () => random() * 2 - 1);
}

/** An arena whose blocks are freed together; `end` returns the number of bytes still allocated. */
export class TestArena {
  readonly arena: Arena;
  private blocks: Array<{ free(): void }> = [];
  constructor(readonly engine: Engine) {
    this.arena = new Arena({ engine });
  }

  get kernels() {
    return allKernels(this.arena);
  }

  f64(values: ArrayLike<number>): Block<Float64Array> {
    return this.fill(this.arena.f64Block(values.length), values);
  }

  f32(values: ArrayLike<number>): Block<Float32Array> {
    return this.fill(this.arena.f32Block(values.length), values);
  }

  i32(values: ArrayLike<number>): Block<Int32Array> {
    return this.fill(this.arena.i32Block(values.length), values);
  }

  bytes(n: number): number {
    const block = this.arena.f64Block(Math.ceil(n / 8));
    block.view.fill(Number.NaN); // scratch may hold anything
    this.blocks.push(block);
    return block.pointer;
  }

  private fill<T extends Float64Array | Float32Array | Int32Array>(block: Block<T>, values: ArrayLike<number>) {
    block.view.set(values);
    this.blocks.push(block);
    return block;
  }

  /** Frees the blocks allocated by this wrapper; remaining bytes are a leak. */
  end(): number {
    for (const block of this.blocks) block.free();
    this.blocks = [];
    return this.arena.allocatedBytes;
  }
}

/**
 * A column-major m × n matrix with a leading dimension of m + pad; the padding is NaN, so that reading it is detected.
 */
export function padded(values: readonly number[], m: number, n: number, pad: number): number[] {
  const out = new Array<number>((m + pad) * n).fill(Number.NaN);
  for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) out[j * (m + pad) + i] = values[j * m + i];
  return out;
}

/** A dense matrix by rows. */
export type Matrix = number[][];

/** The non-zeros of a matrix as compressed rows in an arena. */
export function compressed(t: TestArena, matrix: Matrix) {
  const entries = matrix.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [{ i, j, v }])));
  const starts = Array.from({ length: matrix.length + 1 }, (_, i) => entries.filter((entry) => entry.i < i).length);
  const [pointers, indices] = [t.i32(starts), t.i32(entries.map(({ j }) => j))];
  const values = t.f64(entries.map(({ v }) => v));
  return { pointers, indices, values, at: [pointers.pointer, indices.pointer, values.pointer] as const };
}

/** Converts compressed rows to a dense matrix. */
export function dense(rows: number, cols: number, p: Int32Array, i: Int32Array, v: Float64Array): Matrix {
  return Array.from({ length: rows }, (_, r) => {
    const row = new Array<number>(cols).fill(0);
    for (let k = p[r]; k < p[r + 1]; k++) row[i[k]] += v[k];
    return row;
  });
}
