import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 21,
  slug: '21-linf-sketched-regression',
  title: 'A Nearly-Optimal Bound for Fast Regression with ℓ∞ Guarantee',
  authors: 4,
  firstAuthors: ['Song', 'Ye', 'Yin'],
  date: '2023-02',
  venue: 'ICML 2023 (PMLR 202)',
  arxiv: '2302.00248',
  family: 'linear-systems',
  methods: ['sketch-and-solve', 'SRHT', 'CountSketch', 'OSNAP', 'LSQR', 'subsampled randomized Hadamard transform'],
  summary:
    "A tall regression can be compressed by a random sketch and solved in the small. Usual guarantees bound the error of all coefficients together; this paper asks for each one, so that no single coefficient is badly off, and claims nearly the best sketch size for the randomised Hadamard transform. Sparse sketches cannot promise it. Later work by two of the authors' group reports a gap in the proof, so the bound is a claim that only experiments can back. We measure the worst coefficient of dense and sparse sketches and of samples of rows on hard instances, its growth with dimension, what the gap is about, and full accuracy by refinement.",
  formulas: [
    {
      tex: String.raw`\lVert x' - x^*\rVert_\infty \le \frac{\varepsilon}{\sqrt d}\,\lVert A x^* - b\rVert_2\,\lVert A^\dagger\rVert_2`,
      says: 'Wanted: an error spread evenly over coefficients, √d better for each than the usual bound.',
    },
    {
      tex: String.raw`S = \sqrt{N/m}\; P\,(H_N/\sqrt N)\, D,\qquad x' = \arg\min_x \lVert SAx - Sb\rVert_2`,
      says: 'Random signs, a Hadamard transform and sampled rows compress the problem before it is solved.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Pure linear algebra at laptop size. The paper reports no experiments, and its proof is known to be incomplete; the hard instances are ours.',
  },
  claims: [
    {
      id: 'even-error',
      sentence:
        'Sketches that mix all rows by a Hadamard transform spread the error evenly, growing at most slowly with the dimension.',
      quantity: '‖x′ − x*‖∞ in units of 1/√m, m = 16d, on three hard instances with drawn x*, the median over draws',
      setting: { quick: 'd = 16 and 64, 10 draws', full: 'd = 64, 128 and 256, 20 draws' },
      ...locked.claims['even-error'],
    },
    {
      id: 'sparse-fails',
      sentence:
        'Sparse sketches and samples of rows have an instance each on which single coefficients are far off, the more so the higher the dimension, unlike dense sketches.',
      quantity: 'the same, of the worst of the three instances for each sketch',
      setting: { quick: 'd = 16 and 64, 10 draws', full: 'd = 64, 128 and 256, 20 draws' },
      ...locked.claims['sparse-fails'],
    },
    {
      id: 'rate',
      sentence: 'The worst error falls with the square root of the sketch size.',
      quantity: 'log–log slope in m from 8d to 64d of the median over draws, on one hard instance',
      setting: { quick: 'd = 32, 10 draws', full: 'd = 64, 20 draws' },
      ...locked.claims.rate,
    },
    {
      id: 'speed',
      sentence:
        'Sketching and solving takes fewer operations than a direct factorisation of a tall matrix, with an even error.',
      quantity:
        'operations of Householder QR over those of sketch and solve, on three hard instances; times stand in the table',
      setting: { quick: 'n = 2¹⁴, d = 64, m = 16d', full: 'n = 2¹⁷, d = 64, m = 16d' },
      ...locked.claims.speed,
    },
    {
      id: 'refinement',
      sentence: 'As a preconditioner the sketch gives full accuracy on ill-conditioned problems in a few steps.',
      quantity: 'relative error after 40 steps at condition 1e6, with and without',
      setting: { quick: 'n = 4000, d = 50, m = 8d', full: 'n = 40,000, d = 100, m = 8d' },
      ...locked.claims.refinement,
    },
    {
      id: 'proof-gap',
      sentence:
        'A matrix that is good for every fixed pair of vectors can have an error of one coefficient that does not fade with the dimension: what the proof leaves open.',
      quantity: 'first coefficient beside αρ/(1 − ρ²) of the counterexample; share of deviations on fixed pairs',
      setting: { quick: 'd = 16, 64, 256', full: 'd = 16, 64, 256, 512, four draws each' },
      ...locked.claims['proof-gap'],
    },
    {
      id: 'normal-weights',
      sentence:
        'Normal weights in the place of signs, before the transform, bias a coefficient; signs, and normal weights after it, do not.',
      quantity: 'share of draws whose coefficient is beyond 3/7, where the true one is 0',
      setting: { quick: '400 draws, n = 64, m = 32', full: '4000 draws, n = 64, m = 32' },
      ...locked.claims['normal-weights'],
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'hard-instance',
    title: 'largest error of a coefficient',
    says: 'The worst coefficient of sketched regressions, each on the worst of three hard instances, as the dimension grows.',
  },
} as const satisfies PaperRecord;
