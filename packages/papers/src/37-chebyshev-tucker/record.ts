import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 37,
  slug: '37-chebyshev-tucker',
  title: 'A mesh-free hybrid Chebyshev-Tucker tensor format with applications to multi-particle modelling',
  authors: 4,
  firstAuthors: ['Benner', 'B. Khoromskij', 'V. Khoromskaia'],
  date: '2025-03',
  venue: 'arXiv preprint, 2025',
  arxiv: '2503.01696',
  code: 'https://github.com/bonans/ChebTuck',
  family: 'factorisation',
  methods: ['Chebyshev interpolation', 'Tucker decomposition', 'HOSVD', 'RHOSVD', 'range-separated tensors'],
  summary:
    'A function of three variables, such as the electric potential of a molecule, is usually stored on a grid of millions of points. This format keeps a small core and, for each direction, a few polynomials in the Chebyshev basis: no grid, any point can be evaluated, and accuracy is chosen beforehand. If the function comes as a sum of separable terms, the large tensor is never formed. Potentials with poles must first be split into a short and a long range. We rebuild smooth functions and the potentials of random particles and check ranks, errors and storage.',
  formulas: [
    {
      tex: String.raw`f(x, y, z) \approx \sum_{a,b,c} \beta_{abc}\, v_a(x)\, v_b(y)\, v_c(z)`,
      says: 'A small core couples a few polynomials in each direction.',
    },
    {
      tex: String.raw`x_j = -\cos\frac{\pi j}{m - 1},\quad j = 0, \dots, m-1`,
      says: 'Values at Chebyshev points become coefficients by a cosine transform.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Algorithms and tolerances of the official code, with columns scaled by the norm of their term. Random particles stand for the molecules and the lattice, whose data are not at hand; the kernel is a sinc sum of the same step.',
  },
  claims: [
    {
      id: 'functions',
      sentence:
        'Smooth functions reach the asked accuracy at ranks near those of a grid, from a fraction of the samples.',
      quantity: 'maximum error at random points and ranks, against reference values; tolerance 1e-7',
      setting: {
        quick: 'm = 33 and 65, 2000 points; grids of 65³',
        full: 'm = 33, 65 and 129, 20,000 points; grids of 129³',
      },
      ...locked.claims.functions,
    },
    {
      id: 'particles',
      sentence: 'For long-range potentials, ranks stay nearly constant as particles are added.',
      quantity: 'error and ranks for 100 to 600 particles at m = 129; storage over a 256³ array',
      setting: { quick: '100 and 200 particles', full: '100 to 600 particles' },
      ...locked.claims.particles,
    },
    {
      id: 'split-needed',
      sentence: 'Without splitting off the short range the polynomials fail.',
      quantity: 'largest error on a slice through a particle, at m = 129',
      setting: { quick: '50 particles', full: '100 particles' },
      ...locked.claims['split-needed'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'particles',
    title: 'long-range potential on the middle slice',
    says: 'The smooth part of the potential of random charges, evaluated in the format on a slice through their middle.',
  },
} as const satisfies PaperRecord;
