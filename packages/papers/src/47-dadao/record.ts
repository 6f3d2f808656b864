import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 47,
  slug: '47-dadao',
  title: 'DADAO: Decoupled Accelerated Decentralized Asynchronous Optimization',
  authors: 2,
  firstAuthors: ['Nabli', 'Oyallon'],
  date: '2022-08',
  venue: 'ICML 2023 (PMLR 202)',
  arxiv: '2208.00779',
  code: 'https://github.com/AdelNabli/DADAO',
  family: 'distributed',
  methods: ['DADAO', 'ADOM+', 'MSDA', 'Continuized', 'gossip', 'decentralized optimization'],
  summary:
    'Machines on a network minimise the sum of their functions by talking to neighbours only. Most fast methods march in step, everybody waiting for the slowest. Here each node computes gradients and each link exchanges vectors at random times of its own, and between events all variables flow by a linear equation. It is accelerated in both gradients and messages without loops inside loops, and the number of gradients hardly depends on the network. We will simulate the events on several graphs and count both, beside synchronous rivals, and optimise how often each link should talk.',
  formulas: [
    {
      tex: String.raw`\Lambda = \sum_{(i,j) \in E} \lambda_{ij}\,(e_i - e_j)(e_i - e_j)^\top,\qquad \chi_1[\Lambda]\,\chi_2[\Lambda] \le \tfrac12`,
      says: 'The rates of the links must mix well enough; this fixes how much has to be said.',
    },
    {
      tex: String.raw`O\bigl(n\sqrt{L/\mu}\,\log\tfrac1\varepsilon\bigr)\ \text{gradients}`,
      says: 'The number of gradients does not depend on the network.',
    },
  ],
  fidelity: {
    level: 'full',
    note: 'Event-driven simulation with the constants of the official code; the convex programme for link rates is ours. With cheap exact dual gradients MSDA may need fewer gradients; that will be reported.',
  },
  claims: [
    {
      id: 'against-primal',
      sentence: 'It needs fewer gradients and far fewer messages than the synchronous primal methods.',
      quantity: 'gradients and communications to 1e-8 over those of ADOM+ with multi-consensus',
      bar: {
        quick: 'star, 16 nodes, one seed: ≤ 0.8 and ≤ 0.2',
        full: 'star, grid, cycle, path, 36 nodes, five seeds: ≤ 0.65 and ≤ 0.1; below plain ADOM+ on the same graphs',
      },
    },
    {
      id: 'graph-independence',
      sentence: 'The number of gradients hardly depends on the graph.',
      quantity: 'largest over smallest count over graphs',
      setting: { quick: 'two graphs, 16 nodes', full: 'six graphs' },
      measures: {
        count: { quantity: 'largest over smallest count over graphs', '≤': { quick: 1.4, full: 1.3 } },
      },
    },
    {
      id: 'acceleration',
      sentence: 'Gradients grow with the square root of the condition number.',
      quantity: 'ratio of gradients for each tenfold condition number',
      setting: { quick: '10 to 100', full: 'up to 1000' },
      measures: {
        ratio: {
          quantity: 'gradients for {each tenfold condition}',
          '≥': { quick: 2, full: 2.4 },
          '≤': { quick: 4.5, full: 4 },
        },
      },
    },
    {
      id: 'gossip-rates',
      sentence: 'Optimal link rates cut the talk on a barbell and never add to it.',
      quantity: 'optimal total rate, 16 nodes; communications over uniform rates',
      bar: {
        quick: 'barbell ≤ 35 against 126 uniform',
        full: 'barbell ≤ 35; no graph worse by > 0.5 %; communications ≤ 0.35 × uniform',
      },
    },
  ],
};
