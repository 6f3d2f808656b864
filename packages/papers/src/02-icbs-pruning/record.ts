import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 2,
  slug: '02-icbs-pruning',
  title: 'Scalable iterative pruning of large language and vision models using block coordinate descent',
  authors: 7,
  firstAuthors: ['Rosenberg', 'Brubaker', 'Schuetz'],
  date: '2024-11-26',
  venue: 'arXiv preprint, 2024',
  arxiv: '2411.17796',
  family: 'compression',
  methods: ['iCBS', 'Combinatorial Brain Surgeon', 'Wanda', 'magnitude pruning', 'simulated annealing'],
  summary:
    'Pruning sets most weights of a trained network to zero and hopes that its answers stay the same. Choosing which weights go is a binary quadratic programme far too large to solve at once. iCBS takes a few hundred weights at a time, builds the quadratic model of the loss on them, and decides anew which are kept, the number of zeros staying fixed. Repeating this over blocks trades time for quality, which one-shot scores cannot. We will prune small digit classifiers to a tenth and a fifth of their weights and measure what is gained over Wanda and over a model without interactions.',
  formulas: [
    {
      tex: String.raw`\Delta L(x) \approx \alpha\, g^\top\delta + \tfrac12\,\delta^\top H\,\delta + \lambda\lVert\delta\rVert^2,\qquad \delta = -(w - w_0 + w_0 \circ x)`,
      says: 'Within a block, the change of the loss is modelled to second order in the step that the binary choice x (1 = pruned) implies.',
    },
    {
      tex: String.raw`\min_{x \in \{0,1\}^n} x^\top Q\,x \quad\text{subject to}\quad \textstyle\sum_i x_i = k`,
      says: 'Each block becomes a binary quadratic problem with a fixed number of pruned weights.',
    },
  ],
  fidelity: {
    level: 'scaled',
    note: 'The method is complete; Mistral-7B and DeiT are replaced by small networks on MNIST digits, and text by images for calibration.',
  },
  claims: [
    {
      id: 'beats-wanda',
      sentence:
        'At equal density, re-deciding blocks keeps a much better network than the Wanda score that it starts from.',
      quantity: 'test accuracy and training loss after pruning, against Wanda per layer',
      setting: { quick: 'density 0.1, 50 steps, one seed', full: '150 steps, three seeds' },
      measures: {
        accuracy: { quantity: "density 0.1: test accuracy less Wanda's", '≥': { quick: 0.05, full: 0.08 } },
        absolute: { quantity: 'density 0.1: test accuracy', '≥': { full: 0.84 } },
        loss: { quantity: "density 0.1: training loss over Wanda's", '≤': { quick: 0.75, full: 0.7 } },
        lossOfFifth: { quantity: "density 0.2: training loss over Wanda's", '≤': { full: 0.75 } },
        density: { quantity: 'weights by which a density is missed, largest', '≤': { full: 0 } },
      },
    },
    {
      id: 'time-for-quality',
      sentence: 'More steps give a better network, so quality can be bought with time.',
      quantity: 'training loss at density 0.1 after 0, 50 and 150 steps, mean over seeds',
      setting: { quick: 'one seed', full: 'three seeds' },
      measures: {
        fifty: { quantity: 'training loss after 50 steps over that of the start', '≤': { quick: 0.75, full: 0.7 } },
        later: { quantity: 'training loss after 150 steps over that after 50', '≤': { full: 1.02 } },
      },
    },
    {
      id: 'interactions-matter',
      sentence: 'The gain comes from interactions between weights: a model that keeps only the diagonal falls behind.',
      quantity: 'training loss at density 0.1 with the diagonal of Q over that with all of Q',
      setting: { quick: '50 steps', full: '150 steps' },
      measures: {
        free: { quantity: 'diagonal over all of Q, without acceptance test', '≥': { quick: 1.2, full: 1.5 } },
        tested: { quantity: 'diagonal over all of Q, with acceptance test', '≥': { full: 1.08 } },
      },
    },
  ],
};
