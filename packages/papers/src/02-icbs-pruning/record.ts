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
    'Pruning sets most weights of a trained network to zero and hopes that its answers stay the same. Choosing which weights go is a binary quadratic programme far too large to solve at once. iCBS takes a few hundred weights at a time, builds the quadratic model of the loss on them, and decides anew which are kept, the number of zeros staying fixed. Repeating this over blocks trades time for quality, which one-shot scores cannot. We prune small digit classifiers to a tenth and a fifth of their weights and measure what is gained over Wanda and over a model without interactions.',
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
      bar: {
        quick: "density 0.1, 50 steps, one seed: test accuracy ≥ Wanda's + 0.05 and training loss ≤ 0.75 × Wanda's",
        full: "density 0.1, 150 steps, three seeds: test accuracy ≥ Wanda's + 0.08 and ≥ 0.84, training loss ≤ 0.7 × Wanda's; density 0.2: training loss ≤ 0.75 × Wanda's; every density exact to the weight",
      },
    },
    {
      id: 'time-for-quality',
      sentence: 'More steps give a better network, so quality can be bought with time.',
      quantity: 'training loss at density 0.1 after 0, 50 and 150 steps, mean over seeds',
      bar: {
        quick: 'after 50 steps ≤ 0.75 × the start, one seed',
        full: 'after 50 steps ≤ 0.7 × the start; after 150 steps ≤ 1.02 × that after 50',
      },
    },
    {
      id: 'interactions-matter',
      sentence: 'The gain comes from interactions between weights: a model that keeps only the diagonal falls behind.',
      quantity: 'training loss at density 0.1 with the diagonal of Q over that with all of Q',
      bar: {
        quick: '≥ 1.2 after 50 steps without acceptance test',
        full: '≥ 1.5 without acceptance test and ≥ 1.08 with it, 150 steps',
      },
    },
  ],
};
