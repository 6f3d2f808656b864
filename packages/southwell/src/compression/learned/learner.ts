import { DenseMatrix } from '@southwell/numerics/arrays';
import { elementary } from '@southwell/numerics/special';
import { type CodedWeights, quantiseToCodebooks } from '../quantise.ts';
import {
  type Choice,
  FIRST,
  type LogitMoments,
  mappingRules,
  moveLogits,
  SECOND,
  type StepSize,
  TINY,
} from './rules.ts';

/** How the weights of one layer are coded and learned. */
export interface LearnOptions {
  readonly bits: number;
  readonly groups: number;
  readonly variant: 'multi' | 'scales';
  readonly mapping: keyof typeof mappingRules | 'none';
  readonly values: boolean;
  readonly start: 'distance' | 'index';
  readonly steps: number;
  readonly valueRate: number;
  readonly mappingRate: number;
}

/** Numbers that are learned, with the moments of their derivatives. */
interface Learned {
  readonly numbers: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** All that the next steps depend on. */
export interface LearnState {
  readonly step: number;
  /** Place of each weight among the values of its group, column after column. */
  readonly indices: Uint8Array;
  readonly values: Learned;
  /** Of the groups, where they share their values. */
  readonly scales?: Learned;
  readonly logits?: LogitMoments;
}

const learned = (numbers: Float64Array): Learned => ({
  numbers,
  first: new Float64Array(numbers.length),
  second: new Float64Array(numbers.length),
});
const copied = ({ numbers, first, second }: Learned): Learned => ({
  numbers: numbers.slice(),
  first: first.slice(),
  second: second.slice(),
});

/** k-means of the weights, with values for each group of rows or with a scale for each and common values. */
export function startOf(
  W: DenseMatrix,
  { bits, groups, variant }: Pick<LearnOptions, 'bits' | 'groups' | 'variant'>,
): { readonly codes: CodedWeights; readonly scales?: Float64Array; readonly values: Float64Array } {
  const options = { bits, rounding: 'nearest' } as const;
  if (variant === 'multi') {
    const codes = quantiseToCodebooks(W, { ...options, groups });
    return { codes, values: Float64Array.from(codes.codebooks) };
  }
  const { rows, cols } = W;
  const boundaries = Int32Array.from({ length: groups }, (_, g) => Math.round((g * rows) / groups));
  const of = groupsOf(boundaries, rows);
  const [squares, counts] = [new Float64Array(groups), new Float64Array(groups)];
  const { data } = W;
  for (let at = 0; at < data.length; at++) {
    squares[of[at % rows]] += data[at] * data[at];
    counts[of[at % rows]]++;
  }
  // Groups of zeros have their zeros as they are.
  const scales = squares.map((s, g) => (s > 0 ? Math.sqrt(s / counts[g]) : 1));
  const scaled = DenseMatrix.create(rows, cols, { fill: false });
  const to = scaled.data;
  for (let at = 0; at < data.length; at++) to[at] = data[at] / scales[of[at % rows]];
  const common = quantiseToCodebooks(scaled, options);
  scaled.free();
  const values = Float64Array.from(common.codebooks);
  const codebooks = Float32Array.from({ length: groups * values.length }, (_, at) => {
    return scales[Math.floor(at / values.length)] * values[at % values.length];
  });
  return { codes: { ...common, boundaries, codebooks }, scales, values };
}

function groupsOf(boundaries: Int32Array, rows: number): Int32Array {
  const of = new Int32Array(rows);
  boundaries.forEach((from, g) => {
    of.fill(g, from, boundaries[g + 1] ?? rows);
  });
  return of;
}

/** Learns the values of a layer's codebooks and the place of every weight by Adam. Memory for 2k numbers for each weight. */
export class CodeLearner {
  private step = 0;
  private readonly start: CodedWeights;
  private readonly indices: Uint8Array;
  private readonly values: Learned;
  private readonly scales: Learned | undefined;
  private readonly logits: LogitMoments | undefined;
  private readonly groupOf: Int32Array;
  private readonly k: number;
  /** The values of all groups, scaled. */
  private readonly all: Float64Array;
  private readonly gaps: Float64Array;
  private readonly slopes: Float64Array;
  private readonly derivatives: Float64Array;
  private readonly size: StepSize = { rate: 0, one: 1, two: 1 };

  constructor(
    W: DenseMatrix,
    private readonly options: LearnOptions,
    from?: LearnState,
  ) {
    const { codes, scales, values } = startOf(W, options);
    const { rows, cols } = W;
    this.start = codes;
    this.k = 2 ** codes.bits;
    this.groupOf = groupsOf(codes.boundaries, rows);
    this.indices = from?.indices.slice() ?? turned(codes.indices, cols, rows);
    this.values = from ? copied(from.values) : learned(values);
    this.scales = from?.scales ? copied(from.scales) : scales && learned(scales);
    this.all = new Float64Array(codes.codebooks.length);
    this.slopes = new Float64Array(this.all.length);
    this.gaps = new Float64Array(codes.boundaries.length);
    this.derivatives = new Float64Array(this.k);
    this.step = from?.step ?? 0;
    this.refresh();
    if (options.mapping === 'none') return;
    if (from?.logits) {
      const { logits, first, second } = from.logits;
      this.logits = { logits: logits.slice(), first: first.slice(), second: second.slice() };
    } else this.logits = this.startLogits(W);
  }

  private startLogits({ data, rows }: DenseMatrix): LogitMoments {
    const { k, all, gaps, groupOf, indices } = this;
    const logits = new Float32Array(data.length * k);
    for (let at = 0; at < data.length; at++) {
      const g = groupOf[at % rows];
      if (this.options.start === 'index') logits[at * k + indices[at]] = 1;
      else if (gaps[g] > 0)
        for (let m = 0; m < k; m++) logits[at * k + m] = -Math.abs(data[at] - all[g * k + m]) / gaps[g];
    }
    return { logits, first: new Float32Array(logits.length), second: new Float32Array(data.length) };
  }

  /** The values of all groups from those that are learned. */
  private refresh(): void {
    const { k, all, gaps, scales } = this;
    const { numbers } = this.values;
    for (let g = 0; g < gaps.length; g++) {
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let m = 0; m < k; m++) {
        const value = scales ? scales.numbers[g] * numbers[m] : numbers[g * k + m];
        all[g * k + m] = value;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      gaps[g] = (most - least) / (k - 1);
    }
  }

  /** Writes the weights that the codes stand for. */
  weights(out: DenseMatrix): void {
    const { all, groupOf, indices, k } = this;
    const { data, rows } = out;
    for (let at = 0, i = 0; at < data.length; at++) {
      data[at] = all[groupOf[i] * k + indices[at]];
      if (++i === rows) i = 0;
    }
  }

  /** A step by the derivative of the loss by the weights. O(k) for each weight. */
  learn(slope: DenseMatrix): void {
    const { options, slopes, groupOf, indices, k, size } = this;
    const t = ++this.step;
    const decay = 0.5 * (1 + elementary.cos((Math.PI * (t - 1)) / Math.max(1, options.steps)));
    size.one = 1 - FIRST ** t;
    size.two = 1 - SECOND ** t;
    const { data, rows } = slope;
    slopes.fill(0);
    for (let at = 0, i = 0; at < data.length; at++) {
      slopes[groupOf[i] * k + indices[at]] += data[at];
      if (++i === rows) i = 0;
    }
    size.rate = decay * options.mappingRate;
    this.mapWeights(data, rows);
    if (!options.values) return;
    size.rate = decay * options.valueRate;
    this.moveValues();
    this.refresh();
  }

  private mapWeights(slopes: Float64Array, rows: number): void {
    const { logits, groupOf, gaps, indices, k, derivatives, size } = this;
    if (!logits) return;
    const rule = mappingRules[this.options.mapping as keyof typeof mappingRules];
    const choice: Choice = { values: this.all, from: 0, k, at: 0, gap: 0, logits: logits.logits, first: 0 };
    for (let at = 0, i = 0; at < slopes.length; at++) {
      const g = groupOf[i];
      if (++i === rows) i = 0;
      if (gaps[g] === 0) continue;
      choice.from = g * k;
      choice.at = indices[at];
      choice.gap = gaps[g];
      choice.first = at * k;
      rule(slopes[at], choice, derivatives);
      moveLogits(logits, at, derivatives, size);
      let best = indices[at];
      for (let m = 0; m < k; m++) if (logits.logits[at * k + m] > logits.logits[at * k + best]) best = m;
      indices[at] = best;
    }
  }

  private moveValues(): void {
    const { k, slopes, scales, values } = this;
    if (!scales) {
      this.adam(values, slopes);
      return;
    }
    const [byValue, byScale] = [new Float64Array(k), new Float64Array(scales.numbers.length)];
    for (let at = 0; at < slopes.length; at++) {
      byValue[at % k] += slopes[at] * scales.numbers[Math.floor(at / k)];
      byScale[Math.floor(at / k)] += slopes[at] * values.numbers[at % k];
    }
    this.adam(values, byValue);
    this.adam(scales, byScale);
  }

  /** A step of Adam in units of the mean size of the numbers. */
  private adam({ numbers, first, second }: Learned, derivatives: Float64Array): void {
    const { rate, one, two } = this.size;
    let unit = 0;
    for (let i = 0; i < numbers.length; i++) unit += Math.abs(numbers[i]) / numbers.length;
    for (let i = 0; i < numbers.length; i++) {
      const d = derivatives[i] * unit;
      first[i] += (1 - FIRST) * (d - first[i]);
      second[i] += (1 - SECOND) * (d * d - second[i]);
      numbers[i] -= (rate * unit * first[i]) / one / (Math.sqrt(second[i] / two) + TINY);
    }
  }

  /** The codes as they are now, with ascending values; how many weights have others than at the start, and how many not a neighbouring one. */
  codes(): { readonly codes: CodedWeights; readonly moved: number; readonly movedFar: number } {
    const { start, all, k, groupOf } = this;
    const codebooks = new Float32Array(all.length);
    const places = new Uint8Array(all.length);
    for (let from = 0; from < all.length; from += k) {
      const order = Array.from({ length: k }, (_, m) => m).sort((a, b) => all[from + a] - all[from + b] || a - b);
      order.forEach((m, place) => {
        codebooks[from + place] = all[from + m];
        places[from + m] = place;
      });
    }
    const { rows, columns } = start;
    const indices = turned(this.indices, rows, columns);
    let [moved, movedFar] = [0, 0];
    for (let at = 0; at < indices.length; at++) {
      indices[at] = places[groupOf[Math.floor(at / columns)] * k + indices[at]];
      const by = Math.abs(indices[at] - start.indices[at]);
      if (by > 0) moved++;
      if (by > 1) movedFar++;
    }
    return { codes: { ...start, codebooks, indices }, moved, movedFar };
  }

  state(): LearnState {
    const { step, indices, values, scales, logits } = this;
    return {
      step,
      indices: indices.slice(),
      values: copied(values),
      ...(scales && { scales: copied(scales) }),
      ...(logits && {
        logits: { logits: logits.logits.slice(), first: logits.first.slice(), second: logits.second.slice() },
      }),
    };
  }

  get steps(): number {
    return this.step;
  }
}

/** A matrix of inner lines of `length` numbers with lines and numbers exchanged. */
function turned(values: Uint8Array, length: number, lines: number): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let a = 0; a < lines; a++) for (let b = 0; b < length; b++) out[b * lines + a] = values[a * length + b];
  return out;
}
