import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
  number: 51,
  slug: '51-locality-weight-sharing',
  title:
    'Role of Locality and Weight Sharing in Image-Based Tasks: A Sample Complexity Separation between CNNs, LCNs, and FCNs',
  authors: 5,
  firstAuthors: ['Lahoti', 'Karp', 'Winston'],
  date: '2024-03-23',
  venue: 'ICLR 2024 (spotlight)',
  arxiv: '2403.15707',
  family: 'training',
  methods: ['CNN', 'locally connected network', 'fully connected network', 'sample complexity', 'equivariance'],
  summary:
    'Why do convolutional networks need fewer examples? Two reasons are mixed: they look at small patches, and they use the same weights everywhere. This paper takes them apart on a task in which a faint pattern appears in one of k patches. It proves that fully connected networks need more examples than local ones by a factor of the number of patches, and local ones more than convolutional ones, for any training that treats rotations alike. We measure the samples needed by each, how they grow, and controls that take the advantage away.',
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
    level: 'scaled',
    note: 'k up to 16 of about 30, and up to 6 for fully connected networks; the protocol of the search is reconstructed, with noise and threshold chosen by hand.',
  },
  claims: [
    {
      id: 'weight-sharing',
      sentence: 'Sharing weights divides the samples needed by more than half the number of patches.',
      quantity: 'samples of LCN over CNN to a sign error of 0.05 at d = 20, over draws of the pattern',
      setting: { quick: 'k = 8, σ = 0.25', full: 'k = 8 and 16, σ = 0.25 and 0.7/√k' },
      ...locked.claims['weight-sharing'],
    },
    {
      id: 'locality',
      sentence: 'Looking at patches alone divides the samples needed by more than the number of patches.',
      quantity: 'samples of FCN over LCN to a sign error of 0.05, over draws of the pattern',
      setting: { quick: 'k = 4 at d = 10', full: 'k = 4 and 6 at d = 10, k = 2 and 4 at d = 20' },
      ...locked.claims.locality,
    },
    {
      id: 'growth',
      sentence: 'Samples grow with the number of patches by a power that is higher by 0.8 without sharing.',
      quantity: 'slopes of log samples, of LCN and CNN in log k at d = 20, of LCN in log d at k = 8, over draws',
      setting: { quick: 'k = 4, 8, 16', full: 'k = 4, 8, 16; d = 10, 20, 40' },
      ...locked.claims.growth,
    },
    {
      id: 'fixed-patch',
      sentence: 'Where the pattern stays in one patch, shared weights save less.',
      quantity:
        'samples to a sign error of 0.05 at k = 8, d = 20, over draws; what a net needs beyond the most counts as the most',
      setting: { quick: 'at most 1024 samples', full: 'at most 4096 samples' },
      ...locked.claims['fixed-patch'],
    },
    {
      id: 'shuffled-pixels',
      sentence: 'Shuffled pixels cost the local networks samples.',
      quantity:
        'samples to a sign error of 0.05 at k = 4, d = 10, over draws; what a net needs beyond the most counts as the most',
      setting: { quick: 'at most 1024 samples', full: 'at most 4096 samples' },
      ...locked.claims['shuffled-pixels'],
    },
  ],
  picture: {
    experiment: 'growth',
    title: 'Samples needed by the number of patches',
    series: ['CNN', 'LCN', 'FCN'],
    says: 'Examples that convolutional, locally connected and fully connected networks need to a sign error of 0.05, by the number of patches.',
  },
} as const satisfies PaperRecord;
