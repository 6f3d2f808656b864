import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'When gradients of many workers are averaged, a few broken or hostile ones can spoil training. This rule looks for a small subspace that explains the directions of most workers, by a robust likelihood solved as reweighted least squares, and projects the mean into it. Everything goes through the small matrix of inner products, so cost stays near that of common rules. We train small networks under five attacks, and on images that some workers see with noise, with ten other rules; the mean of normalised gradients, which is the rule without the subspace, shows what the subspace adds.',
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
  terms: {
    flag: 'the flag aggregator with one pass, as in the authors’ code, or with five',
    MeaMed: 'of each coordinate, the mean of the values nearest the median',
    Phocas: 'of each coordinate, the mean of the values nearest the trimmed mean',
    'little is enough': 'hostile workers send the mean of the others less 1.5 standard deviations',
    'fall of empires': 'hostile workers send minus the mean of the others',
  },
  fidelity: {
    level: 'scaled',
    note: 'The rule is complete; small networks and simulated workers replace ResNets on a cluster, and synthetic classes, digits and Fashion-MNIST replace CIFAR-10 and Tiny ImageNet.',
  },
  claims: [
    {
      id: 'worst-case',
      sentence:
        'Its worst case over attacks is better than that of rules that win under one attack and fail under another.',
      quantity: 'lowest test accuracy over attacks, 3 of 15 workers hostile, the best of the same rates for each rule',
      setting: {
        quick: 'three attacks, 40 iterations, one draw',
        full: 'five attacks, 150 iterations, five draws',
      },
      ...locked.claims['worst-case'],
    },
    {
      id: 'no-attack',
      sentence: 'Without attack little is lost.',
      quantity: 'test accuracy over that of the mean',
      setting: { quick: '40 iterations, one draw', full: '150 iterations, five draws' },
      ...locked.claims['no-attack'],
    },
    {
      id: 'lie',
      sentence:
        'Against an attack that hides within the spread of the gradients, it beats rules that go by distances or order.',
      quantity: 'test accuracy beside that of Multi-Krum, MeaMed and the trimmed mean',
      setting: { quick: '40 iterations, one draw', full: '150 iterations, five draws' },
      ...locked.claims.lie,
    },
    {
      id: 'subspace',
      sentence: 'The subspace makes it more robust than the mean of unit gradients, which is the rule without it.',
      quantity: 'test accuracy beside that of the mean of unit gradients',
      setting: {
        quick: 'three attacks, 40 iterations, one draw',
        full: 'five attacks, 150 iterations, five draws',
      },
      ...locked.claims.subspace,
    },
    {
      id: 'augmentation',
      sentence:
        'With augmentation noise at a third of the workers and some hostile ones, it is more accurate than other robust rules.',
      quantity: 'test accuracy beside that of Bulyan, Multi-Krum, MeaMed, Phocas, the median and the trimmed mean',
      setting: {
        quick: 'digits, 3 of 15 workers hostile, 40 iterations, one draw',
        full: 'Fashion-MNIST, 1 to 3 of 15 workers hostile, 300 iterations, five draws',
      },
      ...locked.claims.augmentation,
    },
    {
      id: 'fewer-iterations',
      sentence: 'There it needs fewer iterations, and so less communication, to an accuracy.',
      quantity: 'iterations, and bytes counted by the communicator, until then',
      setting: {
        quick: 'digits, 3 of 15 workers hostile, 40 iterations, one draw',
        full: 'Fashion-MNIST, 1 to 3 of 15 workers hostile, 300 iterations, five draws',
      },
      ...locked.claims['fewer-iterations'],
    },
    {
      id: 'cost',
      sentence: 'Aggregation costs about as much as Multi-Krum.',
      quantity: "time over Multi-Krum's on one core, 15 to 60 workers",
      setting: { quick: '10⁵ parameters', full: '10⁶ parameters' },
      ...locked.claims.cost,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'attacks',
    title: 'Test accuracy, little is enough',
    series: ['flag', 'normalized-mean', 'centered-clipping', 'multi-krum', 'meamed'],
    says: 'Test accuracy while three of fifteen workers send the mean less 1.5 standard deviations: the flag aggregator beside the mean of unit gradients, which is the same rule without a subspace, and other robust rules.',
  },
} as const satisfies PaperRecord;
