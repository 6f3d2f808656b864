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
    'A swarm of particles drifts towards a weighted mean of itself, the better points weighing more, and shakes the harder the farther away it is. No gradient is ever taken. The paper shows that this consensus point nevertheless moves like a noisy gradient descent, which explains why such a crude scheme finds global minima and why it leaves local ones. We rerun the illustration on a canyon full of local minima, count how often each method reaches the bottom, and measure the angle between a consensus step and the true gradient, and what the sharpness α of the weights does.',
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
      ingredient: 'noise in proportion to the distance from a consensus weighted by how low the values are',
      quantity: 'how far from the origin independent runs end',
      draws: { quick: [50, 100, 200], full: [100, 200, 400, 800] },
      measures: {
        swarm: {
          quantity: 'distance of the swarm',
          count: { of: 'runs', '≤': 0.25 },
          over: 'share',
          '≥': { quick: 0.9, full: 0.95 },
        },
        near: { quantity: 'distance of the swarm', over: 'median', '≤': 0.06 },
        langevin: {
          quantity: 'distance of Langevin dynamics',
          count: { of: 'runs', '≤': 0.25 },
          over: 'share',
          '≤': 0.4,
        },
        descent: { quantity: 'distance of gradient descent', '>': 0.25 },
        stuck: { quantity: 'gradient descent from (2.336, 2.466)', '≤': 0.01 },
      },
    },
    {
      id: 'hopping',
      sentence:
        'Consensus hopping, the scheme behind the theory, reaches the global minimum of the canyon in most runs, though not in all.',
      ingredient: 'weights of the values in the consensus',
      quantity: 'how far from the origin independent runs end',
      draws: { quick: [50, 100, 200, 400], full: [50, 100, 200, 400] },
      measures: {
        hopping: {
          quantity: 'distance of hopping',
          count: { of: 'runs', '≤': 0.25 },
          over: 'share',
          '≥': 0.6,
          '≤': 0.92,
        },
      },
    },
    {
      id: 'swarm-size',
      sentence: 'The swarm must be large enough.',
      ingredient: 'a consensus of all particles',
      quantity: 'success in the canyon (1 within 0.25 of the origin, else 0) at 200 particles minus that at 40',
      draws: { quick: [25, 50, 100, 200], full: [50, 100, 200, 400] },
      measures: { gain: { quantity: 'swarm − swarm of 40', over: 'mean', '≥': 0.3 } },
    },
    {
      id: 'large-alpha',
      sentence: 'The larger α is, the nearer to the global minimum of the canyon the consensus ends.',
      ingredient: 'weights exp(−αE) by the α that is asked for',
      quantity: 'distance from the origin at which runs end, α = 100 over α = 10',
      draws: { quick: [25, 50, 100, 200], full: [50, 100, 200, 400] },
      measures: { ratio: { quantity: 'distance at α = 100 / at α = 10', over: 'geometric mean', '≤': 0.6 } },
    },
    {
      id: 'gradient-likeness',
      sentence: 'A consensus step points along the negative gradient, with the predicted length.',
      ingredient: 'weights exp(−αE) by the α that is asked for',
      quantity:
        'first step of independent runs from a normal cloud of standard deviation σ: cosine with the negative gradient of a quadratic, and length over ασ²‖∇E‖',
      draws: { quick: [16, 32, 64], full: [16, 32, 64] },
      setting: { quick: '2·10⁴ particles', full: '2·10⁵ particles' },
      measures: {
        cosine: { quantity: 'cosine, {swarm and hopping}', over: 'mean', '≥': { quick: 0.99, full: 0.999 } },
        length: {
          quantity: 'length over ασ²‖∇E‖, {swarm and hopping}',
          over: 'mean',
          '≥': { quick: 0.9, full: 0.95 },
          '≤': { quick: 1.05, full: 1 },
        },
      },
    },
    {
      id: 'contraction',
      sentence:
        'Typical particles close in on the consensus at rate λ, also where noise is too large for their mean square to shrink.',
      ingredient: 'the drift towards the consensus, and noise in proportion to the distance from it',
      quantity:
        'rate at which the median distance from the consensus shrinks on ‖x‖², over λ, at σ = 1.6 in two coordinates; and how far one particle in six stays behind the middle, where noise in proportion to the distance says σ√t',
      draws: { quick: [8, 16, 32], full: [16, 32, 64] },
      measures: {
        rate: { quantity: 'rate / λ at λ = {1 and 2}', over: 'mean', '≥': 0.8, '≤': 1.25 },
        spread: {
          quantity: 'logarithm of how far one in six stays behind, over σ√t at λ = {1 and 2}',
          over: 'mean',
          '≥': 0.8,
          '≤': 1.25,
        },
      },
    },
  ],
  picture: {
    experiment: 'canyon',
    title: 'distance to the global minimum, first run',
    series: { swarm: 'swarm', hopping: 'hopping', Langevin: 'Langevin', 'gradient descent': 'gradient' },
    says: 'Distance to the global minimum against evaluations, for a swarm, consensus hopping, Langevin dynamics and gradient descent.',
  },
} as const satisfies PaperRecord;
