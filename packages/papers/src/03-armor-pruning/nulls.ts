import type { FactorizeOptions, factorizeSparseIterates, InputMoments } from 'southwell/compression';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Iterates = typeof factorizeSparseIterates;

const iterates = { module: 'southwell/compression/armor/factorize', name: 'factorizeSparseIterates' } as const;
/** With some options replaced, whatever the experiment asks for. */
const given =
  (replaced: FactorizeOptions) =>
  (original: Iterates): Iterates =>
  (W, moments, options) =>
    original(W, moments, { ...options, ...replaced });

const wrapped = [
  ...['proxy-loss', 'network-gap', 'equal-bytes', 'beside-reconstruction', 'fashion'],
  ...['real-layer', 'stories', 'encoder'],
] as const;
const all = [...wrapped, 'monotone', 'discrete-step', 'group-selection'] as const;

export default nulls(record, [
  {
    id: 'start',
    says: 'with the start as the answer, NoWag-P',
    kinds: ['nothing'],
    claims: all,
    ...iterates,
    by: given({ steps: 0 }),
  },
  {
    id: 'magnitude',
    says: 'with the largest weights of every four',
    kinds: ['baseline'],
    claims: all,
    ...iterates,
    by:
      (original: Iterates): Iterates =>
      (W, moments, options) => {
        const alike: InputMoments = { ...moments, diagonal: new Float64Array(W.cols).fill(1) };
        return original(W, alike, { ...options, steps: 0 });
      },
  },
  {
    id: 'core-alone',
    says: 'with wrappers that stay the identity',
    kinds: ['ingredient'],
    claims: wrapped,
    ...iterates,
    by: given({ wrappers: false }),
  },
  {
    id: 'no-discrete',
    says: 'without discrete steps',
    kinds: ['ingredient'],
    claims: ['monotone', 'discrete-step'],
    ...iterates,
    by: given({ discrete: false }),
  },
  {
    id: 'uniform',
    says: 'with groups drawn uniformly',
    kinds: ['ingredient'],
    claims: ['group-selection'],
    ...iterates,
    by: given({ select: 'uniform' }),
  },
]);
