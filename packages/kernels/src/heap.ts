/**
 * The views through which the TypeScript implementation reads an arena; refreshed by the arena when its memory grows.
 */
export interface Heap {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
}
