import type { PaperRecord } from '../record.ts';

export const record = {
  number: 11,
  slug: '11-learned-sor',
  title: 'Learning to Relax: Setting Solver Parameters Across a Sequence of Linear System Instances',
  authors: 4,
  firstAuthors: ['Khodak', 'Chow', 'Balcan'],
  date: '2023-10',
  venue: 'ICLR 2024 (spotlight)',
  arxiv: '2310.02246',
  code: 'https://github.com/mkhodak/learning-to-relax',
  family: 'linear-systems',
  methods: ['SOR', 'SSOR', 'Tsallis-INF', 'ChebCB', 'preconditioned conjugate gradients', 'bandits'],
  summary:
    'Successive over-relaxation and its preconditioner have one parameter, whose best value depends on eigenvalues that nobody wants to compute. When many related systems are solved in a row, this work learns the parameter from the iteration counts alone: a bandit over a grid approaches the best fixed value, and a contextual one that sees the shift of the matrix comes near the best value for each system. Nothing but solves already paid for is used. We rerun its streams of shifted Laplacians and a heat simulation, and compare total iterations.',
  formulas: [
    {
      tex: String.raw`x \leftarrow x + (D/\omega + L)^{-1}(b - A x)`,
      says: 'One sweep of over-relaxation with parameter ω, where A has diagonal D and strict lower part L.',
    },
    {
      tex: String.raw`\omega^* = 1 + \left(\frac{\beta}{1 + \sqrt{1 - \beta^2}}\right)^2,\qquad \beta = \rho(I - D^{-1}A)`,
      says: "The classical optimum needs the spectral radius of Jacobi's iteration, which the learner never sees.",
    },
  ],
  fidelity: {
    level: 'full',
    note: 'The over-relaxation study at its own size (100 unknowns, 3 to 6 of 40 trials); heat equation on 49 × 49 unknowns; up to 399 × 399 by a parameter.',
  },
  claims: [
    {
      id: 'near-best-fixed',
      sentence: 'A bandit that knows nothing of the systems approaches the best fixed parameter.',
      ingredient: 'the weights that arms are drawn by',
      quantity: 'iterations of Tsallis-INF over those of the best of some fixed parameters',
      draws: { quick: [3, 6], full: [3, 6] },
      setting: { quick: '1000 systems, the best of five', full: '5000 systems, the best of seven' },
      measures: {
        low: { quantity: 'low variance: over the best fixed', over: 'mean', '≤': { quick: 1.5, full: 1.12 } },
        high: { quantity: 'high variance: over the best fixed', over: 'mean', '≤': { full: 1.3 } },
        later: { quantity: '{each variance}: second half over first half', over: 'mean', '<': { full: 1 } },
      },
    },
    {
      id: 'context',
      sentence:
        'With the shift as context, the learner beats every fixed parameter and comes near the best one for each system.',
      quick: 'With the shift as context, the learner beats every fixed parameter.',
      ingredient: 'the curve of each arm over contexts',
      quantity: 'iterations of ChebCB over those of the best fixed and of the instance optimum',
      draws: { quick: [3, 6], full: [3, 6] },
      setting: { quick: '1000 systems, the best of five', full: '5000 systems, the best of seven' },
      measures: {
        low: { quantity: 'low variance: over the best fixed', over: 'mean', '≤': { quick: 1, full: 0.82 } },
        high: { quantity: 'high variance: over the best fixed', over: 'mean', '≤': { quick: 1, full: 0.7 } },
        optimum: { quantity: '{each variance}: over the instance optimum', over: 'mean', '≤': { full: 1.2 } },
      },
    },
    {
      id: 'heat',
      sentence:
        'In a heat simulation the learners save most of the iterations of conjugate gradients, and the one that sees the diffusion is ahead of every fixed parameter.',
      quick: 'In a heat simulation the learner that sees the diffusion is ahead of every fixed parameter.',
      ingredient: 'the curve of each arm over contexts',
      quantity: 'iterations of the whole simulation',
      draws: { quick: [3, 6], full: [3, 6] },
      setting: { quick: '24² unknowns, 1000 steps', full: '49² unknowns, 5000 steps' },
      measures: {
        plain: {
          quantity: '{each learner} over plain conjugate gradients',
          over: 'mean',
          '≤': { quick: 0.6, full: 0.35 },
        },
        context: { quantity: 'ChebCB over the best of five fixed', over: 'mean', '≤': { quick: 1, full: 0.87 } },
        free: { quantity: 'Tsallis-INF over the best of five fixed', over: 'mean', '≤': { full: 1.08 } },
      },
    },
  ],
  picture: {
    experiment: 'heat',
    title: 'ω that was played',
    says: 'Relaxation parameters that three learners chose while the diffusion changed.',
  },
} as const satisfies PaperRecord;
