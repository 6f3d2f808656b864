import { DEGENERACY_METHODS, ROBUST_KERNELS } from 'southwell/geometry';
import { readingOptions } from '../data-options.ts';
import { choice, option, positive, real, textFile, type ValuesOf, whole } from '../option.ts';
import type { RequestOf } from '../task.ts';

const group = 'The run:';
const advanced = { advanced: true };
const titles = <K extends string>(names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, name])) as unknown as Readonly<Record<K, string>>;

export const registerInputs = {
  data: 'the cloud that is moved: PLY, PCD, XYZ, or a table with columns x, y, z',
  target: {
    about:
      'the cloud that it is laid on; without it the first alone is looked at: which motions scans of it leave free',
    optional: true,
  },
} as const;

export const registerOptions = {
  method: option(
    choice({ 'point-to-plane': 'point to plane', 'point-to-point': 'point to point', generalised: 'generalised' }),
    {
      title: 'Method',
      about: 'what is made small between matched points',
      argument: 'name',
      default: 'point-to-plane',
    },
  ),
  initial: option(textFile(), {
    title: 'First pose',
    about: 'a file with the 4 × 4 matrix to begin from, by rows',
    argument: 'file',
    otherwise: 'the clouds as they lie',
  }),
  coarse: option(choice({ auto: 'where clouds do not fit as they lie', always: 'always', never: 'never' }), {
    title: 'First pose by features',
    about: 'a first pose from features of both clouds; auto: where they fit badly from where they lie',
    argument: 'when',
    default: 'auto',
    without: { initial: true },
  }),
  voxel: option(real(0), {
    title: 'Voxel',
    about: 'side of the cubes of which one point is kept each; 0 keeps all points',
    argument: 'length',
    otherwise: 'so large that 20 000 points are left, where a cloud has more; else 0',
    form: { hint: 'by the clouds', ...advanced },
  }),
  maxDistance: option(positive(), {
    title: 'Farthest match',
    about: 'points farther apart are no match',
    argument: 'length',
    otherwise: 'a 20th of the diagonal, then as near as matches are',
    form: { hint: 'by the clouds', ...advanced },
  }),
  neighbours: option(whole(3), {
    title: 'Neighbours',
    about: 'points of which a normal is made',
    argument: 'count',
    default: 10,
    form: advanced,
  }),
  robustKernel: option(choice(titles(ROBUST_KERNELS)), {
    title: 'Robust kernel',
    about: 'a loss that bounds what wrong matches do',
    argument: 'name',
    default: 'none',
    form: advanced,
  }),
  robustScale: option(positive(), {
    title: 'Scale of the kernel',
    about: 'residual from which the kernel departs from squares',
    argument: 'length',
    otherwise: 'the root mean square of the first residuals; generalised: 1',
    only: { robustKernel: ['huber', 'cauchy', 'tukey'] },
    form: { hint: 'by the residuals', ...advanced },
  }),
  degeneracy: option(choice(titles(DEGENERACY_METHODS)), {
    title: 'Weak motions',
    about: 'how steps treat motions that the data do not fix',
    argument: 'name',
    default: 'dcreg',
    form: advanced,
  }),
  conditionThreshold: option(real(1), {
    title: 'Weak from',
    about: 'a motion is weak that is so many times less known than the best of its kind',
    argument: 'ratio',
    default: 10,
    form: advanced,
  }),
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'of steps: turns in radians, shifts as a share of the diagonal',
    argument: 'size',
    default: 1e-5,
    group,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Most steps',
    about: 'of each of the two passes',
    argument: 'steps',
    default: 100,
    group,
    form: advanced,
  }),
  ...readingOptions,
};

export type RegisterRequest = RequestOf<typeof registerInputs, typeof registerOptions>;
export type RegisterValues = ValuesOf<typeof registerOptions>;
