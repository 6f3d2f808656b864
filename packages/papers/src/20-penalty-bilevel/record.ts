import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 20,
  slug: '20-penalty-bilevel',
  title: 'On Penalty Methods for Nonconvex Bilevel Optimization and First-Order Stochastic Approximation',
  authors: 4,
  firstAuthors: ['J. Kwon', 'D. Kwon', 'Wright'],
  date: '2023-09',
  venue: 'ICLR 2024 (spotlight)',
  arxiv: '2309.01753',
  family: 'bilevel',
  methods: ['F2SA', 'penalty method', 'bilevel optimization', 'proximal error bound', 'AID-CG'],
  summary:
    'Bilevel problems ask for the best x given that y solves another problem depending on x. Following that dependence usually takes second derivatives. Blending the two objectives with a small weight gives a penalty whose gradient needs first derivatives only, even with constraints below or several lower solutions. This paper says when penalty and truth agree, in value and in gradient, and when they cannot: where the lower solution jumps. It has no experiments. We will check the error orders in closed form, a lower problem that is not convex, constraints, and the failure.',
  formulas: [
    {
      tex: String.raw`\psi_\sigma(x) = \frac{1}{\sigma}\Bigl(\min_{y \in \mathcal Y}\{\sigma f + g\} - \min_{y \in \mathcal Y} g\Bigr)`,
      says: 'The penalty function rises to the bilevel objective as σ goes to zero.',
    },
    {
      tex: String.raw`\nabla\psi_\sigma(x) = \nabla_x f(x, y_\sigma) + \frac{\nabla_x g(x, y_\sigma) - \nabla_x g(x, z)}{\sigma}`,
      says: 'Its gradient takes first derivatives at one minimiser of the blend and one of g alone.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "The paper has no experiments; the problems are ours, and the two algorithms are reconstructed from the theory, the referees' remarks and the authors' related method.",
  },
  claims: [
    {
      id: 'first-order-error',
      sentence: 'Value and gradient of the penalty approach the truth in proportion to σ.',
      quantity: 'errors against the closed form for σ = 1e-1 to 1e-4; log–log slope',
      measures: {
        error: { quantity: 'largest error of value and gradient', '≤': 1e-8 },
        slope: { quantity: 'log–log slope', '≥': 0.98, '≤': 1.02 },
      },
    },
    {
      id: 'nonconvex-lower',
      sentence:
        'A lower problem that is not convex, but satisfies the error bound, is solved without second derivatives.',
      quantity: 'distance to 5/3 over the last σ, started outside the convex basin',
      setting: { quick: 'σ = 1e-2', full: 'σ = 1e-3' },
      measures: {
        distance: { quantity: 'distance to 5/3 over σ', '≤': { quick: 10, full: 5 } },
      },
    },
    {
      id: 'constraints',
      sentence: 'With constraints below, the hypergradient is right where complementarity is strict.',
      quantity: 'relative error against the active-set formula at σ = 1e-3',
      setting: { quick: 'm = 5', full: 'm = 20' },
      measures: {
        error: { quantity: 'relative error against the active-set formula at σ = 1e-3', '≤': 1e-2 },
      },
    },
    {
      id: 'honest-failure',
      sentence:
        'Where the lower solution jumps, the gradient of the penalty grows without bound and the solver says so.',
      quantity: 'gradient near 0 times σ; flag raised',
      bar: { quick: 'in [0.9, 1.1]; yes', full: 'in [0.9, 1.1]; yes' },
    },
    {
      id: 'hyper-cleaning',
      sentence: 'On training data of which 40 % is corrupted, first-order penalties match implicit gradients.',
      quantity: 'test accuracy against AID-CG and uniform weights at equal gradient counts',
      setting: { quick: '300 rows', full: '2000 rows (not calibrated)' },
      measures: {
        implicit: { quantity: 'difference to AID-CG, points', '≤': { quick: 3, full: 1 } },
        uniform: { quantity: 'gain over uniform weights, points', '≥': { quick: 1, full: 3 } },
      },
    },
  ],
};
