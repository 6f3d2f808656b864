import type { Factors } from 'southwell/compression';
import type { ExperimentEvent } from '../experiment.ts';

/** The magnitudes of A, S and B, one beside the other, each relative to its largest. */
export function factorsPicture({
  padded: [m, n],
  blockSize: b,
  keep,
  of,
  A,
  B,
  values,
  places,
}: Factors): ExperimentEvent {
  const size = Math.max(m, n);
  const width = m + n + n + 2;
  const out = new Float64Array(width * size);
  const largest = (of: Float64Array): number => of.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  const block = (of: Float64Array, count: number, left: number): void => {
    const most = largest(of);
    for (let at = 0; at < of.length; at++) {
      const [place, p] = [Math.floor(at / b), at % b];
      const first = place - (place % b);
      if (place < count) out[(first + p) * width + left + place] = Math.abs(of[at]) / most;
    }
  };
  block(A, m, 0);
  block(B, n, m + n + 2);
  const most = largest(values);
  const kept = (n * keep) / of;
  for (let k = 0; k < values.length; k++) {
    const column = Math.floor((k % kept) / keep) * of + places[k];
    out[Math.floor(k / kept) * width + m + 1 + column] = Math.abs(values[k]) / most;
  }
  const value = 'magnitude: A, then S, then B';
  const picture = { type: 'image', width, height: size, values: Array.from(out), value } as const;
  return { kind: 'picture', title: 'The factors', picture };
}
