import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'Games and adversarial training lead to saddle points, where plain descent circles and compressed messages make matters worse: compressed extragradient stalls at a noise level. MASHA compresses only the difference between the operator now and at a reference point that is renewed now and then, so the noise dies out and convergence is linear. One version takes unbiased compression, the other any contraction, with error feedback. We count the numbers sent until a precise solution of distributed bilinear games, beside extragradient with and without naive compression, and train a small network against perturbations of its rows.',
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
    level: 'miniature',
    note: "The bilinear study, matrix games, and adversarial training of a small perceptron in place of transformers. The algorithms are reconstructed from the authors' line of work, constants in part from memory.",
  },
  claims: [
    {
      id: 'saves-floats',
      sentence: 'It reaches a precise solution with fewer numbers sent than extragradient.',
      quantity: 'numbers sent up by each device to a squared error of 1e-8, over extragradient',
      setting: {
        quick: 'd = 20, 10 devices, q = 5, three instances',
        full: 'd = 50, 20 devices with q = 10, 50 with q = 20',
      },
      ...locked.claims['saves-floats'],
    },
    {
      id: 'top-k',
      sentence: 'With top-k messages and error feedback, too, it sends no more than extragradient.',
      quantity: 'numbers sent up by each device to a squared error of 1e-8, over extragradient',
      setting: {
        quick: 'd = 20, 10 devices, a fifth of the entries',
        full: 'd = 50, 20 devices, a tenth of the entries',
      },
      ...locked.claims['top-k'],
    },
    {
      id: 'naive-stalls',
      sentence: 'Naive compression of extragradient or of descent and ascent never gets there.',
      quantity: 'least squared error at any step size, over that of MASHA1 in as many steps',
      setting: { quick: '3000 steps', full: '12,000 steps' },
      ...locked.claims['naive-stalls'],
    },
    {
      id: 'linear-rate',
      sentence: 'Convergence is linear, at least as fast as proved.',
      quantity: 'R² of the logarithm of the error over the last half; contraction against (1 − μγ/2)^0.8',
      setting: { quick: 'd = 20, 10 devices, q = 5', full: 'd = 50, 20 devices, q = 10' },
      ...locked.claims['linear-rate'],
    },
    {
      id: 'by-q',
      sentence: 'Compression pays up to about as many times as there are devices.',
      quantity: 'numbers sent up by each device to a squared error of 1e-8, by q',
      setting: { quick: 'd = 20, 20 devices, q from 2 to 20', full: 'd = 50, 50 devices, q from 2 to 50' },
      ...locked.claims['by-q'],
    },
    {
      id: 'matrix-games',
      sentence: 'With projections onto simplices, matrix games take fewer numbers than with extragradient.',
      quantity: 'numbers sent up by each device to a duality gap of 1e-3, over extragradient',
      setting: {
        quick: '20 × 20 payoffs, 10 devices, q = 4, five games',
        full: '50 × 50 payoffs, 20 devices, q = 10, five games',
      },
      ...locked.claims['matrix-games'],
    },
    {
      id: 'variants',
      sentence:
        'It still converges with samples of the operators, with some devices a step, and with compressed answers.',
      quantity: 'squared error that every game reaches, relative to that of zero',
      setting: {
        quick: 'd = 10, q = 4, 5 of 10 devices, 3 of 10 samples, three games',
        full: 'd = 25, q = 10, 10 of 20 devices, 3 of 10 samples, three games',
      },
      ...locked.claims.variants,
    },
    {
      id: 'both-ways',
      sentence: 'With messages compressed in both directions it sends no more in all than extragradient.',
      quantity: 'numbers sent up and down by each device to a squared error of 1e-8, over extragradient',
      setting: { quick: 'd = 10, 10 devices, q = 4', full: 'd = 25, 20 devices, q = 10' },
      ...locked.claims['both-ways'],
    },
    {
      id: 'adversarial',
      sentence:
        'In adversarial training on devices with unlike rows, it comes within a point of extragradient’s accuracy under attack with a fifth of the numbers sent.',
      quantity: 'numbers sent up by each device, extragradient over MASHA',
      setting: {
        quick: 'perceptron 64-32-10, 8 devices with 160 digits in all, a twentieth of the entries, three draws',
        full: 'perceptron 64-32-10, 8 devices with 1000 digits in all, a twentieth of the entries, five draws',
      },
      ...locked.claims.adversarial,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'bilinear',
    title: 'error by numbers sent',
    says: 'Squared error against the numbers that each device sent, for MASHA with random and with largest entries, and for extragradient.',
  },
} as const satisfies PaperRecord;
