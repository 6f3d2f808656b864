import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 1,
  slug: '01-bcd-faster',
  title:
    "Let's Make Block Coordinate Descent Converge Faster: Faster Greedy Rules, Message-Passing, Active-Set Complexity, and Superlinear Convergence",
  authors: 3,
  firstAuthors: ['Nutini', 'Laradji', 'Schmidt'],
  date: '2017-12',
  venue: 'Journal of Machine Learning Research 23(131), 2022',
  arxiv: '1712.08859',
  code: 'https://github.com/IssamLaradji/BlockCoordinateDescent',
  family: 'linear-models',
  methods: [
    'block coordinate descent',
    'Gauss-Southwell',
    'GSL',
    'GSQ',
    'proximal Newton',
    'message passing',
    'coordinate descent',
  ],
  summary:
    'Coordinate methods change a few variables at a time. This work asks which few and how. Choosing the block whose update lowers a quadratic bound most needs far fewer steps than choosing at random or by the size of the gradient; on sparse graphs a block may be a whole tree and still be solved exactly in linear time by passing messages; and with sparsity penalties the method finds the non-zero variables after a number of steps that can be bounded, after which second-order updates end in a step or two. We rerun its figures and measure both bounds.',
  terms: {
    GS: 'Gauss–Southwell, the largest gradients',
    GSL: 'Gauss–Southwell–Lipschitz, gradients divided by the Lipschitz constants of blocks',
    GSD: 'Gauss–Southwell, gradients scaled by a diagonal of curvatures',
    GSQ: 'Gauss–Southwell, the largest fall of a quadratic bound',
    IHT: 'iterative hard thresholding',
    OMP: 'orthogonal matching pursuit',
    VB: 'variable blocks, chosen anew in each step',
    FB: 'fixed blocks',
    PN: 'proximal Newton steps',
    PG: 'proximal gradient steps',
    Lb: 'steps by Lipschitz bounds of blocks',
    LA: 'steps by Lipschitz constants that are approximated on the way',
  },
  formulas: [
    {
      tex: String.raw`\min_x\; F(x) = f(x) + \sum_i g_i(x_i)`,
      says: 'A smooth function plus a separable penalty is minimised over blocks of coordinates.',
    },
    {
      tex: String.raw`b \in \arg\max_b\; \nabla_b f^\top H_b^{-1} \nabla_b f,\qquad x_b \leftarrow x_b - H_b^{-1} \nabla_b f`,
      says: 'The quadratic greedy rule takes the block whose matrix update lowers the bound most.',
    },
    {
      tex: String.raw`k \ge \kappa \log\frac{2L\,\lVert x_0 - x^*\rVert}{\delta}`,
      says: 'After so many proximal gradient steps the non-zero variables are found for good, δ being the margin of the zeros.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'All data are synthetic and regenerated from their description at the sizes of the paper; sets A and E are not public, so their draws differ.',
  },
  claims: [
    {
      id: 'figure-4-greedy',
      sentence:
        'With Lipschitz updates, greedy rules over variable blocks beat sampling by orders of magnitude, and dividing gradients by curvature beats plain Gauss–Southwell.',
      quick:
        'With Lipschitz updates, greedy rules over variable blocks beat sampling, and dividing gradients by curvature beats plain Gauss–Southwell.',
      quantity: 'f − f* on set A after the last iteration, blocks of 5',
      setting: { quick: 'after 150 iterations at 200 × 1000', full: 'after 500 iterations' },
      ...locked.claims['figure-4-greedy'],
    },
    {
      id: 'figure-5-matrix',
      sentence:
        'With matrix updates, greedy variable blocks scaled by curvature reach errors that plain greedy rules are far from.',
      quantity: 'f − f* on set A after the last iteration, blocks of 5',
      setting: { quick: 'after 150 iterations at 200 × 1000', full: 'after 500 iterations' },
      ...locked.claims['figure-5-matrix'],
    },
    {
      id: 'figure-6-lattice',
      sentence:
        'On a lattice, exact updates of trees by message passing beat red–black blocks, and a greedy tree beats all.',
      quantity:
        'f − f* on set D after the last iteration; what is divided by, and general blocks, by code of their own',
      setting: { quick: 'after 500 iterations on 20 × 20', full: 'after 500 iterations' },
      ...locked.claims['figure-6-lattice'],
    },
    {
      id: 'figure-6-graph',
      sentence:
        'On a nearest-neighbour graph: greedy tree ≤ tree partitions ≤ random tree ≤ red–black ≤ general blocks.',
      quantity: 'ratios of f − f* on set E of each to the next by code of its own, after the last iteration',
      setting: { quick: 'after 150 iterations on 400 nodes', full: 'after 500 iterations' },
      ...locked.claims['figure-6-graph'],
    },
    {
      id: 'figure-7-active-set',
      sentence:
        'On a non-negative L1 problem, greedy variable blocks with second-order updates find the support and end in a few iterations; first-order updates do not.',
      quantity: 'iterations to f − f* < 1e-8 on set A with λ = 50000, x ≥ 0',
      setting: { quick: 'at 200 × 1000, at most 150 iterations', full: 'at 1000 × 10,000, at most 500 iterations' },
      ...locked.claims['figure-7-active-set'],
    },
    {
      id: 'figure-8-sizes',
      sentence: 'Greedy variable blocks stay best as blocks grow, Lipschitz updates.',
      quantity:
        'the best f − f* of GSL-VB (row sums) and GSD-VB over the best of random, cyclic, Lipschitz and fixed greedy rules by code of their own, set A',
      ...locked.claims['figure-8-sizes'],
    },
    {
      id: 'figure-9-estimates-help',
      sentence:
        'Estimating Lipschitz constants by backtracking beats the global bounds by far on logistic and softmax losses.',
      quick: 'Estimating Lipschitz constants by backtracking beats the global bounds on logistic and softmax losses.',
      quantity: 'f − f* of LA-GSL over that of Lb-GSL by code of its own: set B with τ = 5, 20, 50; set C with τ = 50',
      setting: { quick: 'after 150 iterations', full: 'after 500 iterations' },
      ...locked.claims['figure-9-estimates-help'],
    },
    {
      id: 'figure-9-estimates-hurt',
      sentence:
        'With small blocks the exact constants win on least squares, and on the badly scaled lattice, where every estimate has to grow from 1 to 10⁵.',
      quantity: 'f − f* of Lb-GSL over that of LA-GSL by code of its own at τ = 5 on sets A and D',
      setting: { quick: 'after 150 iterations', full: 'after 500 iterations' },
      ...locked.claims['figure-9-estimates-hurt'],
    },
    {
      id: 'figure-10-partition',
      sentence:
        'Sorting coordinates by curvature before cutting them into fixed blocks beats mixing them, which beats index order.',
      quantity:
        'f − f* on set A after the last iteration, GSL with Lipschitz updates, blocks of 50; what is divided by is by code of its own',
      setting: { quick: 'after 150 iterations at 200 × 1000, blocks of 20', full: 'after 500 iterations' },
      ...locked.claims['figure-10-partition'],
    },
    {
      id: 'figure-11-gsq',
      sentence:
        'The quadratic rule over variable blocks needs fewer iterations than the diagonal rule, and both fewer than fixed blocks.',
      quantity: 'iterations to f − f* < 1e-8 on set A, matrix updates, blocks of 50',
      setting: { quick: 'at 200 × 1000, blocks of 10', full: 'blocks of 50' },
      ...locked.claims['figure-11-gsq'],
    },
    {
      id: 'figure-12-newton',
      sentence:
        'With Newton updates on logistic regression the order is the same: quadratic before diagonal before fixed blocks before plain Gauss–Southwell.',
      quantity: 'iterations to f < 1e-8 on set B, Newton with line search, blocks of 50',
      setting: { quick: 'at 200 × 1000, blocks of 10', full: 'blocks of 50, at most 500 iterations' },
      ...locked.claims['figure-12-newton'],
    },
    {
      id: 'figure-13-random',
      sentence: 'Greedy selection is what makes Fig. 7 work: with random selection no update gets near the solution.',
      quantity:
        'the least f − f* over updates (PN, TMP, PG), fixed and variable blocks of three sizes, by code of their own, on the problem of Fig. 7; and that of greedy PN-VB',
      setting: {
        quick: 'blocks of 5, 20 and 50, after 10 iterations',
        full: 'blocks of 5, 50 and 100, after 500 iterations',
      },
      ...locked.claims['figure-13-random'],
    },
    {
      id: 'active-set-complexity',
      sentence:
        'Proximal gradient with step 1/L identifies the active set after at most κ·log(2L‖x₀ − x*‖/δ) iterations, and never leaves it; cyclic coordinate descent needs at most one pass once ‖x − x*‖ is below the radius behind that bound.',
      quantity:
        'draws in which the support equals that of x* for ever after more iterations than the bound; for coordinate descent the bound is the step from which ‖x_k − x*‖ ≤ min(δ/(2L), min|x*_i|/2) for good, and one pass',
      setting: { quick: '5 draws', full: '20 draws' },
      ...locked.claims['active-set-complexity'],
    },
    {
      id: 'superlinear-tail',
      sentence:
        'With blocks of the support and 50 entering coordinates and proximal Newton updates, the error falls superlinearly once the active set is identified.',
      quantity:
        'f − f* at the step after identification over that before it (0 if the error was below 1e-8 at identification), problem of Fig. 7',
      ...locked.claims['superlinear-tail'],
    },
  ],
  picture: {
    experiment: 'figure-5',
    title: 'A, matrix, τ = 5',
    series: ['GSD-VB', 'GS-VB, own code'],
    says: 'f − f* against iterations, for greedy blocks by gradients scaled by curvature and by plain gradients.',
  },
} as const satisfies PaperRecord;
