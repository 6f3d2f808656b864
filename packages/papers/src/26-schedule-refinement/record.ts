import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    'How should the learning rate fall during training? This paper proves that a straight line to zero is the best schedule against the worst case when the last iterate counts, and with the very constant that theory allows. From the gradient norms of one run it then computes a schedule fitted to that problem, which brings out warm-up and a fast end by itself. We will tune six schedules on many logistic regressions, test the refined one where conditioning is bad, and verify the worst-case bound without any tolerance.',
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
    level: 'full',
    note: 'Theory and the logistic suite are complete; ten large deep-learning tasks become small networks.',
  },
  claims: [
    {
      id: 'linear-decay',
      sentence: 'Linear decay beats flat and inverse-square-root schedules and keeps up with cosine.',
      quantity: 'training loss minus optimum over that of other schedules, each tuned, mean over seeds',
      bar: {
        quick: 'two synthetic sets, 10 epochs, two seeds: ≤ 0.5 × flat',
        full: '30 epochs: ≤ 0.35 × flat and ≤ 0.6 × 1/√t on three sets, ≤ both on the ill-conditioned one; within 25 % or 1e-4 of cosine',
      },
    },
    {
      id: 'refinement',
      sentence: 'A refined schedule improves further where conditioning is bad and costs little elsewhere.',
      quantity: 'loss gap refined over linear',
      bar: {
        quick: '≤ 1 on the ill-conditioned set',
        full: '≤ 0.97 on it with SGD and Adam; ≤ 2.5 or + 3e-4 elsewhere',
      },
    },
    {
      id: 'worst-case',
      sentence: 'On convex functions with bounded gradients linear decay never exceeds the bound.',
      quantity: '(f(x_T) − f*)·√T/(DG) over instances and T',
      bar: { quick: '≤ 1 up to T = 10³', full: '≤ 1 up to T = 10⁴, rounding only' },
    },
  ],
};
