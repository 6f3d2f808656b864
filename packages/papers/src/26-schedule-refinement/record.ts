import type { PaperRecord } from '../record.ts';

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
    'How should the learning rate fall during training? The paper proves that a straight line to zero is the best schedule against the worst case when the last iterate counts, and with the very constant that theory allows. From the gradient norms of one run it then computes a schedule fitted to that problem, which brings out warm-up and a fast end by itself. We tune seven schedules, each with a rate of its own, on logistic regressions, made up and real, test the refined one where conditioning is bad, verify the worst-case bound without any tolerance, and look at the curve that a small network asks for.',
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
    note: 'Theory and the logistic suite are complete, with the sets that ship here for the real ones; ten large deep-learning tasks become one small network. Rates are tuned on one order of the examples and judged on another.',
  },
  claims: [
    {
      id: 'linear-decay',
      sentence: 'Linear decay beats flat and inverse-square-root schedules and keeps up with cosine.',
      quick: 'Linear decay ends at half the gap of a flat schedule, or nearer.',
      ingredient: 'a rate that falls to zero in a straight line',
      quantity: 'training loss minus optimum, each schedule with a rate of its own, over independent sets by SGD',
      setting: { quick: '10 epochs', full: '30 epochs' },
      draws: { quick: [4, 8, 16], full: [5, 10, 20, 40] },
      measures: {
        flat: {
          quantity: 'gap of linear decay on {each set}',
          over: 'mean',
          '≤': { quick: { of: 'that of flat', times: 0.5 }, full: { of: 'that of flat', times: 0.35 } },
        },
        root: {
          quantity: 'gap of linear decay on {each set}',
          over: 'mean',
          '≤': { full: { of: 'that of 1/√t', times: 0.6 } },
        },
        ill: {
          quantity: 'gap of linear decay on ill, beside {flat and 1/√t}',
          over: 'mean',
          '≤': { full: { of: 'theirs' } },
        },
        cosine: {
          quantity: 'gap of linear decay on {each set}, beside cosine',
          over: 'mean',
          '≤': { full: { of: 'a quarter or 1e-4 above that of cosine' } },
        },
      },
    },
    {
      id: 'refinement',
      sentence: 'A refined schedule improves further where conditioning is bad and costs little elsewhere.',
      quick: 'A refined schedule improves on linear decay where conditioning is bad.',
      ingredient: 'weights that fall with the recorded norms',
      quantity: 'training loss minus optimum, refined and linear, each with a rate of its own, over independent sets',
      setting: { quick: '10 epochs', full: '30 epochs' },
      draws: { quick: [4, 8, 16], full: [5, 10, 20, 40] },
      measures: {
        ill: {
          quantity: 'gap of the refined schedule on ill by {SGD and Adam}',
          over: 'mean',
          '<': { quick: { of: 'that of linear decay' } },
          '≤': { full: { of: 'that of linear decay', times: 0.97 } },
        },
        elsewhere: {
          quantity: 'gap of the refined schedule on {other sets, by SGD and Adam}',
          over: 'mean',
          '≤': { full: { of: '2.5 times that of linear decay, or 3e-4 above it' } },
        },
      },
    },
    {
      id: 'worst-case',
      sentence:
        'On convex functions with bounded gradients linear decay never exceeds the bound; a flat schedule does.',
      ingredient: 'a rate that falls to zero in a straight line',
      quantity: '(f(x_T) − f(u))·√T/(DG) over instances and T; flat rates are those of the same theorem, D/(G√T)',
      setting: { quick: 'T = 10, 100, 1000', full: 'T = 10, 100, 1000, 10⁴' },
      measures: {
        // There are instances on which it is 1; nothing is granted but rounding.
        worst: { quantity: 'worst of linear decay at T = {each}', '≤': 1 + 1e-12 },
        flat: { quantity: 'flat, on the instance that resists it, at the largest T', '>': 1 },
      },
    },
    {
      id: 'real-sets',
      sentence: 'On real sets linear decay beats flat, 1/t and 1/√t.',
      ingredient: 'a rate that falls to zero in a straight line',
      quantity:
        'training loss after tuning by SGD on diabetes, spambase, and digits and mnist at 4 × 4 pixels, mean over orders',
      setting: {
        quick: 'at most 600 rows, 10 epochs, one order',
        full: 'all rows, of mnist 5000 at most, 100 epochs, three orders',
      },
      measures: { wins: { quantity: 'share of sets on which linear decay beats all three', '≥': 0.8 } },
    },
    {
      id: 'real-ranks',
      sentence: 'On real sets the refined schedule ranks no lower than linear decay.',
      ingredient: 'weights that fall with the recorded norms',
      quantity: 'rank of the training loss on the same sets among flat, 1/t, 1/√t, step, cosine, linear and refined',
      setting: {
        quick: 'at most 600 rows, 10 epochs, one order',
        full: 'all rows, of mnist 5000 at most, 100 epochs, three orders',
      },
      measures: {
        rank: { quantity: 'mean rank of the refined schedule, the best being 1', '≤': { of: 'that of linear decay' } },
      },
    },
    {
      id: 'shape',
      sentence:
        'The schedule that a small network would have wanted begins with a warm-up and ends below linear decay.',
      ingredient: 'weights that fall with the recorded norms',
      quantity:
        'refined schedule of a network of 32 hidden units on digits, linear decay by SGD, over starts and orders',
      setting: { quick: '10 epochs', full: '30 epochs' },
      draws: { quick: [4, 8], full: [5, 10, 20] },
      measures: {
        peak: { quantity: 'where the schedule is largest, as a part of the run', over: 'mean', '≥': 0.02 },
        end: { quantity: 'value at 95 % of the run', over: 'mean', '<': { of: 'that of linear decay' } },
      },
    },
  ],
  picture: {
    experiment: 'shape',
    title: 'The schedule that the run would have wanted',
    series: { refined: 'refined', 'linear decay': 'linear' },
    says: 'A schedule refined from the gradient norms of a small network, beside the linear decay under which they were recorded.',
  },
} as const satisfies PaperRecord;
