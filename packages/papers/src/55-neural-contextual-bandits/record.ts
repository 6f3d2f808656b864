import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 55,
  slug: '55-neural-contextual-bandits',
  title: 'Contextual Bandits with Online Neural Regression',
  authors: 5,
  firstAuthors: ['Deb', 'Ban', 'Zuo'],
  date: '2023-12',
  venue: 'ICLR 2024',
  arxiv: '2312.07145',
  family: 'decision',
  methods: ['NeuFastCB', 'NeuSquareCB', 'SquareCB', 'NeuralUCB', 'NeuralTS', 'inverse gap weighting'],
  summary:
    'A recommender sees contexts, picks one option and learns only how that one did. Neural versions usually explore by confidence widths, whose theory breaks down against adversaries. This work trains a network online to predict losses and explores by the gap to the best prediction, with guarantees even against adversaries; log loss gains further when the best policy hardly errs. A small random perturbation of the prediction serves the proof. We will play classification data as bandits, each method with an equal budget of tuning, and test whether the perturbation helps.',
  formulas: [
    {
      tex: String.raw`p_{t,a} = \frac{1}{K + \gamma_t\,(\hat y_{t,a} - \hat y_{t,b})},\quad a \ne b = \arg\min_a \hat y_{t,a}`,
      says: 'Inverse gap weighting: options predicted worse are tried in proportion to one over their gap.',
    },
    {
      tex: String.raw`\operatorname{Reg}(T) = \tilde O\bigl(\sqrt{KT}\bigr)\quad\text{and}\quad \tilde O\bigl(\sqrt{K L^*} + K\bigr)`,
      says: 'Regret with square loss, and with log loss where the best policy loses L* in total.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The algorithms are complete, on data sets that ship with Debian and npm packages and up to 10,000 rounds. Margins are provisional until all methods have been tuned alike.',
  },
  claims: [
    {
      id: 'fast-wins',
      sentence: 'Exploring by gaps with log loss does at least as well as the best of the other methods.',
      quantity: 'mean regret over that of the best equally tuned baseline',
      setting: { quick: '500 rounds, one seed', full: 'five seeds (provisional)' },
      measures: {
        satellite: { quantity: 'Satellite: regret over that of the best other', '≤': { quick: 1.15, full: 1 } },
        letter: { quantity: 'Letter: regret over that of the best other', '≤': { full: 0.9 } },
      },
    },
    {
      id: 'square-loss',
      sentence: 'The version with square loss keeps up with tuned random exploration.',
      quantity: 'mean regret over that of ε-greedy',
      setting: { quick: 'one set', full: 'both sets' },
      measures: {
        ratio: { quantity: '{each set}: regret over that of ε-greedy', '≤': { quick: 1.25, full: 1.1 } },
      },
    },
    {
      id: 'better-than-chance',
      sentence: 'Every method learns.',
      quantity: 'cumulative loss over that of uniform play',
      setting: { quick: '500 rounds', full: 'all rounds' },
      measures: {
        loss: { quantity: '{each method}: loss over that of uniform play', '≤': { quick: 0.95, full: 0.85 } },
      },
    },
    {
      id: 'regression',
      sentence: 'Regularised online regression has logarithmic regret where the usual step sizes give a square root.',
      quantity: 'regret/ln T at 10⁴ over that at 10³ rounds; growth without the ridge',
      bar: { quick: 'up to 3000 rounds: ≤ 2', full: '≤ 2; exponent near ½ with 1/√t steps' },
    },
  ],
};
