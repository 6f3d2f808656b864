import type { Locked } from '../verdicts/locked.ts';

/** Expected edges, sizes of the sets of swaps and searches of the large set are those of the card, for each number of nodes. */
const orders = {
  quick: { nodes: [20, 60], edges: [80, 240], small: [100, 150], large: [190, 1000], searches: [1, 3], rows: 1000 },
  full: { nodes: [20, 100], edges: [80, 400], small: [100, 150], large: [190, 2500], searches: [1, 15], rows: 1000 },
} as const;
const repair = {
  quick: { nodes: 10, edges: 40, small: 15, large: 45, searches: 1, rows: 1000 },
  full: { nodes: 20, edges: 80, small: 100, large: 190, searches: 1, rows: 1000 },
} as const;
/** The first row of the card with more pairs than the large set; `few` are the library's default. */
const candidates = {
  quick: { nodes: 50, edges: 200, small: 150, large: 1000, searches: 1, rows: 1000, few: 75, reached: 0.1 },
  full: { nodes: 100, edges: 400, small: 150, large: 2500, searches: 15, rows: 1000, few: 150, reached: 0.1 },
} as const;
/** At quick size 20 of 20 draws are enough for a share of 0.8. */
const draws = { quick: [20], full: [20, 40, 80] } as const;
const less = (rival: string) => ({ quantity: `gap of ${rival} less that of swaps`, over: 'mean', '>': 0 }) as const;

export const locked = {
  claims: {
    'reaches-true-score': {
      experiment: 'orders',
      ingredient: 'enough candidate swaps, those of the smallest acyclicity gradient first',
      draws: { quick: [20, 40], full: [20, 40] },
      sizes: orders,
      measures: {
        gapOfTwenty: {
          quantity: '20 variables: gap',
          over: 'share',
          count: { of: 'draws', '≤': 0.01 },
          '≥': 0.8,
          check: true,
        },
        better: {
          quantity: '20 variables: swaps of any two that would still lower the score, all draws',
          '≤': 0,
          check: true,
        },
        distanceOfTwenty: { quantity: '20 variables: SHD', over: 'mean', '≤': 3, check: true },
        gapOfMore: {
          quantity: '{60 or 100} variables: gap',
          over: 'share',
          count: { of: 'draws', '≤': 0.1 },
          '≥': 2 / 3,
        },
        secondsOfMore: { quantity: '100 variables: seconds', over: 'median', '≤': { full: 60 }, check: true },
      },
    },
    'by-gradient': {
      experiment: 'candidates',
      ingredient: 'swaps of the smallest acyclicity gradient, which counts all walks',
      draws: { quick: [10, 20], full: [10, 20] },
      sizes: candidates,
      measures: {
        evaluations: {
          quantity: 'evaluations to a gap of 0.1 from a random order, over those of swaps at random',
          over: 'share',
          count: { of: 'draws', '<': 1 },
          '>': 0.5,
        },
        variance: {
          quantity: 'the same from the order by variance',
          over: 'share',
          count: { of: 'draws', '<': 1 },
          '>': 0.5,
        },
        few: {
          quantity: '1.5 swaps a variable each round, no more: gap less that of swaps at random, from a random order',
          over: 'share',
          count: { of: 'draws', '<': 0 },
          '>': 0.5,
        },
      },
    },
    'lower-scores': {
      experiment: 'repair',
      ingredient: 'the swaps',
      draws,
      sizes: repair,
      measures: { notears: less('NOTEARS'), golem: less('GOLEM-EV') },
    },
    'repairs-notears': {
      experiment: 'repair',
      ingredient: 'the swaps',
      draws,
      sizes: repair,
      measures: {
        // What stops short must be NOTEARS, not a part of it.
        cycles: { quantity: 'h of NOTEARS', over: 'share', count: { of: 'draws', '≤': 1e-8 }, '≥': 0.8, check: true },
        fitted: {
          quantity: 'loss of NOTEARS above that refitted along its order',
          over: 'median',
          '≤': 0.01,
          check: true,
        },
        // The score is a sum over variables.
        before: { quantity: 'gap of NOTEARS', over: 'mean', '≥': { quick: 0.05, full: 0.1 }, check: true },
        change: { quantity: 'change of the gap by swaps, largest', '≤': 0, check: true },
        after: { quantity: 'gap after swaps', over: 'share', count: { of: 'draws', '≤': 0.01 }, '≥': 0.8 },
      },
    },
    monotone: {
      experiment: 'orders',
      ingredient: 'swaps made at once lie in stretches of the order that do not meet',
      sizes: orders,
      measures: { rise: { quantity: 'largest change of the score in a round', '<': 0 } },
    },
  },
  grids: {},
} as const satisfies Locked;
