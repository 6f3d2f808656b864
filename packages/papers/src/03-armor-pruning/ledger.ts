import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Factoring each matrix into a 2:4 core between two block-diagonal wrappers keeps far more of a model than 2:4 pruning alone.',
      state: 'narrowed',
      why: 'By the training loss of networks of images, the divergence of a language model with 260 000 weights, and the vectors of an encoder with 7 million, in place of Llama and Qwen.',
      claims: ['network-gap', 'fashion'],
      fidelity: 'scaled',
      harder:
        'A matrix of an encoder of sentences, the encoder, and a language model, in real-layer, encoder and stories, where the largest weights do not do as well.',
    },
    {
      from: 'card',
      says: "The layer's loss falls with the size of the blocks, roughly exponentially.",
      state: 'narrowed',
      why: 'That it falls, by how much, and not the form of the law.',
      claims: ['proxy-loss'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Block coordinate descent converges, with a loss of at most that of the pruner from which it starts.',
      state: 'narrowed',
      why: 'The start is never exceeded and discrete steps do not raise the loss; steps of Adam, which the official code takes, may.',
      claims: ['monotone'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Discrete steps re-select the places of groups of four, one in each block.',
      state: 'checked',
      claims: ['discrete-step'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'Groups are drawn with probability proportional to their gradient.',
      state: 'checked',
      claims: ['group-selection'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'The speed and the memory of 2:4 sparsity remain, up to the cost of the wrappers.',
      state: 'not checked',
      why: 'A benchmark measures the product with the 2:4 kernel of this library, which has no sparse tensor cores.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'Llama and Qwen models stay more accurate than with SparseGPT, Wanda and NoWag-P, on perplexity and on tasks.',
      state: 'not checked',
      why: 'The models are too large to run here.',
      claims: [],
    },
  ],
  asWell: {
    'network-gap': 'with the largest weights of every four, on one of three seeds',
    fashion: 'with the largest weights of every four, on one of three seeds',
  },
  ours: ['equal-bytes', 'beside-reconstruction', 'real-layer', 'stories', 'encoder'],
  rivalsLeftOut: [],
});
