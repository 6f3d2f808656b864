import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 40,
  slug: '40-flag-aggregator',
  title: 'Flag Aggregator: Scalable Distributed Training under Failures and Augmented Losses using Convex Optimization',
  authors: 4,
  firstAuthors: ['Almasi', 'Mishra', 'Vamanan'],
  date: '2023-02',
  venue: 'ICLR 2024',
  arxiv: '2302.05865',
  code: 'https://github.com/hamidralmasi/FlagAggregator',
  family: 'distributed',
  methods: [
    'Flag Aggregator',
    'Multi-Krum',
    'Bulyan',
    'MeaMed',
    'trimmed mean',
    'iteratively reweighted least squares',
  ],
  summary:
    'When gradients of many workers are averaged, a few broken or hostile ones can spoil training. This rule looks for a small subspace that explains the directions of most workers, by a robust likelihood solved as reweighted least squares, and projects the mean into it. Everything goes through the small matrix of inner products, so cost stays near that of common rules. We will pit it against seven rules and four attacks on a noisy task, the mean of normalised gradients among the rivals.',
  formulas: [
    {
      tex: String.raw`\min_{Y^\top Y = I}\; \sum_i \sqrt{1 - \frac{\lVert Y^\top g_i\rVert^2}{\lVert g_i\rVert^2}}`,
      says: 'The subspace should explain the gradients of most workers, outliers counting little.',
    },
    {
      tex: String.raw`d = \frac1p \sum_i Y Y^\top \frac{g_i}{\lVert g_i\rVert}`,
      says: 'The update is the mean of normalised gradients, projected into the subspace.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The rule is complete; small networks and simulated workers replace ResNets on a cluster. The normalised mean may do as well at this size; if so, that will be reported.',
  },
  claims: [
    {
      id: 'worst-case',
      sentence:
        'Its worst case over attacks is better than that of rules that win under one attack and fail under another.',
      quantity: 'lowest test accuracy over four attacks, 3 of 15 workers hostile, best rate',
      bar: {
        quick: 'two attacks, one seed, 60 iterations: ≥ Bulyan and plain mean',
        full: '≥ 0.36 and ≥ Multi-Krum, MeaMed and Bulyan',
      },
    },
    {
      id: 'no-attack',
      sentence: 'Without attack little is lost.',
      quantity: 'test accuracy over that of the mean',
      measures: {
        accuracy: { quantity: 'test accuracy over that of the mean', '≥': { quick: 0.85, full: 0.9 } },
      },
    },
    {
      id: 'lie',
      sentence: 'Against the subtle attack that hides within the spread, it beats distance-based rules.',
      quantity: 'test accuracy under LIE minus that of Multi-Krum, MeaMed and trimmed mean',
      bar: { quick: '> 0 for two of three', full: '> 0 for each' },
    },
    {
      id: 'cost',
      sentence: 'Aggregation costs about as much as Multi-Krum.',
      quantity: "time at a million parameters over Multi-Krum's, 15 to 60 workers",
      bar: { quick: '10⁵ parameters, 15 workers: reported', full: '≤ 3' },
    },
  ],
};
