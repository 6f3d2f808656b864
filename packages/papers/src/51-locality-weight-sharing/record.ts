import type { PaperRecord } from '../record.ts';

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
    level: 'full',
    note: "The paper's own experiments are of this size; the protocol of the search is reconstructed, with noise and threshold chosen by hand.",
  },
  claims: [
    {
      id: 'weight-sharing',
      sentence: 'Sharing weights saves a factor that grows with the number of patches.',
      quick: 'Sharing weights saves a large part of the samples.',
      ingredient: 'one filter for all patches',
      quantity: 'samples of LCN over CNN to a sign error of 0.05 at d = 20, over draws of the pattern',
      draws: { quick: [4, 8], full: [5, 10, 20] },
      measures: {
        eight: { quantity: 'LCN over CNN at k = 8', over: 'geometric mean', '≥': { quick: 3, full: 4 } },
        sixteen: { quantity: 'LCN over CNN at k = 16', over: 'geometric mean', '≥': { full: 8 } },
        eightFainter: { quantity: 'LCN over CNN at k = 8, σ = 0.7/√k', over: 'geometric mean', '≥': { full: 4 } },
        sixteenFainter: { quantity: 'LCN over CNN at k = 16, σ = 0.7/√k', over: 'geometric mean', '≥': { full: 8 } },
      },
    },
    {
      id: 'locality',
      sentence: 'Looking locally saves a further factor.',
      ingredient: 'units that see a patch alone',
      quantity: 'samples of FCN over LCN to a sign error of 0.05, over draws of the pattern',
      draws: { quick: [4, 8], full: [5, 10, 20] },
      measures: {
        four: { quantity: 'FCN over LCN at k = 4, d = 10', over: 'geometric mean', '≥': { quick: 3, full: 4 } },
        six: { quantity: 'FCN over LCN at k = 6, d = 10', over: 'geometric mean', '≥': { full: 6 } },
        order: { quantity: 'samples of {one net over another}', over: 'geometric mean', '≥': { full: 1 } },
      },
    },
    {
      id: 'growth',
      sentence: 'Samples grow with patches much faster without sharing, and linearly with the patch size.',
      quick: 'Without sharing, samples grow with patches far faster than in proportion.',
      ingredient: 'a pattern that moves, so that each filter of LCN sees it in one example of k',
      quantity: 'slopes of log samples, of LCN and CNN in log k at d = 20, of LCN in log d at k = 8, over draws',
      setting: { quick: 'k = 4, 8', full: 'k = 4, 8, 16; d = 10, 20, 40' },
      draws: { quick: [4, 8], full: [5, 10, 20] },
      measures: {
        apart: { quantity: 'slope in k of LCN less that of CNN', over: 'mean', '≥': { full: 0.8 } },
        patches: { quantity: 'slope of LCN in k', over: 'mean', '≥': { quick: 1.5, full: 1.5 }, '≤': { full: 4 } },
        size: { quantity: 'slope of LCN in d', over: 'mean', '≥': { full: 0.6 }, '≤': { full: 1.4 } },
      },
    },
    {
      id: 'controls',
      sentence:
        'A fixed patch or shuffled pixels take the advantage away; rotated inputs change nothing for the fully connected.',
      ingredient: 'a pattern that moves, and training that treats rotations alike',
      quantity: 'samples to a sign error of 0.05, over draws; what a net needs beyond the most counts as the most',
      setting: {
        quick: 'k = 4, d = 10; fixed patches k = 8, d = 20; at most 1024 samples',
        full: 'k = 4, d = 10; fixed patches k = 8, d = 20; at most 4096 samples',
      },
      draws: { quick: [4, 8], full: [5, 10, 20] },
      measures: {
        fixed: {
          quantity: 'LCN over CNN on a fixed patch, over the same with a moving one',
          over: 'geometric mean',
          '<': { quick: 1, full: 1 },
        },
        shuffled: {
          quantity: 'samples of {a local net} with shuffled pixels over plain ones',
          over: 'geometric mean',
          '>': { quick: 1, full: 1 },
        },
        level: {
          quantity: 'samples of {a local net} over FCN with shuffled pixels, k = 6',
          over: 'geometric mean',
          '≥': { full: 1 },
        },
        turned: {
          quantity: 'samples of FCN with {turned} inputs over plain ones',
          over: 'geometric mean',
          '≥': { quick: 0.5, full: 0.7 },
          '≤': { quick: 2, full: 1.42 },
        },
      },
    },
  ],
  picture: {
    experiment: 'growth',
    title: 'Samples needed by the number of patches',
    series: { CNN: 'CNN', LCN: 'LCN', FCN: 'FCN' },
    says: 'Examples that convolutional, locally connected and fully connected networks need to a sign error of 0.05, by the number of patches.',
  },
} as const satisfies PaperRecord;
