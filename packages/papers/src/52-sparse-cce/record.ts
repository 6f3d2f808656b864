import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 52,
  slug: '52-sparse-cce',
  title: 'Hardness of Independent Learning and Sparse Equilibrium Computation in Markov Games',
  authors: 3,
  firstAuthors: ['Foster', 'Golowich', 'Kakade'],
  date: '2023-03',
  venue: 'ICML 2023',
  arxiv: '2303.12287',
  family: 'decision',
  methods: [
    'SparseCCE',
    'coarse correlated equilibrium',
    'Vovk aggregator',
    'Hedge',
    'Nash equilibrium',
    'Markov games',
  ],
  summary:
    'In one-shot games independent learners without regret end in a kind of equilibrium. In games with states, this paper proves, they cannot do so quickly: if they could, the mixture of their few policies would be a sparse equilibrium, and from that a hard equilibrium of an embedded game could be read off, since a deviator soon learns which policy was drawn. Hardness itself cannot be run, but every object can: we will compute exact gaps of mixtures, let Hedge play, and extract near-equilibria by the reduction.',
  formulas: [
    {
      tex: String.raw`\max_{\pi_i}\; \frac1T\sum_{t=1}^T \bigl[V_i(\pi_i \times \sigma_{-i}^{(t)}) - V_i(\sigma^{(t)})\bigr] \le \varepsilon`,
      says: 'A mixture of T product policies is a sparse equilibrium if no player gains from any deviation, even one that remembers.',
    },
    {
      tex: String.raw`\mathbb E \sum_h \operatorname{KL}\bigl(\sigma_{-i,h}^{(t^*)} \,\Vert\, q_h\bigr) \le \ln T`,
      says: 'A deviator who aggregates predictions learns the drawn policy at a total cost of ln T.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Objects and reduction are constructive and complete; the hardness theorems have no experiment, only finite consequences that are checked here.',
  },
  claims: [
    {
      id: 'threshold',
      sentence:
        'Few policies over a long game leave a large gap for a deviator with memory, and almost none for one without.',
      quantity: 'exact gaps of random code books of T policies over H steps',
      bar: {
        quick: 'H = 16, T ≤ 256: ≥ 1 − log₂T/H − 0.02',
        full: 'H = 8, 16, 32, T ≤ 1024: ≥ 1 − log₂T/H − 0.02; without memory ≤ 0.1 for T ≥ 256; linear code exactly (H − k)/H',
      },
    },
    {
      id: 'learners-fail',
      sentence: 'Hedge reaches a one-shot equilibrium, yet in the repeated game the aggregating deviator gains a lot.',
      quantity: 'one-shot gap; gap at H = 100; total divergence',
      bar: {
        quick: 'H = 20: ≤ 0.03; ≥ 0.2; ≤ ln T',
        full: '≤ 0.03; ≥ 0.25; ≤ ln T within three standard errors; gap not falling with H',
      },
    },
    {
      id: 'reduction',
      sentence: 'From any sparse equilibrium a near-Nash pair of the embedded game is extracted.',
      quantity: 'Nash gap of the extracted pair against 3ε + 8√(ln T/(2H))',
      bar: { quick: '10 games: not above', full: '50 games: not above; ≤ 1e-9 from exact equilibria' },
    },
  ],
};
