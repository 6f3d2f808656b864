import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'It matches the performance of methods with SVD or QR decompositions.',
      state: 'narrowed',
      why: 'A character transformer of two layers, trained for 400 steps, against singular vectors at each step.',
      claims: ['quality'],
      fidelity: 'scaled',
      harder:
        'Four controls with the same trials in the claim alignment: the worst aligned cosines, the axes, a random basis and the first cosines, of which none is expected to train as well if alignment matters.',
    },
    {
      from: 'abstract',
      says: 'Columns of the cosine matrix are selected dynamically by their alignment with the gradient, which is effective in training.',
      state: 'narrowed',
      why: 'Pre-training of a small transformer only; against four other choices of vectors.',
      claims: ['alignment'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'A predefined cosine basis approximates optimal low-rank projections of gradients.',
      state: 'narrowed',
      why: 'Gradients of a small transformer; errors are compared with the first cosines, a random basis and the axes.',
      claims: ['projection', 'cosines'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Memory is reduced, by up to 25 % over model sizes.',
      state: 'narrowed',
      why: 'Bytes of the state of matrices against AdamW, in place of the memory of a training run.',
      claims: ['memory'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'It runs faster than decompositions of each layer.',
      state: 'narrowed',
      why: 'Steps of one matrix of 256 × 256 on a processor.',
      claims: ['time'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'Its running time is independent of the rank.',
      state: 'not checked',
      why: 'Times are measured at one rank; at this size they are dominated by the product with the basis.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'It is effective in fine-tuning.',
      state: 'not checked',
      why: 'There is no pretrained model to tune at this size.',
      claims: [],
    },
    {
      from: 'card',
      says: 'Moments are rotated into the new subspace.',
      state: 'narrowed',
      why: 'A small transformer at one rate.',
      claims: ['rotation'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'Trion reaches lower perplexity than Dion, close to Muon.',
      state: 'narrowed',
      why: 'A small transformer after 200 steps; Muon is reported beside it.',
      claims: ['trion'],
      fidelity: 'scaled',
    },
    {
      from: 'card',
      says: 'DCT-AdamW reaches lower perplexity than LDAdamW, in less memory and time.',
      state: 'not checked',
      why: 'LDAdamW is not implemented.',
      claims: [],
    },
    {
      from: 'card',
      says: 'The same selection works within FRUGAL and FIRA.',
      state: 'not checked',
      why: 'Neither is implemented.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [
    { name: 'LDAdamW', why: 'Its generalised error feedback and block power iteration are a method of their own.' },
    {
      name: 'GaLore every few hundred steps',
      why: 'Runs are of 400 steps; singular vectors are found at each step, which is the stronger rival.',
    },
    { name: 'FRUGAL and FIRA', why: 'They add a second optimiser for what is left of the gradient.' },
  ],
  asWell: {
    quality: 'with the identity in place of the cosine basis, with the first cosines, and with the worst aligned ones',
  },
  withoutNull: [
    {
      claim: 'memory',
      kind: 'nothing',
      why: 'Without any state there are no bytes, so that the claim would hold trivially.',
    },
    { claim: 'time', kind: 'nothing', why: 'Doing nothing takes no time, so that the claim would hold trivially.' },
  ],
});
