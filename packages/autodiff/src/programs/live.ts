import type { Op } from '../primitive.ts';
import type { Tensor, TensorRecord } from '../tensor.ts';

/**
 * The records that results need, in order, and the tensors that are used. Operations that run programs of their own,
 * such as loops, are reduced to their used results.
 */
export function live(
  records: readonly TensorRecord[],
  results: readonly Tensor[],
): { readonly records: readonly TensorRecord[]; readonly used: ReadonlySet<Tensor> } {
  const used = new Set<Tensor>(results);
  const kept: TensorRecord[] = [];
  for (let i = records.length - 1; i >= 0; i--) {
    let record = records[i];
    const { op, outputs } = record;
    if (!outputs.some((y) => used.has(y))) continue;
    const { trim } = op as Op;
    if (trim && !outputs.every((y) => used.has(y)))
      record = { ...record, ...trim(record, new Set(outputs.filter((y) => used.has(y)))) };
    for (const x of record.inputs) used.add(x);
    kept.push(record);
  }
  return { records: kept.reverse(), used };
}
