import { DEGENERACY_METHODS, ROBUST_KERNELS } from 'southwell/geometry';
import { readingOptions } from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import { choice, option, positive, real, share, textFile, type ValuesOf, whole } from '../declaration/option.ts';
import type { RequestOf } from '../declaration/task.ts';

const group = 'The run:';
const advanced = { advanced: true };
const titles = <K extends string>(names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, name])) as unknown as Readonly<Record<K, string>>;

export const registerInputs = {
  data: table('the cloud that is moved: PLY, PCD, XYZ, or a table with columns x, y, z'),
  target: table(
    'the cloud that it is laid on; without it the first alone is looked at: which motions scans of such a place leave open',
    { optional: true, title: 'Laid on' },
  ),
  more: table('further clouds: all are laid on each other, pair by pair where they overlap, then all at once', {
    ...{ optional: true, several: true, title: 'Further clouds' },
  }),
};

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
    about:
      'a file with the 4 × 4 matrix to begin from, by rows; of three clouds or more what was written of their poses',
    argument: 'file',
    otherwise: 'the clouds as they lie',
  }),
  reference: option(whole(1), {
    title: 'Reference',
    about: 'three clouds or more: the one in whose frame all are laid, counted from 1',
    argument: 'place',
    otherwise: 'the first',
    form: { hint: '1', ...advanced },
  }),
  leastOverlap: option(share(), {
    title: 'Least overlap',
    about: 'three clouds or more: of two that are tied, the share of one that lies on the other, at least',
    argument: 'share',
    otherwise: '0.3',
    form: { hint: '0.3', ...advanced },
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

const alone = 'goes with three clouds or more';
export const registerChecks = [
  {
    wrong: (r: RegisterRequest) => r.more === undefined && r.reference !== undefined,
    say: `{reference} ${alone}: of two the first is laid on the second.`,
  },
  {
    wrong: (r: RegisterRequest) => r.more === undefined && r.leastOverlap !== undefined,
    say: `{leastOverlap} ${alone}.`,
  },
  {
    wrong: (r: RegisterRequest) => r.more !== undefined && (r.reference ?? 1) > r.more.length + 2,
    say: (r: RegisterRequest) => `{reference} is ${r.reference}, and there are ${(r.more ?? []).length + 2} clouds.`,
  },
  {
    wrong: (r: RegisterRequest) => r.more !== undefined && r.target === undefined,
    say: 'Give target, too: the second cloud.',
  },
];
