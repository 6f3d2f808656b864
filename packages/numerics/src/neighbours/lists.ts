import { Random } from '@southwell/numerics/core';
import { type LloydState, lloydIterates } from './lloyd.ts';
import { NearestTwo } from './nearestTwo.ts';
import type { Points } from './points.ts';

/** Training rows of the quantiser per list, and number of k-means iterations. */
const SAMPLE = 64;
const STEPS = 10;

/** The offsets of the lists, followed by n, and all rows, list by list. */
export interface Lists {
  readonly starts: Int32Array;
  readonly order: Int32Array;
}

/** The centres found by k-means on a sample of the points. */
export function quantiser(points: Points, count: number, seed: number): Float64Array {
  const { n, d } = points;
  const random = new Random(seed);
  const taken = Math.min(n, SAMPLE * count);
  const rows = taken < n ? random.sample(n, taken) : undefined;
  const sample = rows ? points.some(rows) : points;
  try {
    const steps = lloydIterates(sample, count, sample.copies(new Random(seed).sample(sample.n, count)));
    let centres = new Float64Array(count * d);
    for (const { iteration, done, checkpoint } of steps) {
      if (!done && iteration < STEPS) continue;
      centres = (checkpoint!() as LloydState).centres as Float64Array<ArrayBuffer>;
      break;
    }
    return centres;
  } finally {
    if (rows) sample.matrix.free();
  }
}

/** Groups the points by nearest centre. */
export function listed(points: Points, centres: Float64Array): Lists {
  const { n, d } = points;
  const count = centres.length / d;
  const nearest = new Int32Array(n);
  const finder = new NearestTwo(points, count);
  try {
    finder.setCentres(centres);
    const all = Int32Array.from({ length: n }, (_, p) => p);
    finder.find(all, n, nearest, new Float64Array(n), new Float64Array(n));
  } finally {
    finder.free();
  }
  const starts = new Int32Array(count + 1);
  for (const b of nearest) starts[b + 1]++;
  for (let b = 0; b < count; b++) starts[b + 1] += starts[b];
  const next = starts.slice();
  const order = new Int32Array(n);
  for (let p = 0; p < n; p++) order[next[nearest[p]]++] = p;
  return { starts, order };
}

/** The means of the rows of each list. */
export function meansOf({ data, d }: Points, { order, starts }: Lists): Float64Array {
  const means = new Float64Array((starts.length - 1) * d);
  for (let b = 0; b < starts.length - 1; b++) {
    const size = starts[b + 1] - starts[b];
    for (let t = starts[b]; t < starts[b + 1]; t++) {
      for (let j = 0; j < d; j++) means[b * d + j] += data[order[t] * d + j] / size;
    }
  }
  return means;
}
