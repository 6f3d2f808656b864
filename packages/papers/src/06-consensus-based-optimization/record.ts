import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
      quantity: 'how far from the origin independent runs end',
      ...locked.claims.canyon,
    },
    {
      id: 'hopping',
      sentence:
        'Consensus hopping, the scheme behind the theory, reaches the global minimum of the canyon in most runs, though not in all.',
      quantity: 'how far from the origin independent runs end',
      ...locked.claims.hopping,
    },
    {
      id: 'swarm-size',
      sentence: 'The swarm must be large enough.',
      quantity: 'success in the canyon (1 within 0.25 of the origin, else 0) at 200 particles minus that at 40',
      ...locked.claims['swarm-size'],
    },
    {
      id: 'large-alpha',
      sentence: 'The larger α is, the nearer to the global minimum of the canyon the consensus ends.',
      quantity: 'distance from the origin at which runs end, α = 100 over α = 10',
      ...locked.claims['large-alpha'],
    },
    {
      id: 'gradient-likeness',
      sentence: 'A consensus step points along the negative gradient, with the predicted length.',
      quantity:
        'first step of independent runs from a normal cloud of standard deviation σ: cosine with the negative gradient of a quadratic, and length over ασ²‖∇E‖',
      setting: { quick: '2·10⁴ particles', full: '2·10⁵ particles' },
      ...locked.claims['gradient-likeness'],
    },
    {
      id: 'contraction',
      sentence:
        'Typical particles close in on the consensus at rate λ, also where noise is too large for their mean square to shrink.',
      quantity:
        'rate at which the median distance from the consensus shrinks on ‖x‖², over λ, at σ = 1.6 in two coordinates; and how far one particle in six stays behind the middle, where noise in proportion to the distance says σ√t',
      ...locked.claims.contraction,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'canyon',
    title: 'distance to the global minimum, first run',
    series: ['swarm', 'hopping', 'Langevin', 'gradient descent'],
    says: 'Distance to the global minimum against evaluations, for a swarm, consensus hopping, Langevin dynamics and gradient descent.',
  },
} as const satisfies PaperRecord;
