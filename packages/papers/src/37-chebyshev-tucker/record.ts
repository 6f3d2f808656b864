import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'A function of three variables, such as the electric potential of a molecule, is usually stored on a grid of millions of points. This format keeps a small core and, for each direction, a few polynomials in the Chebyshev basis: no grid, any point can be evaluated, and accuracy is chosen beforehand. If the function comes as a sum of separable terms, the large tensor is never formed. Potentials with poles must first be split into a short and a long range. We will rebuild smooth functions and particle potentials and check ranks, errors and storage.',
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
    level: 'full',
    note: 'Algorithms and tolerances of the official code; molecules are used if their data can be fetched, otherwise random particles with the same kernel.',
  },
  claims: [
    {
      id: 'functions',
      sentence:
        'Smooth functions reach the asked accuracy at ranks near those of a grid, from a fraction of the samples.',
      quantity: 'maximum error at random points and ranks, against reference values',
      bar: {
        quick: 'm = 33 and 65, 2000 points: error ≤ 3 × reference, ranks ± 2',
        full: 'up to m = 129, 20,000 points: error ≤ 3 × reference, ranks ± 2',
      },
    },
    {
      id: 'particles',
      sentence: 'For long-range potentials, ranks stay nearly constant as particles are added.',
      quantity: 'error and ranks for 100 to 600 particles at m = 129; storage over a 256³ array',
      setting: { quick: '100 and 200 particles', full: '100 to 600 particles' },
      measures: {
        error: { quantity: 'error, {each number of particles}', '≤': 3e-7 },
        rank: { quantity: 'rank, {each number of particles}', '≤': 55 },
        growth: { quantity: 'rank at 600 particles less that at 100', '≤': { full: 6 } },
        recompressed: { quantity: 'rank after recompression', '≤': { full: 42 } },
        storage: { quantity: 'storage over that of a 256³ array', '≤': { full: 0.01 } },
      },
    },
    {
      id: 'split-needed',
      sentence: 'Without splitting off the short range the polynomials fail.',
      quantity: 'error of the whole kernel at m = 129',
      measures: {
        error: { quantity: 'error of the whole kernel at m = 129', '>': 1 },
      },
    },
  ],
};
