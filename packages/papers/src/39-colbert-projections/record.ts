import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 39,
  slug: '39-colbert-projections',
  title: 'Simple Projection Variants Improve ColBERT Performance',
  authors: 5,
  firstAuthors: ['Clavié', 'Lee', 'Takehi'],
  date: '2025-10',
  venue: 'arXiv preprint, 2025',
  arxiv: '2510.12327',
  code: 'https://github.com/lightonai/pylate',
  family: 'retrieval',
  methods: ['ColBERT', 'MaxSim', 'late interaction', 'SwiGLU', 'residual connection', 'NDCG'],
  summary:
    'Late-interaction search keeps a vector for every token and scores a document by the best match of each query token. A single matrix shrinks these vectors to their stored size, and since only winning tokens teach it, that matrix gets sharp, conflicting updates. The paper swaps it for small networks: two layers with a wider middle, residuals, gates. Search costs the same afterwards. Gains of a couple of points are reported. We will compare the heads on dictionary definitions and example sentences, each at its own best learning rate, with intervals over many seeds.',
  formulas: [
    {
      tex: String.raw`s(Q, D) = \sum_i \max_j\,\langle q_i, d_j\rangle,\qquad q_i = \frac{P(h_i)}{\lVert P(h_i)\rVert}`,
      says: 'Each query token counts its best match; only that match receives gradient.',
    },
    {
      tex: String.raw`P(h) = W_2\bigl(\varphi(W_1 h) + R\,h\bigr)`,
      says: 'The recommended head: widen, add a residual, then reduce to the stored size.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'Heads, score, losses and evaluation are complete; pretrained encoders and MS MARCO are replaced by a small encoder on WordNet text. Expected gains are near the noise of seeds, and a negative result will be published as such.',
  },
  claims: [
    {
      id: 'better-head',
      sentence: 'The best of three small networks beats the single matrix at the same stored size.',
      quantity: 'mean NDCG@10 difference in points over seeds, each head at its own rate',
      setting: { quick: '2000 documents, two seeds', full: '10,000 documents, five seeds' },
      measures: {
        gain: { quantity: 'NDCG@10 difference, points', '>': { quick: 0 }, '≥': { full: 0.3 } },
        low: { quantity: 'lower end of the paired 95 % interval', '>': { full: 0 } },
      },
    },
    {
      id: 'most-are-fine',
      sentence: 'Most variants do no harm.',
      quantity: 'share of eight or more heads that are not worse than the matrix by more than 0.3 points',
      setting: { quick: 'four heads, margin 1 point', full: 'eight or more heads, margin 0.3 points' },
      measures: {
        share: { quantity: 'share that is not worse', '≥': 0.5 },
      },
    },
    {
      id: 'learns',
      sentence: 'Trained heads beat an untrained projection and the mean vector.',
      quantity: 'NDCG@10 difference in points, heads without gates',
      measures: {
        gain: { quantity: 'NDCG@10 difference in points, heads without gates', '≥': { quick: 1, full: 3 } },
      },
    },
    {
      id: 'folding',
      sentence: 'Heads without nonlinearity fold into one matrix with the same ranking.',
      quantity: 'queries whose ranking differs',
      measures: {
        queries: { quantity: 'queries whose ranking differs', '≤': 0 },
      },
    },
  ],
};
