export { createSketch, type SketchOptions } from './create.ts';
export { SKETCHES, type SketchKind } from './kinds.ts';
export { type LeverageOptions, leverageScores } from './leverage.ts';
export type { Sketch } from './sketch.ts';
export type { KroneckerRows, TensorSketch } from './tensor.ts';
