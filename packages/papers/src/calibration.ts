const SIDE = 96;

/**
 * Milliseconds of a fixed piece of work, the best of three: how fast this machine is now, to compare with another
 * machine whose durations are known. Takes some 50 ms.
 */
export function calibration(now: () => number = () => performance.now()): number {
  const [a, b, c] = Array.from({ length: 3 }, (_, m) =>
    Float64Array.from({ length: SIDE * SIDE }, (_, i) => ((i * (m + 7)) % 13) / 13),
  );
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = now();
    for (let repeat = 0; repeat < 5; repeat++) {
      for (let i = 0; i < SIDE; i++) {
        for (let k = 0; k < SIDE; k++) {
          const factor = a[i * SIDE + k];
          for (let j = 0; j < SIDE; j++) c[i * SIDE + j] += factor * b[k * SIDE + j];
        }
      }
    }
    best = Math.min(best, now() - start);
  }
  return best;
}
