import type { PaperRecord } from '../record.ts';

export const record = {
  number: 6,
  slug: '06-consensus-based-optimization',
  title: 'Gradient is All You Need?',
  authors: 4,
  firstAuthors: ['Riedl', 'Klock', 'Geldhauser'],
  date: '2023-06',
  venue:
    'arXiv preprint, 2023; second version 2026, subtitled “How Consensus-Based Optimization can be Interpreted as a Stochastic Relaxation of Gradient Descent”',
  arxiv: '2306.09778',
  code: 'https://github.com/KonstantinRiedl/CBOGlobalConvergenceAnalysis',
  family: 'black-box',
  methods: ['CBO', 'consensus-based optimization', 'consensus hopping', 'Langevin dynamics', 'gradient descent'],
  summary:
    'A swarm of particles drifts towards a weighted mean of itself, the better points weighing more, and shakes the harder the farther away it is. No gradient is ever taken. The paper shows that this consensus point nevertheless moves like a noisy gradient descent, which explains why such a crude scheme finds global minima and why it leaves local ones. We rerun the illustration on a canyon full of local minima, count how often each method reaches the bottom, and measure the angle between a consensus step and the true gradient.',
  formulas: [
    {
      tex: String.raw`x_\alpha = \frac{\sum_i e^{-\alpha E(x_i)}\, x_i}{\sum_i e^{-\alpha E(x_i)}}`,
      says: 'The consensus point is the mean of the particles, weighted exponentially by how low their values are.',
    },
    {
      tex: String.raw`x_i \leftarrow x_i - \lambda\,\Delta t\,(x_i - x_\alpha) + \sigma\sqrt{\Delta t}\; D(x_i - x_\alpha)\,\xi_i`,
      says: 'Each particle drifts to the consensus point and is shaken in proportion to its distance from it.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'The experiments are illustrations in two dimensions; the success rates and their bars are ours, since the paper shows paths and theorems only.',
  },
  claims: [
    {
      id: 'canyon',
      sentence:
        'Started in a corner, the swarm travels through the canyon to the global minimum where gradient descent sticks at once and Langevin noise scatters.',
      quantity: 'share of runs that end within 0.25 of the origin; where gradient descent ends',
      setting: { quick: '20 runs', full: '100 runs' },
      measures: {
        swarm: { quantity: 'swarm', '≥': { quick: 0.9, full: 0.95 } },
        hopping: { quantity: 'hopping', '≥': { full: 0.6 }, '≤': { full: 0.92 } },
        langevin: { quantity: 'Langevin', '≤': { quick: 0.5, full: 0.4 } },
        descent: { quantity: 'gradient descent', '≤': 0 },
        stuck: { quantity: 'gradient descent from (2.336, 2.466)', '≤': { full: 0.01 } },
      },
    },
    {
      id: 'swarm-size',
      sentence: 'The swarm must be large enough.',
      quantity: 'success share at 200 particles minus that at 40',
      setting: { quick: '20 runs', full: '100 runs' },
      measures: { gain: { quantity: 'swarm − swarm of 40', '≥': { quick: 0.2, full: 0.3 } } },
    },
    {
      id: 'gradient-likeness',
      sentence: 'A consensus step points along the negative gradient, with the predicted length.',
      quantity: 'cosine with the negative gradient of a quadratic, and length over ασ²‖∇E‖',
      setting: { quick: '2·10⁴ particles', full: '2·10⁵ particles' },
      measures: {
        cosine: { quantity: 'cosine', '≥': { quick: 0.99, full: 0.999 } },
        length: {
          quantity: 'length over ασ²‖∇E‖',
          '≥': { quick: 0.9, full: 0.95 },
          '≤': { quick: 1.05, full: 1 },
        },
      },
    },
  ],
} as const satisfies PaperRecord;
