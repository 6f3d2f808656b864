import type { PackedModel } from '@southwell/autodiff/nn';
import { elementary } from '@southwell/numerics/special';
import { outputsOf } from 'southwell/training';
import type { TaskTools } from '../../declaration/task.ts';
import { filledRows } from '../../spread/filledRows.ts';
import type { TextNetwork } from './network.ts';

/** Maximum number of logits computed at a time. */
const HELD = 1 << 24;

/**
 * The loss of each character of a text, −log of its probability given the preceding ones, of which at least half a
 * context, or all there are, are used. NaN for the first character, and for unknown characters. Each rank evaluates its
 * share of the windows. O(characters).
 */
export function judgedText(
  { model, characters, context }: TextNetwork<PackedModel>,
  values: Int32Array,
  ranks?: TaskTools['ranks'],
) {
  const { layer, parameters } = model;
  const losses = new Float64Array(values.length).fill(Number.NaN);
  const hop = Math.ceil(context / 2);
  const classes = characters.length + 1;
  const windows = values.length - 1 <= context ? 1 : 1 + Math.ceil((values.length - 1 - context) / hop);
  const most = Math.max(1, Math.floor(HELD / (classes * context)));
  let [sum, judged, next] = [0, 0, 1];
  for (let first = 0; first < windows; first += most) {
    const count = Math.min(most, windows - first);
    // Padding beyond the end has no effect, since attention is causal.
    const part = new Int32Array((count - 1) * hop + context);
    part.set(values.subarray(first * hop, first * hop + part.length));
    const logits = new Float32Array(count * context * classes);
    filledRows(ranks, logits, count, (from, to) => {
      const own = { values: part.subarray(from * hop), shape: [context], stride: hop };
      logits.set(outputsOf(layer, parameters, own, to - from).values, from * context * classes);
    });
    for (let window = 0; window < count; window++) {
      const from = (first + window) * hop;
      for (; next <= from + context && next < values.length; next++) {
        const token = values[next];
        if (token === characters.length) continue;
        const at = (window * context + next - 1 - from) * classes;
        losses[next] = lossAt(logits, at, classes, token);
        sum += losses[next];
        judged++;
      }
    }
  }
  return { losses, judged, mean: judged > 0 ? sum / judged : Number.NaN };
}

function lossAt(logits: ArrayLike<number>, at: number, classes: number, token: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) most = Math.max(most, logits[at + k]);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += elementary.exp(logits[at + k] - most);
  return elementary.log(sum) + most - logits[at + token];
}
