import type { Random } from 'southwell';

/** The examples of a step, drawn with replacement; all of them if the batch size is infinite. */
export function drawBatch(random: Random, n: number, batch: number, out: number[]): readonly number[] {
  if (!Number.isFinite(batch)) {
    for (let i = 0; i < n; i++) out[i] = i;
    out.length = n;
    return out;
  }
  for (let i = 0; i < batch; i++) out[i] = random.integer(n);
  out.length = batch;
  return out;
}
