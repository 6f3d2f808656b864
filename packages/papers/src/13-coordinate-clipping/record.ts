import type { PaperRecord } from '../record.ts';

export const record = {
  number: 13,
  slug: '13-coordinate-clipping',
  title: 'Toward Understanding Why Adam Converges Faster Than SGD for Transformers',
  authors: 2,
  firstAuthors: ['Pan', 'Li'],
  date: '2023-05-31',
  venue: 'OPT workshop at NeurIPS 2022; extended on arXiv, 2023',
  arxiv: '2306.00204',
  family: 'training',
  methods: ['Adam', 'SGD', 'coordinate-wise clipping', 'directional sharpness', 'signSGD'],
  summary:
    "Transformers train well with Adam and badly with plain gradient descent. This paper looks at the curvature along each optimiser's own direction and finds it far larger for gradient descent, because a few coordinates carry both large gradients and large curvature. Clipping just those coordinates makes the direction flatter, the predicted decrease larger, and training faster, with a single line of code. We measure directional sharpness exactly along a run of a small character transformer, then train with and without clipping, each at its best learning rate.",
  formulas: [
    {
      tex: String.raw`f(x + \eta v) = f(x) + \eta\, g^\top v + \tfrac{\eta^2}{2}\, v^\top H v + O(\eta^3)`,
      says: 'Along a unit direction v, slope and directional sharpness decide how much a step can gain.',
    },
    {
      tex: String.raw`\operatorname{clip}(u)_i = \operatorname{sign}(u_i)\,\min(\lvert u_i\rvert, \tau)`,
      says: 'The threshold is set so that a chosen share of all coordinates is clipped.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'A character transformer of two layers on a volume of a novel instead of models of T5 and GPT-Neo size; sharpness is exact, by Hessian-vector products. Where clipping sits relative to momentum is reconstructed.',
  },
  claims: [
    {
      id: 'sharpness',
      sentence:
        "Gradient descent's direction is much sharper than Adam's, and clipping a tenth of the coordinates removes a good part of that.",
      ingredient: 'the bar that the largest coordinates are cut to',
      quantity: 'ratios of directional sharpness along a run of Adam, medians over points with positive curvature',
      draws: { quick: [3, 6], full: [3, 6] },
      setting: {
        quick: 'width 32, contexts of 24 characters, three points up to step 60, a batch of 8 at each',
        full: 'width 64, contexts of 48 characters, seven points up to step 200, four batches of 16 at each',
      },
      measures: {
        adam: {
          quantity: 'sharpness of SGD over that of Adam',
          over: 'geometric mean',
          '≥': { quick: 3, full: 5 },
        },
        clipped: {
          quantity: 'sharpness of SGD over that of SGD clipped at 10 %',
          over: 'geometric mean',
          '≥': { quick: 1.4, full: 1.8 },
        },
        order: { quantity: 'sharpness of {one over the next}', over: 'geometric mean', '>': { full: 1 } },
        differences: {
          quantity: 'relative distance from the sharpness by differences of gradients, the largest',
          '≤': 1e-3,
        },
      },
    },
    {
      id: 'local-decrease',
      sentence: 'The clipped direction promises a larger decrease, and keeps the promise.',
      ingredient: 'the bar that the largest coordinates are cut to',
      quantity: 'best decrease along the gradient clipped at 10 % over that along the gradient, at the last point',
      draws: { quick: [3, 6], full: [3, 6] },
      setting: { quick: 'after 60 steps of Adam, a batch of 8', full: 'after 200 steps of Adam, four batches of 16' },
      measures: {
        predicted: {
          quantity: 'predicted decrease, clipped over not',
          over: 'geometric mean',
          '≥': { quick: 1.1, full: 1.3 },
        },
        found: {
          quantity: 'decrease of the loss by a search, clipped over not',
          over: 'geometric mean',
          '≥': { quick: 1.1, full: 1.3 },
        },
      },
    },
    {
      id: 'training',
      sentence: 'Clipped SGD closes much of the gap to Adam and bears larger steps.',
      quick: 'Clipped SGD trains to a lower loss than SGD.',
      ingredient: 'the bar that the largest coordinates are cut to',
      quantity: 'mean of the last training losses, each method at its best rate of those a factor of 2 apart',
      draws: { quick: [3, 6, 12], full: [3, 6] },
      setting: {
        quick: '60 steps, the last 15 losses, width 32, contexts of 24 characters, batches of 8',
        full: '200 steps, the last 30 losses, width 64, contexts of 48 characters, batches of 16',
      },
      measures: {
        loss: {
          quantity: 'loss of SGD clipped at 10 %',
          over: 'mean',
          '≤': { full: { of: 'that of SGD', plus: -0.015 } },
          '<': { quick: { of: 'that of SGD' } },
        },
        gap: { quantity: 'share of the gap between SGD and Adam that is closed', over: 'mean', '≥': { full: 0.5 } },
        rates: { quantity: 'largest stable rate, clipped over not', over: 'geometric mean', '≥': { full: 3 } },
        adam: { quantity: 'loss of Adam', over: 'mean', '≤': { full: { of: 'that of SGD', plus: -0.02 } } },
      },
    },
    {
      id: 'steep-coordinate',
      sentence: 'Where one coordinate of a hundred is steep, a clipped step gains more than a gradient step.',
      ingredient: 'the bar that the largest coordinates are cut to',
      quantity: 'decrease of a quadratic along the clipped gradient over that along the gradient',
      setting: {
        quick: '½Σhᵢxᵢ² with h₁ = 10⁴, else 1, from x₁ = 0.1, else 1',
        full: '½Σhᵢxᵢ² with h₁ = 10⁴, else 1, from x₁ = 0.1, else 1',
      },
      measures: {
        predicted: { quantity: 'predicted decrease, clipped over not', '>': 1 },
        found: { quantity: 'decrease by a search, clipped over not', '>': 1 },
      },
    },
  ],
  picture: {
    experiment: 'sharpness',
    title: 'directional sharpness',
    says: 'Curvature along the unit directions of five methods, at the same points of a run of Adam.',
  },
} as const satisfies PaperRecord;
