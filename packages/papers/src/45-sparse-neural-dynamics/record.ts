import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 45,
  slug: '45-sparse-neural-dynamics',
  title: 'Model-Based Control with Sparse Neural Dynamics',
  authors: 7,
  firstAuthors: ['Liu', 'Zhou', 'He'],
  date: '2023-12',
  venue: 'NeurIPS 2023',
  arxiv: '2312.12791',
  family: 'control',
  methods: ['mixed-integer programming', 'ReLU network', 'Gumbel-Softmax', 'MPPI', 'CEM', 'model predictive control'],
  summary:
    'Planning through a learned model of the world is hard because the model bends at every neuron. This work prunes bends rather than weights: each hidden unit becomes a kink, a straight line or nothing, chosen by gradient descent under a shrinking budget. With a few dozen kinks left, planning is a mixed-integer programme that can be solved to proven optimality, and closed-loop control improves although predictions get slightly worse. We will recover piecewise-linear functions, learn to push a box, and compare proven plans with sampling and gradient planners.',
  formulas: [
    {
      tex: String.raw`a_i = \rho_i^1\,\operatorname{ReLU}(z_i) + \rho_i^2\, z_i,\qquad \rho_i \sim \operatorname{GumbelSoftmax}(\omega_i)`,
      says: 'Each unit learns whether to be a kink, a straight line or nothing.',
    },
    {
      tex: String.raw`\min_{u_0, \dots, u_{H-1}}\; \sum_t \ell(x_t, u_t) + \ell_H(x_H)\quad\text{s.t.}\quad x_{t+1} = f_\theta(x_t, u_t)`,
      says: 'With kinks written as binary variables the plan is solved to global optimality.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'The same training, pruning and planning with our own planar pushing simulator, small networks and an open solver instead of robots and Gurobi; the sparsification is reconstructed in part.',
  },
  claims: [
    {
      id: 'recovery',
      sentence: 'Pruning finds the few kinks of a piecewise-linear function.',
      quantity: 'kinks left and relative test error; error of magnitude pruning at the same count over it',
      bar: {
        quick: 'one seed, shorter training: ≤ 16 and ≤ 1e-2',
        full: '≤ 12 and ≤ 1e-3 on four of five seeds; ≥ 3 in the median',
      },
    },
    {
      id: 'few-kinks',
      sentence: 'A pushed box is predicted nearly as well with a fifth of the kinks.',
      quantity: 'one-step error at 24 and at 8 kinks over that of the full model',
      setting: { quick: '5000 transitions', full: 'the whole data (not calibrated)' },
      measures: {
        many: { quantity: '24 kinks: error over that of the full model', '≤': { quick: 1.5, full: 1.3 } },
        few: { quantity: '8 kinks: error over that of the full model', '≤': { full: 2.5 } },
      },
    },
    {
      id: 'proven-plans',
      sentence: 'Plans are proven optimal and never worse than those of sampling or gradient planners.',
      quantity: 'share proven within 10 s; excess model cost over the best rival; share better by 1 %',
      bar: {
        quick: 'five cases at 8 kinks: ≥ 80 %; ≤ 1e-6',
        full: '50 cases at 16 to 24 kinks: ≥ 90 %; ≤ 1e-6; ≥ 20 %',
      },
    },
    {
      id: 'closed-loop',
      sentence: 'In closed loop, proven plans on the sparse model do at least as well as sampling on the full one.',
      quantity: 'mean final corner distance over that of MPPI, equal time a step',
      bar: { quick: 'three goals: reported', full: '20 goals: ≤ 1, gradient planner worst (not calibrated)' },
    },
  ],
};
