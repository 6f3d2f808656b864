import { elementary } from '@southwell/numerics/special';

/** Values of one group that a weight may have, and where it stands among them. */
export interface Choice {
  /** All values, of which the k from `from` on are those of the group. */
  readonly values: Float64Array;
  from: number;
  readonly k: number;
  /** The place of the present value. */
  at: number;
  /** Mean gap between neighbouring values of the group. */
  gap: number;
  /** All logits, of which the k from `first` on are those of the weight. */
  readonly logits: Float32Array;
  first: number;
}

/**
 * The derivative of the loss by the logits of a weight, in place of the true one, which is 0: `slope` is the derivative by the weight.
 */
export type MappingRule = (slope: number, choice: Choice, out: Float64Array) => void;

/** Values nearer to each other than this share of the mean gap count as one. */
const SAME = 1e-12;

/** The pull of a value falls with its distance from the present one (JLCM). */
const proximal: MappingRule = (slope, { values, from, k, at, gap }, out) => {
  const here = values[from + at];
  for (let m = 0; m < k; m++) {
    const step = values[from + m] - here;
    out[m] = m === at || Math.abs(step) <= SAME * gap ? 0 : (slope * gap * gap) / step;
  }
};

/** The pull of a value grows with its distance: the straight-through estimate of a sum over indicators. */
const linear: MappingRule = (slope, { values, from, k, at }, out) => {
  const here = values[from + at];
  for (let m = 0; m < k; m++) out[m] = slope * (values[from + m] - here);
};

/** The derivative of the mean value under the softmax of the logits. */
const soft: MappingRule = (slope, { values, from, k, logits, first }, out) => {
  let top = Number.NEGATIVE_INFINITY;
  for (let m = 0; m < k; m++) top = Math.max(top, logits[first + m]);
  let [sum, mean] = [0, 0];
  for (let m = 0; m < k; m++) {
    out[m] = elementary.exp(logits[first + m] - top);
    sum += out[m];
    mean += out[m] * values[from + m];
  }
  mean /= sum;
  for (let m = 0; m < k; m++) out[m] *= (slope * (values[from + m] - mean)) / sum;
};

/** The rules by name. */
export const mappingRules = { proximal, soft, linear } as const satisfies Readonly<Record<string, MappingRule>>;

/** Exponentially decayed means of the logits' derivatives, and of their squares for each weight. */
export interface LogitMoments {
  readonly logits: Float32Array;
  /** As long as the logits. */
  readonly first: Float32Array;
  /** One for each weight: one for each logit would make all derivatives alike, whatever their rule. */
  readonly second: Float32Array;
}

/** Decay of the means, and what keeps steps finite: as of Adam. */
export const [FIRST, SECOND, TINY] = [0.9, 0.999, 1e-8];

/** How far an Adam step goes: `one` and `two` undo the start of the means at 0. */
export interface StepSize {
  rate: number;
  one: number;
  two: number;
}

/** A step of the k logits of a weight by their derivatives, with one second moment for all of them. O(k). */
export function moveLogits(
  { logits, first, second }: LogitMoments,
  weight: number,
  derivatives: Float64Array,
  { rate, one, two }: StepSize,
): void {
  const k = derivatives.length;
  let squares = 0;
  for (let m = 0; m < k; m++) squares += derivatives[m] * derivatives[m];
  second[weight] += (1 - SECOND) * (squares / k - second[weight]);
  const by = rate / one / (Math.sqrt(second[weight] / two) + TINY);
  for (let m = 0, at = weight * k; m < k; m++, at++) {
    first[at] += (1 - FIRST) * (derivatives[m] - first[at]);
    logits[at] -= by * first[at];
  }
}
