import type { PaperRecord } from '../record.ts';
import { locked } from './locked.ts';

export const record = {
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
    'Machines on a network minimise the sum of their functions by talking to neighbours only. Most fast methods march in step, everybody waiting for the slowest. Here each node computes gradients and each link exchanges vectors at random times of its own, and between events all variables flow by a linear equation. It is accelerated in both gradients and messages without loops inside loops, and the number of gradients hardly depends on the network. We count both on six graphs beside synchronous rivals, and on census incomes, and choose how often each link should talk.',
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
    level: 'scaled',
    note: 'Events are simulated with the constants of the official code, on graphs of 36 nodes; the convex programme for rates of links is ours. Seconds of a network are not measured.',
  },
  claims: [
    {
      id: 'against-primal',
      sentence: 'It needs fewer gradients and far fewer messages than the synchronous primal methods.',
      quantity: 'gradients and communications to a relative squared error of 1e-8, over those of ADOM+',
      setting: {
        quick: 'star, grid, cycle and path of 36 nodes, one instance',
        full: 'star, grid, cycle and path of 36 nodes, five instances',
      },
      ...locked.claims['against-primal'],
    },
    {
      id: 'dense',
      sentence: 'So it does on a barbell and on a complete graph, against multi-consensus.',
      quantity:
        'gradients and communications to a relative squared error of 1e-8, over those of ADOM+ with multi-consensus',
      setting: { quick: '36 nodes, one instance', full: '36 nodes, five instances' },
      ...locked.claims.dense,
    },
    {
      id: 'graph-independence',
      sentence: 'The number of gradients hardly depends on the graph.',
      quantity: 'largest over smallest number of gradients over graphs',
      setting: { quick: 'six graphs, one instance', full: 'six graphs, five instances' },
      ...locked.claims['graph-independence'],
    },
    {
      id: 'against-dual',
      sentence: 'On long graphs it needs fewer gradients than the continuized method, which has dual ones.',
      quantity: 'gradients to a relative squared error of 1e-8, over those of the continuized method',
      setting: {
        quick: 'cycle and path of 36 nodes, one instance',
        full: 'cycle and path of 36 nodes, five instances',
      },
      ...locked.claims['against-dual'],
    },
    {
      id: 'acceleration',
      sentence: 'Gradients grow with the square root of the condition number.',
      quantity: 'ratio of gradients for each tenfold condition number',
      setting: {
        quick: 'quadratics on a grid of 16 nodes, 10 to 100',
        full: 'quadratics on a grid of 16 nodes, 10 to 1000',
      },
      ...locked.claims.acceleration,
    },
    {
      id: 'gossip-rates',
      sentence: 'Rates of links that are chosen cut the talk on a barbell and never add to it.',
      quantity: 'total rate, 16 nodes; communications of runs over those with uniform rates',
      setting: { quick: 'six graphs of 16 nodes, one run', full: 'six graphs of 16 nodes, five runs' },
      ...locked.claims['gossip-rates'],
    },
    {
      id: 'notebook',
      sentence: 'Rounds on a star of 300 nodes cost the communications that the authors state.',
      quantity: 'communications of a round of five methods',
      setting: { quick: '300 nodes', full: '300 nodes' },
      ...locked.claims.notebook,
    },
    {
      id: 'adult',
      sentence:
        'On census incomes that are split by age and work, it needs fewer gradients and far fewer messages, too.',
      quantity: 'gradients and communications over those of ADOM+ with multi-consensus',
      setting: {
        quick: 'logistic regression of 3,600 people on a grid of 36 nodes, to 1e-6',
        full: 'logistic regression of 32,561 people on a grid and a path of 36 nodes, to 1e-8',
      },
      ...locked.claims.adult,
    },
  ],
  grids: locked.grids,
  picture: {
    experiment: 'rivals',
    title: 'error by communications, cycle',
    says: 'Squared error on a cycle of 36 nodes by the communications of all links, for DADAO and its rivals.',
  },
} as const satisfies PaperRecord;
