import type { Locked } from '../verdicts/locked.ts';

const episodes = { ways: 5, queries: 15, components: 60 } as const;

export const locked = {
  claims: {
    'one-shot': {
      experiment: 'few-shot',
      ingredient: 'the message of neighbours to a point, and prototypes that move',
      measures: {
        kMeans: {
          quantity: 'K-means − prototypes, points',
          over: 'mean',
          '≥': 1.5,
          check: true,
        },
        slk: {
          quantity: 'SLK (λ = 1) − prototypes, points',
          over: 'mean',
          '≥': 3,
          check: true,
        },
        graph: {
          quantity: 'SLK (λ = 1) − K-means, points',
          over: 'mean',
          '≥': 0.5,
          check: true,
        },
        lead: {
          quantity: 'SLK (λ = 1) − the best of prototypes, K-means and LaplacianShot, points',
          over: 'mean',
          '>': 0,
        },
      },
      draws: {
        quick: [200, 400, 800],
        full: [300, 600, 1200, 2400, 4800],
      },
      sizes: {
        quick: {
          ...episodes,
          baseImages: 400,
          shots: 1,
          lambda: 1,
          table: 60,
          validation: 60,
        },
        full: {
          ...episodes,
          baseImages: 'all',
          shots: 1,
          lambda: 1,
          table: 300,
          validation: 150,
        },
      },
      grids: ['LaplacianShot'],
    },
    'moving-prototypes': {
      experiment: 'few-shot',
      ingredient: 'prototypes set anew from the assignments',
      measures: {
        gain: {
          quantity: 'SLK − LaplacianShot, each with its λ, points',
          over: 'mean',
          '≥': 0.5,
        },
      },
      draws: {
        quick: [200, 400],
        full: [300, 600, 1200, 2400],
      },
      sizes: {
        quick: {
          ...episodes,
          baseImages: 400,
          shots: 1,
          validation: 60,
        },
        full: {
          ...episodes,
          baseImages: 'all',
          shots: 1,
          validation: 150,
        },
      },
      grids: ['SLK', 'LaplacianShot'],
    },
    'clamped-labels': {
      experiment: 'few-shot',
      ingredient: 'known labels held in every pass and prototype',
      measures: {
        overPrototypes: {
          quantity: 'SLK − prototypes, points',
          over: 'mean',
          '≥': 3.5,
          check: true,
        },
        overFree: {
          quantity: 'labels held − not held, points',
          over: 'mean',
          '≥': 4,
        },
      },
      draws: {
        quick: [50, 100, 200, 400, 800],
        full: [150, 300, 600, 1200],
      },
      sizes: {
        quick: {
          ...episodes,
          baseImages: 400,
          shots: 5,
          lambda: 1,
        },
        full: {
          ...episodes,
          baseImages: 'all',
          shots: 5,
          lambda: 1,
        },
      },
    },
    clustering: {
      experiment: 'clustering',
      ingredient: 'the message of neighbours to a point',
      measures: {
        gain: {
          quantity: '{each set}: NMI at λ = 2 − K-means',
          over: 'mean',
          '≥': 0.03,
        },
      },
      draws: {
        quick: [8, 16, 32],
        full: [10, 20, 40, 80],
      },
      sizes: {
        quick: {
          clusters: 10,
          neighbours: 5,
          lambda: 2,
          components: 50,
          sets: ['Digits'],
          table: 3,
        },
        full: {
          clusters: 10,
          neighbours: 5,
          lambda: 2,
          components: 50,
          sets: ['Digits', 'MNIST'],
          table: 10,
        },
      },
    },
    'bound-passes': {
      experiment: 'passes',
      ingredient: 'the message of neighbours to a point',
      measures: {
        rises: {
          quantity: 'passes that raise F at λ = {1, 2 and 4}',
          '≤': 0,
          check: true,
        },
        idle: {
          quantity: 'passes of the first five that do not lower F at λ = {1, 2 and 4}',
          '≤': 0,
          check: true,
        },
        above: {
          quantity:
            'passes of the first five that end above a pass from the same point by code of its own at λ = {1, 2 and 4}',
          '≤': 0,
          check: true,
        },
        wrong: {
          quantity: 'passes that raise F, or do not lower it or end above the other code among the first five',
          '≤': 0,
        },
      },
      sizes: {
        quick: {
          clusters: 10,
          neighbours: 5,
          lambdas: [1, 2, 4],
          starts: 3,
          passes: 10,
          first: 5,
        },
        full: {
          clusters: 10,
          neighbours: 5,
          lambdas: [1, 2, 4],
          starts: 10,
          passes: 60,
          first: 5,
        },
      },
    },
  },
  grids: {
    SLK: {
      lambda: [0.3, 0.5, 1, 2],
    },
    LaplacianShot: {
      lambda: [0.3, 0.5, 1, 2],
    },
  },
} as const satisfies Locked;
