import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 23,
  slug: '23-adaptive-legged-mpc',
  title: 'Adaptive Legged Locomotion via Online Learning for Model Predictive Control',
  authors: 3,
  firstAuthors: ['Zhou', 'Zhang', 'Tzoumas'],
  date: '2025-10',
  venue: 'IEEE Robotics and Automation Letters, 2025',
  arxiv: '2510.15626',
  code: 'https://github.com/UM-iRaL/Adaptive-Legged-Locomotion',
  family: 'control',
  methods: [
    'SSI-MPC',
    'model predictive control',
    'random Fourier features',
    'L1 adaptive control',
    'online gradient descent',
  ],
  summary:
    'A legged robot that carries an unknown load or is pushed walks with a wrong model. This controller learns the missing force and torque while walking: random Fourier features of the state, one gradient step per cycle, and the learned term goes straight into the predictive controller. Regret against a controller that knew the disturbance grows slower than time. We will let a rigid body with a trotting gait carry loads, be pushed steadily and periodically, and compare tracking with no adaptation, with L1 adaptation and with full knowledge, counting falls.',
  formulas: [
    {
      tex: String.raw`M(q)\,\ddot q + n(q, \dot q) = J^\top u + h(z)`,
      says: 'Rigid-body dynamics with an unknown residual wrench h.',
    },
    {
      tex: String.raw`\hat h(z) = \alpha\,\varphi(z),\quad \varphi(z) = M^{-1/2}\cos(\Omega z + b),\qquad \alpha \leftarrow \alpha + 2\eta\,e\,\varphi(z)^\top`,
      says: 'The residual is linear in random features; the prediction error e moves its coefficients by one gradient step.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'Controller and learner are complete; full-body simulation in Gazebo and MuJoCo is replaced by a single rigid body with contact schedule, friction limits, payload and external wrench.',
  },
  claims: [
    {
      id: 'tracking',
      sentence:
        'Learning online brings tracking near to that with full knowledge, well below no adaptation and level with L1 or better.',
      quantity: 'excess position error over the clairvoyant controller; a fall counts as infinite',
      setting: { quick: 'one load, two seeds, 5 s', full: 'all disturbances, five seeds' },
      measures: {
        none: { quantity: 'error over that without adaptation', '≤': { quick: 0.6, full: 0.5 } },
        each: { quantity: '{each disturbance}: error over that of L1', '≤': { full: 1.1 } },
        mean: { quantity: 'mean error over that of L1', '<': { full: 1 } },
      },
    },
    {
      id: 'no-harm',
      sentence: 'Undisturbed, it does no harm, and it never falls where the clairvoyant stands.',
      quantity: 'relative change of error without disturbance; falls',
      measures: {
        change: { quantity: 'relative rise of the error without disturbance', '≤': { quick: 0.03, full: 0.02 } },
        falls: { quantity: 'falls where the clairvoyant stands', '≤': 0 },
      },
    },
    {
      id: 'regret',
      sentence: 'Under constant disturbances the excess cost dies away.',
      quantity: 'mean excess stage cost in the second half over that in the first quarter',
      measures: {
        cost: {
          quantity: 'mean excess stage cost in the second half over that in the first quarter',
          '≤': { quick: 0.6, full: 0.4 },
        },
      },
    },
  ],
};
