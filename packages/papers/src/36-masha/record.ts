import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 36,
  slug: '36-masha',
  title:
    'Distributed Methods with Compressed Communication for Solving Variational Inequalities, with Theoretical Guarantees',
  authors: 5,
  firstAuthors: ['Beznosikov', 'Richtárik', 'Diskin'],
  date: '2021-10',
  venue: 'NeurIPS 2022',
  arxiv: '2110.03313',
  family: 'distributed',
  methods: ['MASHA', 'extragradient', 'variational inequalities', 'Rand-K', 'Top-K', 'variance reduction'],
  summary:
    'Games and adversarial training lead to saddle points, where plain descent circles and compressed messages make matters worse: compressed extragradient stalls at a noise level. MASHA compresses only the difference between the operator now and at a reference point that is renewed now and then, so the noise dies out and convergence is linear. One version takes unbiased compression, the other any contraction, with error feedback. We will count the numbers sent until a precise solution of distributed bilinear games, beside extragradient with and without naive compression.',
  formulas: [
    {
      tex: String.raw`z^{k+1/2} = \tau z^k + (1-\tau)\,w^k - \gamma F(w^k)`,
      says: 'The half step needs no communication, since the operator at the reference point w is known.',
    },
    {
      tex: String.raw`z^{k+1} = z^{k+1/2} - \gamma\,\frac1M\sum_m Q\bigl(F_m(z^{k+1/2}) - F_m(w^k)\bigr)`,
      says: 'Only compressed differences travel, and they vanish as the points converge.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "The bilinear study is complete; adversarial training of transformers becomes a small classifier. The algorithms are reconstructed from the authors' line of work, constants in part from memory.",
  },
  claims: [
    {
      id: 'saves-floats',
      sentence: 'It reaches a precise solution with fewer numbers sent than extragradient.',
      quantity: 'numbers sent up by each device to a relative error of 1e-8, over extragradient',
      setting: { quick: 'd = 20, 10 devices, q = 5', full: '20 and 50 devices' },
      measures: {
        ten: { quantity: '10 devices, q = 5', '≤': { quick: 1 } },
        twenty: { quantity: '20 devices, q = 10', '≤': { full: 0.8 } },
        fifty: { quantity: '50 devices, q = 20', '≤': { full: 0.6 } },
        top: { quantity: 'with Top-10 %', '≤': { full: 1 } },
      },
    },
    {
      id: 'naive-stalls',
      sentence: 'Naive compression of extragradient or descent–ascent never gets there.',
      quantity: 'least relative error at any step size',
      setting: { quick: '3000 iterations', full: '12,000 iterations' },
      measures: {
        least: { quantity: 'least relative error at any step size', '≥': 0.001 },
      },
    },
    {
      id: 'linear-rate',
      sentence: 'Convergence is linear, at least as fast as proved.',
      quantity: 'R² of the log residual over the last half; contraction against (1 − μγ/2)^0.8',
      bar: { quick: '≥ 0.95', full: '≥ 0.97; not slower' },
    },
  ],
};
