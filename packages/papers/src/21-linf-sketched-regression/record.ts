import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    "A tall regression can be compressed by a random sketch and solved in the small. Usual guarantees bound the error of all coefficients together; this paper asks for each one, so that no single coefficient is badly off, and claims nearly the best sketch size for the randomised Hadamard transform. Sparse sketches cannot promise it. Later work by two of the authors' group reports a gap in the proof, so the bound is a claim that only experiments can back. We will measure the worst coefficient on a hard instance, its growth with dimension, and speed.",
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
    note: 'Pure linear algebra at laptop size. The paper reports no experiments, and its proof is known to be incomplete; the hard instance is ours.',
  },
  claims: [
    {
      id: 'even-error',
      sentence: 'A randomised Hadamard sketch spreads the error evenly, growing at most slowly with the dimension.',
      quantity: 'median and largest ‖x′ − x*‖∞ in units of 1/√m, m = 16d',
      setting: { quick: 'd = 32 and 64, 10 seeds', full: 'd = 64, 128, 256, 20 seeds' },
      measures: {
        median: { quantity: '{each d}: median', '≤': 4 },
        largest: { quantity: '{each d}: largest', '≤': 6 },
        growth: { quantity: 'growth of the median from d = 64 to 256', '≤': { full: 1.8 } },
      },
    },
    {
      id: 'sparse-fails',
      sentence: 'CountSketch puts large errors on single coefficients, the more so the higher the dimension.',
      quantity: 'the same median',
      setting: { quick: 'd = 64', full: 'd = 64 and 256' },
      measures: {
        low: { quantity: 'd = 64: median', '≥': 5 },
        high: { quantity: 'd = 256: median', '≥': { full: 10 } },
        growth: { quantity: 'growth on doubling d, {each time}', '≥': { full: 1.7 }, '≤': { full: 2.3 } },
      },
    },
    {
      id: 'rate',
      sentence: 'The worst error falls with the square root of the sketch size.',
      quantity: 'log–log slope in m from 8d to 64d',
      measures: {
        slope: { quantity: 'slope', '≥': { quick: -0.65, full: -0.6 }, '≤': { quick: -0.35, full: -0.4 } },
      },
    },
    {
      id: 'speed',
      sentence: 'Sketching and solving beats a direct factorisation on tall matrices.',
      quantity: 'time of Householder QR over sketch and solve',
      bar: { quick: 'n = 2¹⁴, d = 64: reported', full: 'n = 2¹⁷, d = 64: ≥ 2' },
    },
    {
      id: 'refinement',
      sentence: 'As a preconditioner the sketch gives full accuracy on ill-conditioned problems in a few steps.',
      quantity: 'relative error after 40 steps at condition 1e6, with and without',
      measures: {
        with: { quantity: 'error with the preconditioner', '≤': 1e-10 },
        without: { quantity: 'error without it', '≥': 0.001 },
      },
    },
  ],
};
