/** Kinds of sketches and their titles. */
export const SKETCHES = {
  gaussian: 'normal numbers',
  srht: 'signs, a Hadamard transform and sampled rows',
  dct: 'signs, a cosine transform and sampled rows',
  'gaussian-pooled': 'signs, a Hadamard transform, and sums of shuffled rows with normal weights',
  osnap: 'a few signs for each row, at random places',
  'count-sketch': 'one sign for each row, at a random place',
  'uniform-rows': 'rows sampled alike',
  'leverage-rows': 'rows sampled by their leverage',
  'tensor-srht': 'SRHT of a Kronecker product',
} as const;
export type SketchKind = keyof typeof SKETCHES;
