export const norm = (a: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * a[i];
  return Math.sqrt(sum);
};

export const squaredDistance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
};

/** The mean of vectors, added in their order. */
export function meanOf(vectors: readonly Float64Array[], length: number): Float64Array {
  const mean = new Float64Array(length);
  for (const vector of vectors) for (let i = 0; i < length; i++) mean[i] += vector[i];
  return mean.map((v) => v / vectors.length);
}
