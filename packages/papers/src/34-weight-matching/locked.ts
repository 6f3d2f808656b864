import type { Locked } from '../verdicts/locked.ts';

/** Thresholds γ of the alignment score that are shown; directions are parted, and alignment is judged, at `gamma`. */
const scores = { thresholds: [0, 0.2, 0.4, 0.6], gamma: 0.4 } as const;
/** Losses along lines are measured on `judged` training examples, spread evenly. */
const quick = {
  ...scores,
  draws: 1,
  width: 128,
  narrow: 64,
  epochs: 5,
  pairs: 1,
  examples: 8000,
  judged: 2000,
} as const;
const full = {
  ...scores,
  draws: 5,
  width: 256,
  narrow: 64,
  epochs: 20,
  pairs: 2,
  examples: 8000,
  judged: 8000,
} as const;
/** Examples whose activations are matched. */
const activations = { quick: { calibration: 1000 }, full: { calibration: 2000 } } as const;
/** Of permutations learned by straight-through gradients: examples in each step, steps, and the noise that the parameters start with. */
const learned = {
  quick: { learnedFrom: 500, steps: 200, noise: 0.1 },
  full: { learnedFrom: 1000, steps: 400, noise: 0.1 },
} as const;
const fashion = {
  quick,
  full: { ...full, draws: 2, examples: 60_000, judged: 10_000 },
} as const;

const barrier = {
  quantity: 'barrier over the naive one, larger of the pairs, median of draws',
  '≤': { quick: 0.25, full: 0.1 },
} as const;
const distance = {
  quantity: 'distance after over before, smaller of the pairs, median of draws',
  '≥': { quick: 0.6, full: 0.7 },
  check: true,
} as const;
const score = {
  quantity:
    'R at threshold 0.4, smaller of the pairs, median of draws; 0 in a draw where it is less than 3 (full: 4) times that over all directions',
  '≥': { quick: 0.3, full: 0.4 },
} as const;
const pairOfMatched = {
  quantity:
    'barrier between two networks that were both matched to a third, of learned permutations over that of matched weights, median of draws',
  '≥': { quick: 1.2, full: 2 },
} as const;
const learnedScore = {
  quantity: 'R at threshold 0.4 of learned over that of matched, median of draws',
  '≤': { full: 0.75 },
} as const;
const learnedBarrier = {
  quantity: 'barrier to the first network of learned permutations over the naive one, median of draws',
  '≤': { quick: 0.4, full: 0.2 },
  check: true,
} as const;
const byWidth = {
  quantity:
    'barrier after matching at the smaller width over that at the larger, or the same of barriers over naive ones if that is less, median of draws',
  '≥': { quick: 1.5, full: 3 },
} as const;

const assignment = 'permutations that maximise the overlap of all weights, by linear assignment';
const strong = 'strong singular directions among the weights that are matched';

/** Fine-tunings from one start, and networks from different seeds, of the form of a small language model. */
const language = {
  quick: { ...scores, sampled: 64, judgedWindows: 8, batch: 8, steps: 8, rate: 0.0005 },
  full: { ...scores, sampled: 512, judgedWindows: 64, batch: 16, steps: 96, rate: 0.0005 },
} as const;
const seeds = {
  quick: { ...language.quick, sampled: 128, steps: 64, rate: 0.003, deviation: 0.02 },
  full: { ...language.full, steps: 608, rate: 0.003, deviation: 0.02 },
} as const;

export const locked = {
  claims: {
    barrier: {
      experiment: 'pairs',
      ingredient: assignment,
      measures: { barrier, distance },
      sizes: { quick, full },
    },
    alignment: {
      experiment: 'pairs',
      ingredient: strong,
      measures: {
        score,
        ratio: {
          quantity: 'R at threshold 0.4 over that over all directions, median of draws and pairs',
          '≥': { quick: 3, full: 4 },
          check: true,
        },
        values: { quantity: 'relative change of singular values, largest', '≤': 0.0001, check: true },
      },
      sizes: { quick: { ...quick, times: 3 }, full: { ...full, times: 4 } },
    },
    'strong-directions': {
      experiment: 'pairs',
      ingredient: strong,
      measures: {
        strong: {
          quantity:
            'barrier after matching by singular directions from 0.4 of the largest value up, over the naive one, larger of the pairs, median of draws',
          '≤': { quick: 0.25, full: 0.1 },
        },
        weak: {
          quantity: 'barrier after matching by all other directions over that, smaller of the pairs, median of draws',
          '≥': 2,
        },
      },
      sizes: { quick, full },
    },
    activations: {
      experiment: 'pairs',
      ingredient: 'activations on many examples',
      measures: {
        barrier,
        score: {
          quantity: 'R at threshold 0.4 over that of matched weights, smaller of the pairs, median of draws',
          '≥': { quick: 0.7, full: 0.8 },
        },
      },
      sizes: { quick: { ...quick, ...activations.quick }, full: { ...full, ...activations.full } },
    },
    'three-networks': {
      experiment: 'three',
      ingredient: assignment,
      measures: {
        barrier: pairOfMatched,
        score: learnedScore,
        average: { quantity: 'test loss of the average of three matched, median of draws', '≤': { full: 0.35 } },
        own: learnedBarrier,
      },
      sizes: {
        quick: { ...quick, ...activations.quick, ...learned.quick },
        full: { ...full, ...activations.full, ...learned.full },
      },
    },
    width: {
      experiment: 'width',
      ingredient: assignment,
      measures: { barrier: byWidth },
      sizes: { quick, full: { ...full, contrastWidth: 512, contrastVariance: 2 } },
    },
    'fashion-barrier': {
      experiment: 'fashion-pairs',
      ingredient: assignment,
      measures: { barrier, distance, score },
      sizes: {
        quick: { ...fashion.quick, ...activations.quick, times: 3 },
        full: { ...fashion.full, ...activations.full, times: 4 },
      },
    },
    'fashion-three': {
      experiment: 'fashion-three',
      ingredient: assignment,
      measures: { barrier: pairOfMatched, score: learnedScore, own: learnedBarrier },
      sizes: {
        quick: { ...fashion.quick, ...activations.quick, ...learned.quick },
        full: { ...fashion.full, ...activations.full, ...learned.full },
      },
    },
    'fashion-width': {
      experiment: 'fashion-width',
      ingredient: assignment,
      measures: { barrier: byWidth },
      sizes: fashion,
    },
    'fine-tuned': {
      experiment: 'fine-tuned',
      ingredient: 'a permutation of the residual stream that all blocks share',
      measures: {
        barrier: { quantity: 'barrier after matching over that of the shuffled network', '≤': 0.1 },
        places: { quantity: 'share of places that are put back', '≥': 0.95 },
      },
      sizes: language,
    },
    'language-seeds': {
      experiment: 'language-seeds',
      ingredient: 'a permutation of the residual stream that all blocks share',
      measures: { barrier: { quantity: 'barrier after matching over the naive one', '≤': 0.7 } },
      sizes: seeds,
    },
  },
  grids: {},
} as const satisfies Locked;
