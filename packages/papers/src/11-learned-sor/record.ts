import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

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
    level: 'scaled',
    note: 'The over-relaxation study at its own size (100 unknowns, 5000 systems, up to 6 of 40 trials); heat equation on 49 × 49 unknowns, up to 399 × 399 by a parameter.',
  },
  claims: [
    {
      id: 'near-best-fixed',
      sentence: 'A bandit that knows nothing of the systems approaches the best fixed parameter.',
      quantity: 'iterations of Tsallis-INF over those of the best of some fixed parameters',
      setting: {
        quick: '5000 systems, three draws, the better of two',
        full: '5000 systems, up to six draws, the best of seven',
      },
      ...locked.claims['near-best-fixed'],
    },
    {
      id: 'context',
      sentence:
        'With the shift as context, the learner beats every fixed parameter and comes near the best one for each system.',
      quantity: 'iterations of ChebCB over those of the best fixed and of the instance optimum',
      setting: {
        quick: '5000 systems, three draws, the better of two',
        full: '5000 systems, up to six draws, the best of seven',
      },
      ...locked.claims.context,
    },
    {
      id: 'heat',
      sentence:
        'In a heat simulation the learner that sees the diffusion takes fewer iterations than every fixed parameter.',
      quantity: 'iterations of the whole simulation',
      setting: { quick: '24² unknowns, 5000 steps', full: '49² unknowns, 5000 steps' },
      ...locked.claims.heat,
    },
  ],
  picture: {
    experiment: 'heat',
    title: 'iterations',
    says: 'Iterations of a heat simulation: conjugate gradients, fixed parameters, and three learners.',
  },
} as const satisfies PaperRecord;
