import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 5,
  slug: '05-transductive-clustering',
  title: 'Transductive Few-Shot Learning: Clustering is All You Need?',
  authors: 5,
  firstAuthors: ['Ziko', 'Boudiaf', 'Dolz'],
  date: '2021-06',
  venue: 'arXiv preprint, 2021',
  arxiv: '2106.09516',
  code: 'https://github.com/imtiazziko/SLK-few-shot',
  family: 'clustering',
  methods: ['SLK', 'SLK-Means', 'SLK-MS', 'K-means', 'K-modes', 'mean shift', 'LaplacianShot'],
  summary:
    'Few-shot methods label a batch of images from one or five examples a class, often by elaborate training. This work answers with clustering: K-means or mean-shift prototypes, a graph term that makes neighbours agree, and the known labels held fixed. A bound optimiser updates all assignments in parallel and never raises the energy. Plain clustering on good features already rivals far heavier methods; the graph helps most when examples are few. We test both on digits described by features of other digits, and the graph term on clustering whole data sets.',
  formulas: [
    {
      tex: String.raw`\min_{Z,C}\; \sum_{p,k} z_{pk}\, d(x_p, c_k) - \tfrac{\lambda}{2} \sum_k z_k^\top W z_k`,
      says: 'Points should lie near their prototype, and neighbours in the graph W should share a cluster.',
    },
    {
      tex: String.raw`z_p \leftarrow \operatorname{softmax}\Bigl(-a_p + \lambda \textstyle\sum_q W_{pq}\, z_q\Bigr)`,
      says: 'One parallel pass minimises an upper bound of the relaxed energy, a being the distances to the prototypes.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Optimiser and clustering study are complete; in the few-shot part, features of pretrained ResNets are replaced by PCA features of MNIST digits.',
  },
  claims: [
    {
      id: 'one-shot',
      sentence:
        'With one example a class, clustering the queries beats nearest prototypes, and the graph term adds to it.',
      quantity: 'accuracy over paired 5-way episodes on unseen digits, against nearest prototypes',
      bar: {
        quick: '60 episodes: K-means ≥ +0.5 point; SLK at λ = 1 ≥ +1.5 points',
        full: '300 episodes: K-means ≥ +1.5 points; SLK at λ = 1 ≥ +3 points; paired 95 % intervals exclude 0',
      },
    },
    {
      id: 'clamped-labels',
      sentence: 'With five examples a class, holding their labels fixed is what makes the method pay.',
      quantity: 'accuracy of SLK at λ = 1 over paired episodes',
      bar: {
        quick: '60 episodes: ≥ prototypes + 2 points and ≥ unclamped + 2 points',
        full: '300 episodes: ≥ prototypes + 3.5 points and ≥ unclamped + 4 points',
      },
    },
    {
      id: 'clustering',
      sentence: 'The graph term improves clusters of whole data sets.',
      quantity: 'mean normalised mutual information at λ = 2 minus that of K-means from the same starts',
      bar: { quick: '8 × 8 digits, three starts: ≥ 0.02', full: '8 × 8 digits and MNIST, ten starts: ≥ 0.03 on both' },
    },
  ],
};
