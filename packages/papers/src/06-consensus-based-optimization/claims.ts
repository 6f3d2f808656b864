import type { Claim } from '../record.ts';

/** What the paper says, and the bars, fixed before any run. */
export const claims = {
  canyon: {
    id: 'canyon',
    sentence:
      'Started in a corner, the swarm travels through the canyon to the global minimum where gradient descent sticks at once and Langevin noise scatters.',
    quantity: 'share of runs that end within 0.25 of the origin',
    bar: {
      quick: '20 runs: swarm ≥ 90 %, Langevin ≤ 50 %, gradient descent 0 %',
      full: '100 runs: swarm ≥ 95 %; consensus hopping between 60 and 92 %; Langevin ≤ 40 %; gradient descent 0 % and within 0.01 of (2.336, 2.466)',
    },
  },
  swarmSize: {
    id: 'swarm-size',
    sentence: 'The swarm must be large enough.',
    quantity: 'success share at 200 particles minus that at 40',
    bar: { quick: '≥ 0.2 over 20 runs', full: '≥ 0.3 over 100 runs' },
  },
  gradientLikeness: {
    id: 'gradient-likeness',
    sentence: 'A consensus step points along the negative gradient, with the predicted length.',
    quantity: 'cosine with the negative gradient of a quadratic, and length over ασ²‖∇E‖',
    bar: {
      quick: '2·10⁴ particles: cosine ≥ 0.99, ratio in [0.9, 1.05]',
      full: '2·10⁵ particles: cosine ≥ 0.999, ratio in [0.95, 1]',
    },
  },
} satisfies Record<string, Claim>;
