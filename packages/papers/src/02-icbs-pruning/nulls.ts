import type { DenseMatrix } from '@southwell/numerics/arrays';
import type { BinaryPoint, PruneIterativeOptions, pruneIterativeIterates } from 'southwell/compression';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Iterates = typeof pruneIterativeIterates;
type Model = (block: object, options: object) => { readonly Q: DenseMatrix; readonly constant: number };

const iterates = { module: 'southwell/compression/iterative/prune', name: 'pruneIterativeIterates' } as const;
/** With some options replaced, whatever the experiment asks for. */
const given =
  (replaced: PruneIterativeOptions) =>
  (original: Iterates): Iterates =>
  (network, examples, options) =>
    original(network, examples, { ...options, ...replaced });

const quality = [
  ...['beats-wanda', 'time-for-quality', 'beside-reconstruction', 'fashion'],
  ...['fashion-reconstructed', 'stories', 'encoder'],
] as const;
const all = [...quality, 'interactions-matter', 'signs', 'two-ends', 'tabu'] as const;

export default nulls(record, [
  {
    id: 'first-ones',
    says: 'with the first weights of every block removed, whatever its model says',
    kinds: ['nothing'],
    claims: all,
    module: 'southwell/compression/binaryQuadratic',
    name: 'minimizeBinaryQuadratic',
    by:
      () =>
      (Q: DenseMatrix, k: number): BinaryPoint => ({
        x: Uint8Array.from({ length: Q.rows }, (_, i) => (i < k ? 1 : 0)),
        value: 0,
      }),
  },
  {
    id: 'no-step',
    says: 'with the mask of Wanda',
    kinds: ['baseline'],
    claims: all,
    ...iterates,
    by: given({ steps: 0 }),
  },
  {
    id: 'magnitude',
    says: 'with the mask of the largest weights',
    kinds: ['baseline'],
    claims: quality,
    ...iterates,
    by: given({ steps: 0, init: 'magnitude' }),
  },
  {
    id: 'diagonal',
    says: 'with the diagonal of Q alone',
    kinds: ['ingredient'],
    claims: [...quality, 'interactions-matter'],
    ...iterates,
    by: given({ curvature: 'diagonal' }),
  },
  {
    id: 'signs',
    says: 'with every entry of Q up to 1e-12 set to 0, as in the official code, those below zero included',
    kinds: ['ingredient'],
    claims: ['beats-wanda', 'signs'],
    module: 'southwell/compression/iterative/quadratic',
    name: 'quadraticModel',
    by:
      (original: Model): Model =>
      (block, options) => {
        const { Q, constant } = original(block, options);
        const { data } = Q;
        for (let i = 0; i < data.length; i++) if (data[i] <= 1e-12) data[i] = 0;
        return { Q, constant };
      },
  },
  {
    id: 'random-blocks',
    says: 'with blocks at random',
    kinds: ['ingredient'],
    claims: ['two-ends'],
    ...iterates,
    by: given({ select: 'random' }),
  },
  {
    id: 'no-tabu',
    says: 'without the tabu list',
    kinds: ['ingredient'],
    claims: ['tabu'],
    ...iterates,
    by: given({ tabu: 0 }),
  },
]);
