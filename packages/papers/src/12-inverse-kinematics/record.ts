import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 12,
  slug: '12-inverse-kinematics',
  title: 'Real-Time Inverse Kinematics for Generating Multi-Constrained Movements of Virtual Human Characters',
  authors: 2,
  firstAuthors: ['Voss'],
  date: '2025-07',
  venue: 'arXiv preprint, 2025',
  arxiv: '2507.00792',
  code: 'https://github.com/hvoss-techfak/TF-JAX-IK',
  family: 'control',
  methods: ['inverse kinematics', 'cautious Adam', 'CCD', 'FABRIK', 'L-BFGS-B'],
  summary:
    'An animated character must reach a point, point a finger and keep its joints within limits, all in a few milliseconds. Classical solvers such as CCD and FABRIK handle one target well and several poorly. Here the pose is found by differentiating through the skeleton and taking Adam steps that skip coordinates whose momentum disagrees with the gradient, clipped to the joint limits. Many goals then simply add up. We will solve a thousand reachable targets, with and without a wanted orientation of the wrist, and count successes, steps and time against both classics and plain Adam.',
  formulas: [
    {
      tex: String.raw`\min_{l \le x \le u}\; F(x) = \sum_k w_k\,\varphi_k(T(x))`,
      says: 'Goals of every kind are weighted terms of one function of the joint angles within their limits.',
    },
    {
      tex: String.raw`x \leftarrow \operatorname{clip}\Bigl(x - \eta\,\frac{\hat m \circ c}{\sqrt{\hat v} + \varepsilon},\, l,\, u\Bigr),\qquad c_j \propto \mathbf 1[m_j g_j > 0]`,
      says: 'A cautious Adam step moves only those angles whose momentum agrees with the present gradient.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: "A generic skeleton with the paper's joints and limits replaces SMPL-X, whose licence forbids shipping it; solver, goals and limits are complete.",
  },
  claims: [
    {
      id: 'success',
      sentence: 'Reachable targets are solved far more often than by CCD and FABRIK.',
      quantity: 'share of targets solved within 500 steps from the zero pose',
      setting: { quick: '100 targets', full: '1000 targets' },
      measures: {
        share: { quantity: 'solved, %', '≥': { quick: 80, full: 85 } },
        ccd: { quantity: 'solved less CCD, points', '≥': { quick: 10, full: 15 } },
        fabrik: { quantity: 'solved less FABRIK, points', '≥': { quick: 30, full: 40 } },
        middle: { quantity: 'solved from the middle of the limits, %', '≥': { full: 99 } },
      },
    },
    {
      id: 'several-goals',
      sentence: 'Orientation goals can be added, which the classics cannot meet at all.',
      quantity: 'share solved with position and wrist orientation',
      setting: { quick: '100 targets from mid-range', full: '1000 targets from mid-range' },
      measures: {
        share: { quantity: 'solved, %', '≥': { quick: 88, full: 93 } },
        classics: { quantity: '{CCD and FABRIK}: solved, %', '≤': 5 },
        limits: { quantity: 'times that limits are exceeded', '≤': { full: 0 } },
      },
    },
    {
      id: 'cautious',
      sentence: 'The cautious mask saves steps.',
      quantity: 'median steps over those of plain Adam, both kinds of goal',
      measures: {
        steps: {
          quantity: 'median steps over those of plain Adam, both kinds of goal',
          '≤': { quick: 0.85, full: 0.75 },
        },
      },
    },
    {
      id: 'real-time',
      sentence: 'A pose takes milliseconds.',
      quantity: 'median time of a solve on one core',
      measures: {
        one: { quantity: 'one goal, ms', '<': { quick: 10, full: 5 } },
        several: { quantity: 'several goals, ms', '<': { quick: 20, full: 10 } },
      },
    },
  ],
};
