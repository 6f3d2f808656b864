import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    "Newton's method for problems with equality constraints solves a large linear system in every step. This work solves it only as well as needed, by random projections of its rows that cost little each, and judges steps by a smooth merit function whose minimiser is the exact solution. Accuracy and penalties adapt by themselves, and full Newton steps are taken in the end. We count outer steps on a controlled heat equation, constrained logistic regressions and fifteen classic test problems, projections on one and on several rows, and what systems of growing size cost beside factors and Krylov methods.",
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
    level: 'scaled',
    note: 'The heat equation at the paper’s size and at larger ones, which are ours; logistic regressions on made rows of the sizes of its data sets, which do not ship; fifteen of its 47 CUTEst problems, coded by hand.',
  },
  claims: [
    {
      id: 'few-outer-steps',
      sentence: 'A handful of outer steps solves the controlled equation, with the answer of a direct solve.',
      quantity: 'outer steps to a KKT residual of 1e-4; relative distance from the direct solution',
      setting: { quick: 'N = 3, single rows', full: 'N = 3, single rows and Gaussian combinations' },
      ...locked.claims['few-outer-steps'],
    },
    {
      id: 'row-blocks',
      sentence: 'Projecting on blocks of rows cuts the number of projections by orders of magnitude.',
      quantity: 'projections to a KKT residual of 1e-4',
      setting: { quick: 'N = 3, nine of 27 rows', full: 'N = 3, nine of 27 rows' },
      ...locked.claims['row-blocks'],
    },
    {
      id: 'logistic',
      sentence: 'On constrained logistic regression it takes fewer than half the outer steps of the ℓ₁ method.',
      quantity: 'outer steps to a KKT residual of 1e-4',
      setting: {
        quick: 'made rows: 208 × 60, 351 × 34, 1000 × 60',
        full: 'made rows: 208 × 60, 351 × 34, 1000 × 60',
      },
      ...locked.claims.logistic,
    },
    {
      id: 'test-problems',
      sentence: 'Classic test problems are solved in few steps.',
      quantity: 'problems solved to a KKT residual of 1e-4; outer steps',
      setting: { quick: 'ten problems, and five more', full: 'ten problems, and five more' },
      ...locked.claims['test-problems'],
    },
    {
      id: 'superior',
      sentence: 'On classic test problems it solves as many as the adaptive ℓ₁ method with GMRES, in no more steps.',
      quantity: 'problems solved to a KKT residual of 1e-4; outer steps',
      setting: { quick: 'fifteen problems', full: 'fifteen problems' },
      ...locked.claims.superior,
    },
    {
      id: 'unit-steps',
      sentence: 'Full Newton steps are taken in the end.',
      quantity: 'unit steps, to a KKT residual of 1e-8',
      setting: {
        quick: 'MARATOS from the circle; fifteen problems',
        full: 'MARATOS from the circle; fifteen problems',
      },
      ...locked.claims['unit-steps'],
    },
    {
      id: 'superlinear',
      sentence: 'Steps become superlinear as systems are solved more and more accurately.',
      quantity: 'KKT residual after the last step over that before it, to a residual of 1e-8',
      setting: { quick: 'fifteen problems', full: 'fifteen problems' },
      ...locked.claims.superlinear,
    },
    {
      id: 'cost',
      sentence: 'Projections need fewer operations and less memory than deterministic solvers of the same systems.',
      quantity: 'operations and bytes to a KKT residual of 1e-4',
      setting: { quick: 'N = 4, 8, 16: 48 to 768 unknowns', full: 'N = 16, 64, 128: 768 to 49,152 unknowns' },
      ...locked.claims.cost,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'heat-control',
    title: 'KKT residual',
    says: 'KKT residual against outer steps on the controlled heat equation, for projections on rows and blocks of rows and for the methods that the paper compares with.',
  },
} as const satisfies PaperRecord;
