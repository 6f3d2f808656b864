import type { Locked } from '../verdicts/locked.ts';

/**
 * Least squares on the nodes of a graph: `rows` rows of `d` normal features each, coefficients, a factor of the target and noise of a node's own. Solved where
 * the mean squared distance from the minimum is `tol` of that at the start. Rivals have at most `most` rounds, DADAO as many units of time.
 */
const regressions = { n: 36, d: 2, rows: 100, tol: 1e-8, most: 20_000 } as const;
/** Quadratics whose curvatures are spread evenly on a logarithmic scale, on a grid. */
const quadratics = { n: 16, d: 10, tol: 1e-8, most: 20_000 } as const;

export const locked = {
  claims: {
    'against-primal': {
      experiment: 'rivals',
      ingredient: 'momentum of what links exchange, at random times',
      measures: {
        gradients: {
          quantity: 'gradients over those of ADOM+ with multi-consensus on the {graph}, mean of instances',
          '≤': { quick: 0.8, full: 0.65 },
        },
        communications: {
          quantity: 'communications over those of ADOM+ with multi-consensus on the {graph}, mean of instances',
          '≤': { quick: 0.2, full: 0.1 },
          check: true,
        },
        plainGradients: {
          quantity: 'gradients over those of plain ADOM+ on the {graph}, at most',
          '<': 1,
          check: true,
        },
        plainCommunications: {
          quantity: 'communications over those of plain ADOM+ on the {graph}, at most',
          '<': 1,
          check: true,
        },
      },
      sizes: { quick: { ...regressions, instances: 1 }, full: { ...regressions, instances: 5 } },
    },
    dense: {
      experiment: 'rivals',
      ingredient: 'momentum of what links exchange, at random times',
      measures: {
        gradients: {
          quantity: 'gradients over those of ADOM+ with multi-consensus on the {graph}, mean of instances',
          '≤': 0.65,
        },
        communications: {
          quantity: 'communications over those of ADOM+ with multi-consensus on the {graph}, mean of instances',
          '≤': 0.1,
          check: true,
        },
      },
      sizes: { quick: { ...regressions, instances: 1 }, full: { ...regressions, instances: 5 } },
    },
    'graph-independence': {
      experiment: 'rivals',
      ingredient: 'momentum of what links exchange',
      measures: {
        count: {
          quantity: 'largest over smallest number of gradients over six graphs, mean of instances',
          '≤': { quick: 1.4, full: 1.3 },
        },
      },
      sizes: { quick: { ...regressions, instances: 1 }, full: { ...regressions, instances: 5 } },
    },
    'against-dual': {
      experiment: 'rivals',
      ingredient: 'gradients at times of their own, beside those of communications',
      measures: {
        continuized: {
          quantity: 'gradients over those of the continuized method on the {graph}, mean of instances',
          '<': 1,
        },
        msda: {
          quantity: 'gradients over those of MSDA, largest of all graphs',
          '<': 1,
          check: true,
        },
        talk: {
          quantity: 'communications over those of the continuized method, largest of all graphs',
          '<': 1,
          check: true,
        },
      },
      sizes: { quick: { ...regressions, instances: 1 }, full: { ...regressions, instances: 5 } },
    },
    acceleration: {
      experiment: 'condition',
      ingredient: 'momentum of what links exchange',
      measures: {
        ratio: {
          quantity: 'gradients at condition {each condition over a tenth of it}',
          '≥': { quick: 2, full: 2.4 },
          '≤': { quick: 4.5, full: 4 },
        },
      },
      sizes: {
        quick: { ...quadratics, conditions: [10, 100] },
        full: { ...quadratics, conditions: [10, 100, 1000] },
      },
    },
    'gossip-rates': {
      experiment: 'rates',
      ingredient: 'rates of links that are chosen',
      measures: {
        barbell: { quantity: 'communications per unit of time with the chosen rates on the barbell', '≤': 35 },
        worse: {
          quantity: 'communications with the chosen rates over those with uniform ones, largest of the graphs',
          '≤': 1.005,
          check: true,
        },
        run: {
          quantity: 'communications of runs to the same error on the barbell, over those with uniform rates, mean',
          '≤': 0.35,
        },
      },
      sizes: {
        quick: { ...regressions, n: 16, instances: 1 },
        full: { ...regressions, n: 16, instances: 5 },
      },
    },
    notebook: {
      experiment: 'star',
      ingredient: 'the largest resistance in the rates of links',
      measures: {
        difference: {
          quantity: 'largest difference of the communications of a round from those of the authors, rounded',
          '≤': 0,
        },
      },
      sizes: { quick: { n: 300 }, full: { n: 300 } },
    },
    adult: {
      experiment: 'adult',
      ingredient: 'momentum of what links exchange, at random times',
      measures: {
        gradients: {
          quantity: 'gradients over those of ADOM+ with multi-consensus on the {graph}',
          '≤': { quick: 0.8, full: 0.65 },
        },
        communications: {
          quantity: 'communications over those of ADOM+ with multi-consensus on the {graph}',
          '≤': { quick: 0.2, full: 0.1 },
        },
      },
      sizes: {
        quick: { n: 36, rows: 3600, ridge: 0.02, tol: 1e-6, most: 4000, graphs: ['grid'] },
        full: { n: 36, rows: 32_561, ridge: 0.02, tol: 1e-8, most: 4000, graphs: ['grid', 'path'] },
      },
    },
  },
  grids: {},
} as const satisfies Locked;
