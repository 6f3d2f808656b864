import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 26,
  slug: '26-schedule-refinement',
  title: 'When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement',
  authors: 4,
  firstAuthors: ['Defazio', 'Cutkosky', 'Mehta'],
  date: '2023-10',
  venue:
    'arXiv preprint, 2023; second version titled “Optimal Linear Decay Learning Rate Schedules and Further Refinements”',
  arxiv: '2310.07831',
  code: 'https://github.com/facebookresearch/adaptive_scheduling',
  family: 'training',
  methods: ['linear decay', 'schedule refinement', 'cosine schedule', 'SGD', 'Adam', 'online-to-batch conversion'],
  summary:
    'How should the learning rate fall during training? The paper proves that a straight line to zero is the best schedule against the worst case when the last iterate counts, and with the very constant that theory allows. From the gradient norms of one run it then computes a schedule fitted to that problem, which brings out warm-up and a fast end by itself. We tune nine schedules, each with a rate of its own, on logistic regressions, synthetic and real, and on images, test the refined one where conditioning is bad, verify the worst-case bound without any tolerance, and look at the curve that a small network asks for.',
  formulas: [
    {
      tex: String.raw`\eta_t = \frac{D}{G\sqrt T}\Bigl(1 - \frac tT\Bigr)\quad\Rightarrow\quad \mathbb E f(x_T) - f^* \le \frac{DG}{\sqrt T}`,
      says: 'Linear decay attains the minimax bound for the last iterate.',
    },
    {
      tex: String.raw`\eta_t \propto w_t \sum_{p > t} w_p,\qquad w_t \propto G_t^{-2}`,
      says: 'Recorded, smoothed gradient norms G turn into a refined schedule.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'Theory and the synthetic suite are complete; the real sets are four that ship here, and ten large deep-learning tasks become small networks on digits and on MNIST. Rates are tuned on one order of the examples and judged on another.',
  },
  claims: [
    {
      id: 'linear-decay',
      sentence: 'Linear decay beats flat and inverse-square-root schedules and keeps up with cosine.',
      quantity: 'training loss minus optimum, each schedule with a rate of its own, over independent sets by SGD',
      setting: { quick: 'noisy, 10 epochs', full: 'gm, ill, noisy and skew, 30 epochs' },
      ...locked.claims['linear-decay'],
    },
    {
      id: 'exponents',
      sentence: 'Linear decay ends lower than decay with the exponents ½ and 2.',
      quantity: 'training loss minus optimum, each schedule with a rate of its own, over independent sets by SGD',
      setting: { quick: 'noisy, 10 epochs', full: 'gm, ill, noisy and skew, 30 epochs' },
      ...locked.claims.exponents,
    },
    {
      id: 'refinement',
      sentence: 'A refined schedule improves further where conditioning is bad and costs little elsewhere.',
      quick: 'A refined schedule improves on linear decay where conditioning is bad.',
      quantity: 'training loss minus optimum, refined and linear, each with a rate of its own, over independent sets',
      setting: { quick: '10 epochs', full: '30 epochs' },
      ...locked.claims.refinement,
    },
    {
      id: 'worst-case',
      sentence: 'On convex functions with bounded gradients linear decay never exceeds the bound.',
      quantity: '(f(x_T) − f(u))·√T/(DG) over instances and T; rates are those of the same theorem, D/(G√T)',
      setting: { quick: 'T = 10, 100, 1000', full: 'T = 10, 100, 1000, 10⁴' },
      ...locked.claims['worst-case'],
    },
    {
      id: 'real-sets',
      sentence: 'On real sets linear decay beats flat, 1/t and 1/√t.',
      quantity:
        'training loss after tuning by SGD on diabetes, spambase, and digits and mnist at 4 × 4 pixels, mean over orders',
      setting: {
        quick: 'at most 600 rows, 10 epochs, one order',
        full: 'all rows, of mnist 5000 at most, 100 epochs, three orders',
      },
      ...locked.claims['real-sets'],
    },
    {
      id: 'real-ranks',
      sentence: 'On real sets the refined schedule ranks above linear decay.',
      quantity: 'rank of the training loss on the same sets among flat, 1/t, 1/√t, step, cosine, linear and refined',
      setting: {
        quick: 'at most 600 rows, 10 epochs, one order',
        full: 'all rows, of mnist 5000 at most, 100 epochs, three orders',
      },
      ...locked.claims['real-ranks'],
    },
    {
      id: 'images',
      sentence:
        'A small network on images ends lower with linear decay than with flat, 1/√t and step, and keeps up with cosine.',
      quantity: 'loss on held-out images of MNIST at 28 × 28 pixels, rates tuned on others, over starts and images',
      setting: { quick: '300 images, 5 epochs, 16 hidden units', full: '2000 images, 15 epochs, 32 hidden units' },
      ...locked.claims.images,
    },
    {
      id: 'images-refined',
      sentence: 'On these images a refined schedule ends lower than linear decay.',
      quantity: 'loss on held-out images of MNIST at 28 × 28 pixels, rates tuned on others, over starts and images',
      setting: { quick: '300 images, 5 epochs, 16 hidden units', full: '2000 images, 15 epochs, 32 hidden units' },
      ...locked.claims['images-refined'],
    },
    {
      id: 'shape',
      sentence:
        'The schedule that a small network would have wanted begins with a warm-up and ends below linear decay.',
      quantity:
        'refined schedule of a network of 32 hidden units on digits, linear decay by SGD, over starts and orders',
      setting: { quick: '10 epochs', full: '30 epochs' },
      ...locked.claims.shape,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'shape',
    title: 'The schedule that the run would have wanted',
    series: ['refined', 'linear decay'],
    says: 'A schedule refined from the gradient norms of a small network, beside the linear decay under which they were recorded.',
  },
} as const satisfies PaperRecord;
