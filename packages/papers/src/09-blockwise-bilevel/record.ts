import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 9,
  slug: '09-blockwise-bilevel',
  title: 'Blockwise Stochastic Variance-Reduced Methods with Parallel Speedup for Multi-Block Bilevel Optimization',
  authors: 5,
  firstAuthors: ['Hu', 'Qiu', 'Guo'],
  date: '2023-05',
  venue: 'ICML 2023',
  arxiv: '2305.18730',
  code: 'https://github.com/Optimization-AI/ICML2023_BSVRB',
  family: 'bilevel',
  methods: ['BSVRB', 'MSVR', 'STORM', 'RSVRB', 'hypergradient'],
  summary:
    'In bilevel problems a choice above is judged by what problems below make of it, as when weights of training rows are tuned for the validation loss of many models at once. BSVRB samples a few of the lower problems and a few data points in each step and keeps a running, variance-reduced estimate for every one of them. More blocks and larger batches then shorten the run in proportion. We will tune weights on data with flipped labels and check whether the flipped rows lose weight, and measure the parallel gain where noise dominates.',
  formulas: [
    {
      tex: String.raw`\nabla F_i = \nabla_x f_i - \nabla^2_{xy} g_i\,\bigl[\nabla^2_{yy} g_i\bigr]^{-1} \nabla_y f_i`,
      says: 'The gradient of block i passes through its lower problem by the implicit function theorem.',
    },
    {
      tex: String.raw`\hat q_i \leftarrow (1-\alpha)\,\hat q_i + \alpha\,q_i(\text{new};\xi) + \gamma\,\bigl[q_i(\text{new};\xi) - q_i(\text{old};\xi)\bigr]`,
      says: 'A sampled block corrects its estimate with the same sample at the new and the old point; the others keep theirs.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Hyper-parameter experiments on 20 rather than 100 lower problems; ranking on MovieLens and Netflix would be a small recommender and is left out.',
  },
  claims: [
    {
      id: 'reweighting',
      sentence:
        'Learned weights of training rows lower the validation loss under label noise, because mislabelled rows lose weight.',
      quantity: 'end validation loss against no upper steps; mean weight of clean minus flipped rows',
      setting: { quick: 'm = 5, 2000 rows, 10 epochs', full: 'm = 20, a8a or its synthetic stand-in, 40 epochs' },
      measures: {
        loss: { quantity: 'validation loss without upper steps less that with them', '≥': { quick: 0.02, full: 0.05 } },
        weights: { quantity: 'mean weight of clean less flipped rows', '≥': { quick: 0.05, full: 0.1 } },
      },
    },
    {
      id: 'parallel-speedup',
      sentence: 'More sampled blocks and larger batches lower the noise floor in proportion.',
      quantity: 'mean ‖∇F‖² over the last third: (I, B) = (5, 1) over (25, 16), and each factor alone',
      setting: { quick: '1500 iterations', full: '6000 iterations, where 80 would be ideal' },
      measures: {
        both: { quantity: '(5, 1) over (25, 16)', '≥': { quick: 15, full: 30 } },
        each: { quantity: '{each factor} alone', '≥': { quick: 2.5, full: 4 } },
      },
    },
  ],
};
