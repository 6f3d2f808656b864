import type { Examples, PatchArchitecture, PatchNet, TrainEquivariantOptions } from 'southwell/training';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Rows = (arch: PatchArchitecture, units: number) => Int32Array;
type Options = { readonly arch: PatchArchitecture };
type PatchNetOf = (options: Options) => unknown;
type Train = (net: PatchNet, data: Examples, options: TrainEquivariantOptions) => unknown;

export default nulls(record, [
  {
    id: 'no-pattern',
    says: 'with the first step on targets of alternating sign, and no other',
    kinds: ['nothing'],
    claims: ['weight-sharing', 'locality', 'growth', 'fixed-patch', 'shuffled-pixels'],
    module: 'southwell/training/patches/trainEquivariant',
    name: 'trainEquivariant',
    by:
      (train: Train): Train =>
      (net, data, options) => {
        const { targets } = data as unknown as { readonly targets: { readonly values: Float64Array } };
        const values = targets.values.map((_, i) => (i % 2 === 0 ? 1 : -1));
        return train(net, { ...data, targets: { ...targets, values } } as Examples, { ...options, steps: 0 });
      },
  },
  {
    id: 'no-sharing',
    says: 'with a filter of its own for each patch, in CNN too',
    kinds: ['baseline', 'ingredient'],
    claims: ['weight-sharing', 'growth', 'fixed-patch'],
    module: 'southwell/training/patches/patchRows',
    name: 'patchRows',
    by: (): Rows => (_, units) => Int32Array.from({ length: units }, (__, i) => i),
  },
  {
    id: 'no-locality',
    says: 'with FCN in place of LCN',
    kinds: ['baseline', 'ingredient'],
    claims: ['locality', 'shuffled-pixels'],
    module: 'southwell/training/patches/patchNet',
    name: 'patchNet',
    by:
      (patchNet: PatchNetOf): PatchNetOf =>
      (options) =>
        patchNet(options.arch === 'lcn' ? { ...options, arch: 'fcn' } : options),
  },
  {
    id: 'moving',
    says: 'with a pattern that moves where its patch is fixed',
    kinds: ['ingredient'],
    claims: ['fixed-patch'],
    module: 'data/generators/patch-at',
    name: 'patchAt',
    by: () => (patches: number, _: unknown, random: { integer(n: number): number }) => random.integer(patches),
  },
  {
    id: 'in-place',
    says: 'with the pixels left in place',
    kinds: ['ingredient'],
    claims: ['shuffled-pixels'],
    module: 'papers/51-locality-weight-sharing/lab',
    name: 'shuffler',
    by: () => () => () => (values: Float64Array) => values,
  },
]);
