import type { PaperRecord } from '../record.ts';

export const record: PaperRecord = {
  number: 46,
  slug: '46-coordinate-quantized-fields',
  title: 'Coordinate Quantized Neural Implicit Representations for Multi-view Reconstruction',
  authors: 3,
  firstAuthors: ['Jiang', 'Hua', 'Han'],
  date: '2023-08',
  venue: 'ICCV 2023',
  arxiv: '2308.11025',
  code: 'https://github.com/MachinePerceptionLab/CQ-NIR',
  family: 'neural-fields-and-operators',
  methods: ['CQ-NIR', 'NeuS', 'UNISURF', 'signed distance function', 'positional encoding', 'volume rendering'],
  summary:
    'A surface can be rebuilt from photographs by a network that tells the distance to it at any point. High-frequency encodings give detail but also noise, as no two rays ever ask for quite the same point. Here points are snapped to the centres of a very fine grid before they are encoded, so that views agree on what they constrain, at no further cost. The paper reports better surfaces. We will check the premise, that views ask for more equal points, and whether surfaces get better by more than the noise of seeds, on a drawn scene of our own.',
  formulas: [
    {
      tex: String.raw`Q(x) = b_0 + \Bigl(\Bigl\lfloor\frac{x - b_0}{h}\Bigr\rfloor + \tfrac12\Bigr)h,\qquad h = \frac{b_1 - b_0}{M - 1}`,
      says: 'Every coordinate is moved to the centre of its cell before it is encoded.',
    },
    {
      tex: String.raw`\operatorname{PE}(x) = \bigl(x, \sin 2^k x, \cos 2^k x\bigr)_{k < L}`,
      says: 'More frequencies L give more detail and, without care, more noise.',
    },
  ],
  fidelity: {
    level: 'miniature',
    note: 'An analytic scene, 20 images of 40 × 40, a network of width 64 and minutes of training replace DTU photographs and 400,000 steps. At this size a gain may drown in the noise of seeds.',
  },
  claims: [
    {
      id: 'no-harm',
      sentence: 'Snapping to the published resolution does no harm.',
      quantity: 'accuracy and completeness over the continuous ones',
      setting: { quick: '200 steps, one seed', full: '900 steps, three seeds' },
      measures: {
        accuracy: { quantity: 'accuracy over the continuous one', '≤': { quick: 1.25, full: 1.1 } },
        completeness: { quantity: 'completeness over the continuous one', '≤': { quick: 1.25, full: 1.1 } },
        continuousAccuracy: { quantity: 'accuracy of the continuous one', '≤': { full: 0.018 } },
        continuousCompleteness: { quantity: 'completeness of the continuous one', '≤': { full: 0.04 } },
      },
    },
    {
      id: 'premise',
      sentence: 'Higher frequencies give noisier surfaces.',
      quantity: 'accuracy error at L = 11 over that at L = 8',
      measures: {
        error: { quantity: 'accuracy error at L = 11 over that at L = 8', '≥': { quick: 1.1, full: 1.3 } },
      },
    },
    {
      id: 'too-coarse',
      sentence: 'Snapping too coarsely costs accuracy.',
      quantity: 'accuracy error at M = 128 over that at 512, L = 8',
      measures: {
        error: {
          quantity: 'accuracy error at M = 128 over that at 512, L = 8',
          '>': { quick: 1 },
          '≥': { full: 1.08 },
        },
      },
    },
  ],
};
