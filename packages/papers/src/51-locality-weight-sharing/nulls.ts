import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Rows = (arch: 'cnn' | 'lcn' | 'fcn', units: number) => Int32Array;
type Options = { readonly arch: 'cnn' | 'lcn' | 'fcn' };
type PatchNetOf = (options: Options) => unknown;

export default nulls(record, [
  {
    id: 'no-sharing',
    says: 'with a filter of its own for each patch, in CNN too',
    kinds: ['ingredient'],
    claims: ['weight-sharing'],
    module: 'southwell/training/patches/patchRows',
    name: 'patchRows',
    by: (): Rows => (_, units) => Int32Array.from({ length: units }, (__, i) => i),
  },
  {
    id: 'still',
    says: 'with the pattern stays in the first patch',
    kinds: ['ingredient'],
    claims: ['growth'],
    module: 'data/generators/patch-at',
    name: 'patchAt',
    by: () => () => 0,
  },
  {
    id: 'no-locality',
    says: 'with units of LCN see all patches',
    kinds: ['ingredient'],
    claims: ['locality'],
    module: 'southwell/training/patches/patchNet',
    name: 'patchNet',
    by:
      (patchNet: PatchNetOf): PatchNetOf =>
      (options) =>
        patchNet(options.arch === 'lcn' ? { ...options, arch: 'fcn' } : options),
  },
  {
    id: 'moving',
    says: 'with the pattern moves where its patch is fixed',
    kinds: ['ingredient'],
    claims: ['controls'],
    module: 'data/generators/patch-at',
    name: 'patchAt',
    by: () => (patches: number, _: unknown, random: { integer(n: number): number }) => random.integer(patches),
  },
]);
