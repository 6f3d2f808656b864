/**
 * The operations that exist both as WebAssembly SIMD and as plain TypeScript. Pointers are byte offsets into the
 * memory of one {@link Arena}; matrices are column-major with a leading dimension in elements; f64 unless named s….
 */
export interface Kernels {
  /** Σ x[i]·y[i]. */
  dot(n: number, x: number, y: number): number;
  /** y ← y + a·x. */
  axpy(n: number, a: number, x: number, y: number): void;
}

/** The views through which a plain TypeScript twin reads an arena; refreshed by the arena when its memory grows. */
export interface Heap {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
}
