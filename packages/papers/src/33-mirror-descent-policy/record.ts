import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 33,
  slug: '33-mirror-descent-policy',
  title: 'Mirror Descent Policy Optimization',
  authors: 4,
  firstAuthors: ['Tomar', 'Shani', 'Efroni'],
  date: '2020-05',
  venue: 'ICLR 2022',
  arxiv: '2005.09814',
  code: 'https://github.com/manantomar/Mirror-Descent-Policy-Optimization',
  family: 'decision',
  methods: ['MDPO', 'TRPO', 'PPO', 'SAC', 'mirror descent', 'trust region'],
  summary:
    'Trust-region methods for reinforcement learning keep each new policy near the last one, by hard constraints or by clipping. Seen as mirror descent, the right step is a gain minus a divergence from the old policy, and several plain gradient steps on that suffice. On-policy it matches or beats TRPO and PPO without line searches, off-policy it stands beside SAC; a single step is markedly worse. We will check this where everything can be computed exactly, in small random decision processes, and then on swinging up a pendulum.',
  formulas: [
    {
      tex: String.raw`\pi_{k+1} = \arg\max_\pi\; \mathbb E_{s \sim \rho_{\pi_k}}\Bigl[\langle\pi, A^{\pi_k}\rangle - \tfrac{1}{t_k}\operatorname{KL}(\pi \,\Vert\, \pi_k)\Bigr]`,
      says: 'The next policy trades advantage against divergence from the present one.',
    },
    {
      tex: String.raw`\pi_{k+1}(a \mid s) \propto \pi_k(a \mid s)\, e^{t_k A^{\pi_k}(s, a)}`,
      says: 'For tables the step has this closed form; parametric policies approach it by m gradient steps.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'MuJoCo tasks are replaced by exact tabular decision processes and small simulators; the algorithms are complete.',
  },
  claims: [
    {
      id: 'inner-steps',
      sentence: 'Ten inner steps come far nearer the optimum than one, and a hundred equal the closed form.',
      quantity: 'gap to the optimal value on random decision processes',
      bar: {
        quick: '20 states, two seeds, 100 iterations: gap(10) ≤ 0.4 × gap(1)',
        full: '50 states, five seeds: gap(10) ≤ 0.25 × gap(1); gap(100) within 2 × closed form, which falls at every step',
      },
    },
    {
      id: 'pendulum',
      sentence: 'On the pendulum it matches PPO where a single step fails.',
      quantity: 'mean return of the last 10 of 120 iterations',
      bar: {
        quick: '25 iterations, one seed: m = 30 above m = 1 by ≥ 100',
        full: 'three seeds: ≥ −250 and within 15 % or 40 points of PPO; m = 1 below −700',
      },
    },
    {
      id: 'off-policy',
      sentence: 'Off-policy it stands beside SAC.',
      quantity: 'mean returns of both after 15,000 steps',
      bar: {
        quick: 'reported after 2000 steps',
        full: 'both above −300 and within the seed interval (not calibrated)',
      },
    },
  ],
};
