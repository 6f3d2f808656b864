import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 51,
  slug: '51-locality-weight-sharing',
  title:
    'Role of Locality and Weight Sharing in Image-Based Tasks: A Sample Complexity Separation between CNNs, LCNs, and FCNs',
  authors: 5,
  firstAuthors: ['Lahoti', 'Karp', 'Winston'],
  date: '2024-03',
  venue: 'ICLR 2024 (spotlight)',
  arxiv: '2403.15707',
  family: 'training',
  methods: ['CNN', 'locally connected network', 'fully connected network', 'sample complexity', 'equivariance'],
  summary:
    'Why do convolutional networks need fewer examples? Two reasons are mixed: they look at small patches, and they use the same weights everywhere. This paper takes them apart on a task in which a faint pattern appears in one of k patches. It proves that fully connected networks need more examples than local ones by a factor of the number of patches, and local ones more than convolutional ones, for any training that treats rotations alike. We will measure the samples needed by each, how they grow, and two controls that should remove the advantage.',
  formulas: [
    {
      tex: String.raw`x^{(t)} = y\,w^* + \sigma\xi,\qquad x^{(i)} = \sigma\xi\quad (i \ne t)`,
      says: 'A signed pattern hides in one random patch; all else is noise.',
    },
    {
      tex: String.raw`n^*:\quad \text{FCN } \Omega(\sigma^2 k^2 d),\quad \text{LCN } \Omega(\sigma^2 k d),\quad \text{CNN } O\bigl(\sigma^2(k + d)\ln(kd)\bigr)`,
      says: 'Samples needed with k patches of dimension d.',
    },
  ],
  fidelity: {
    level: 'full',
    note: "The paper's own experiments are of this size; the protocol of the search is reconstructed, with noise and threshold chosen by hand.",
  },
  claims: [
    {
      id: 'weight-sharing',
      sentence: 'Sharing weights saves a factor that grows with the number of patches.',
      quantity: 'samples of LCN over CNN at d = 20',
      bar: { quick: 'k = 8, two repeats: ≥ 3', full: 'k = 8 and 16: ≥ k/2; also with σ shrinking as 1/√k' },
    },
    {
      id: 'locality',
      sentence: 'Looking locally saves a further factor.',
      quantity: 'samples of FCN over LCN',
      bar: { quick: 'k = 4, d = 10: ≥ 3', full: 'k = 4 and 6: ≥ k' },
    },
    {
      id: 'growth',
      sentence: 'Samples grow with patches much faster without sharing, and linearly with the patch size.',
      quantity: 'log–log slopes of LCN and CNN in k, of LCN in d',
      bar: {
        quick: "LCN slope in k (4, 8) above CNN's by ≥ 0.5",
        full: 'LCN in k within [1.5, 4] and ≥ 0.8 above CNN; in d within [0.6, 1.4]',
      },
    },
    {
      id: 'controls',
      sentence:
        'A fixed patch or shuffled pixels take the advantage away; rotated inputs change nothing for the fully connected.',
      quantity: 'LCN over CNN on a fixed patch; FCN samples rotated over plain',
      bar: {
        quick: 'smaller than with a moving patch; within a factor 2',
        full: 'smaller; within noise of the repeats',
      },
    },
  ],
};
