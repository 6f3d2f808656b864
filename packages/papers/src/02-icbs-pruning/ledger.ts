import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Iterative pruning by block coordinate descent beats one-shot scores such as Wanda at equal density.',
      state: 'narrowed',
      why: 'On networks of 784-64-64-10 units that read digits or clothes, in place of Mistral-7B and DeiT.',
      claims: ['beats-wanda', 'fashion'],
      fidelity: 'scaled',
      harder: 'The same runs are compared with the whole of Q in `signs` and `interactions-matter`.',
    },
    {
      from: 'abstract',
      says: 'More steps buy quality with time.',
      state: 'narrowed',
      why: 'By the training loss of the same networks, after 50 and 150 steps.',
      claims: ['time-for-quality'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'The gain comes from interactions between the weights of a block.',
      state: 'checked',
      claims: ['interactions-matter'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Entries of Q below zero, which the official code cuts off, are needed.',
      state: 'checked',
      claims: ['signs'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Blocks consist of the removed weights of highest and the kept weights of lowest score, those most likely on the wrong side.',
      state: 'checked',
      claims: ['two-ends'],
      fidelity: 'scaled',
      harder: 'None was tried, as the claim does not hold on seven of ten seeds.',
    },
    {
      from: 'card',
      says: 'Weights that were in a block stay out of blocks for a while.',
      state: 'checked',
      claims: ['tabu'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The method scales to language models of billions of weights, of which only a small part is optimised.',
      state: 'not checked',
      why: 'The networks here have 54 000 weights that are pruned, and most of them are in a block at some time.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'The block problems can be handed to special hardware, such as quantum annealers.',
      state: 'not checked',
      why: 'They are solved by simulated annealing.',
      claims: [],
    },
  ],
  ours: ['beside-reconstruction', 'fashion-reconstructed', 'stories', 'encoder'],
  rivalsLeftOut: [],
  asWell: {
    'beats-wanda': 'with the entries of Q below zero set to 0, or with its diagonal alone',
    fashion: 'with the diagonal of Q alone, on one of three seeds',
    'two-ends': 'with arbitrary choices in the blocks',
  },
});
