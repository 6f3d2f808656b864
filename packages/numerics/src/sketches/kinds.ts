/** Kinds of sketches and their titles. */
export const SKETCHES = {
  gaussian: 'normal numbers',
  srht: 'signs, a Hadamard transform and sampled rows',
  dct: 'signs, a cosine transform and sampled rows',
  'gaussian-pooled': 'signs, a Hadamard transform, and sums of shuffled rows with normal weights',
  osnap: 'a few random signs per row, at random positions',
  'count-sketch': 'one random sign per row, at a random position',
  'uniform-rows': 'rows sampled uniformly',
  'leverage-rows': 'rows sampled by leverage scores',
  'tensor-srht': 'SRHT of a Kronecker product',
} as const;
export type SketchKind = keyof typeof SKETCHES;
