import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
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
    "Transformers train well with Adam and badly with plain gradient descent. This paper looks at the curvature along each optimiser's own direction and finds it far larger for gradient descent, because a few coordinates carry both large gradients and large curvature. Clipping just those coordinates makes the direction flatter, the predicted decrease larger, and training faster, with a single line of code. We will measure directional sharpness exactly along a run of a small character transformer, then train with and without clipping, each at its best learning rate.",
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
    note: 'A character transformer of two layers instead of models of T5 and GPT-Neo size; sharpness is exact, by Hessian-vector products. Where clipping sits relative to momentum is reconstructed.',
  },
  claims: [
    {
      id: 'sharpness',
      sentence:
        "Gradient descent's direction is much sharper than Adam's, and clipping a tenth of the coordinates removes a good part of that.",
      quantity: 'ratios of directional sharpness along an Adam run, medians over points',
      bar: {
        quick: 'three points, one batch each, a smaller model: SGD ≥ 3 × Adam and ≥ 1.4 × clipped SGD',
        full: 'seven points, four batches, three seeds: SGD ≥ 5 × Adam and ≥ 1.8 × clipped at 10 %; order SGD > clip 10 % > clip 50 % > sign and Adam',
      },
    },
    {
      id: 'local-decrease',
      sentence: 'The clipped direction promises a larger decrease.',
      quantity: 'best predicted decrease of clipping 10 % over that of SGD at step 200',
      setting: { quick: 'the last point', full: 'step 200' },
      measures: {
        ratio: { quantity: 'clipping 10 % over SGD', '≥': { quick: 1.1, full: 1.3 } },
      },
    },
    {
      id: 'training',
      sentence: 'Clipped SGD closes much of the gap to Adam and bears larger steps.',
      quantity: 'mean of the last 30 training losses, best learning rate of each; largest stable rate',
      bar: {
        quick: '60 steps, one seed: clipped ≤ SGD',
        full: "200 steps, each of three seeds: clipped ≤ SGD − 0.015, ≥ 50 % of the gap closed, largest stable rate ≥ 3 × SGD's, Adam ≤ SGD − 0.02",
      },
    },
  ],
};
