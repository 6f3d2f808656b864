import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 42,
  slug: '42-sketched-sqp',
  title: 'Constrained Optimization via Exact Augmented Lagrangian and Randomized Iterative Sketching',
  authors: 4,
  firstAuthors: ['Hong', 'Na', 'Mahoney'],
  date: '2023-05',
  venue: 'ICML 2023',
  arxiv: '2305.18379',
  code: 'https://github.com/IlgeeHong/AdaSketch-Newton',
  family: 'constrained',
  methods: ['AdaSketch-Newton', 'SQP', 'randomized Kaczmarz', 'GMRES', 'augmented Lagrangian'],
  summary:
    "Newton's method for problems with equality constraints solves a large linear system in every step. This work solves it only as well as needed, by random projections of its rows that cost little each, and judges steps by a smooth merit function whose minimiser is the exact solution. Accuracy and penalties adapt by themselves, and full Newton steps are taken in the end. We will count outer steps on a controlled heat equation, constrained logistic regressions and ten classic test problems, and inner steps for projections of several rows.",
  formulas: [
    {
      tex: String.raw`\mathcal L_\eta(x, \lambda) = \mathcal L + \frac{\eta_1}{2}\lVert c(x)\rVert^2 + \frac{\eta_2}{2}\lVert\nabla_x\mathcal L\rVert^2`,
      says: 'The merit function penalises both the constraints and the gradient of the Lagrangian.',
    },
    {
      tex: String.raw`\begin{pmatrix} B & G^\top \\ G & 0 \end{pmatrix}\begin{pmatrix} \Delta x \\ \Delta\lambda \end{pmatrix} = -\begin{pmatrix} \nabla_x\mathcal L \\ c \end{pmatrix}`,
      says: 'The Newton system is solved inexactly by randomised projections.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "The heat-equation and logistic problems at the paper's sizes; ten of its 47 CUTEst problems are coded by hand.",
  },
  claims: [
    {
      id: 'few-outer-steps',
      sentence: 'A handful of outer steps solves the controlled equation, with the answer of a direct solve.',
      quantity: 'outer steps to a KKT residual of 1e-4; relative distance to the direct solution',
      setting: { quick: 'N = 3', full: 'N = 3' },
      measures: {
        rows: { quantity: 'outer steps with Kaczmarz rows', '≤': 4 },
        sketches: { quantity: 'outer steps with Gaussian sketches', '≤': { full: 6 } },
        distance: { quantity: 'relative distance to the direct solution', '≤': 0.001 },
      },
    },
    {
      id: 'logistic',
      sentence: 'On constrained logistic regression it takes fewer than half the outer steps of the ℓ₁ method.',
      quantity: 'outer steps; ratio to GMRES ℓ₁-SQP',
      bar: { quick: 'one set: ≤ 12; < 0.5', full: 'three sets: ≤ 12; < 0.5 on at least two' },
    },
    {
      id: 'test-problems',
      sentence: 'Classic test problems are solved in few steps.',
      quantity: 'problems solved to 1e-4 of ten; median outer steps',
      setting: { quick: 'five problems', full: 'ten problems' },
      measures: {
        solved: { quantity: 'problems solved', '≥': { quick: 4, full: 9 } },
        steps: { quantity: 'median outer steps', '≤': 10 },
      },
    },
    {
      id: 'row-blocks',
      sentence: 'Projecting on blocks of rows cuts the inner work by orders of magnitude.',
      quantity: 'inner steps with blocks of nine rows; their ratio to single rows',
      measures: {
        steps: { quantity: 'inner steps with blocks of nine rows', '≤': 1e4 },
        ratio: { quantity: 'inner steps with blocks over those with single rows', '≤': 0.05 },
      },
    },
  ],
};
