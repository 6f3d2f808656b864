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
    'the target cloud; without it the degeneracy of the first cloud is analysed: which motions its geometry does not constrain',
    { optional: true, title: 'Target' },
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
      about: 'error metric between matched points',
      argument: 'name',
      default: 'point-to-plane',
    },
  ),
  initial: option(textFile(), {
    title: 'Initial pose',
    about:
      'file with the initial 4 × 4 matrix in row-major order; for three or more clouds, a file of poses written earlier',
    argument: 'file',
    otherwise: 'the identity',
  }),
  reference: option(whole(1), {
    title: 'Reference',
    about: 'three or more clouds: the one whose frame is used, counted from 1',
    argument: 'place',
    otherwise: 'the first',
    form: { hint: '1', ...advanced },
  }),
  leastOverlap: option(share(), {
    title: 'Minimum overlap',
    about: 'three or more clouds: minimum overlap of a registered pair',
    argument: 'share',
    otherwise: '0.3',
    form: { hint: '0.3', ...advanced },
  }),
  coarse: option(choice({ auto: 'where clouds do not fit as they lie', always: 'always', never: 'never' }), {
    title: 'Coarse registration',
    about: 'initial pose by feature matching; auto: if the clouds fit badly without it',
    argument: 'when',
    default: 'auto',
    without: { initial: true },
  }),
  voxel: option(real(0), {
    title: 'Voxel',
    about: 'voxel size of downsampling; 0 keeps all points',
    argument: 'length',
    otherwise: 'chosen to keep 20 000 points of larger clouds; else 0',
    form: { hint: 'by the clouds', ...advanced },
  }),
  maxDistance: option(positive(), {
    title: 'Maximum match distance',
    about: 'maximum distance of corresponding points',
    argument: 'length',
    otherwise: '1/20 of the diagonal, then adapted to the distances of matches',
    form: { hint: 'by the clouds', ...advanced },
  }),
  neighbours: option(whole(3), {
    title: 'Neighbours',
    about: 'number of neighbours for normal estimation',
    argument: 'count',
    default: 10,
    form: advanced,
  }),
  robustKernel: option(choice(titles(ROBUST_KERNELS)), {
    title: 'Robust kernel',
    about: 'robust loss, which limits the influence of wrong matches',
    argument: 'name',
    default: 'none',
    form: advanced,
  }),
  robustScale: option(positive(), {
    title: 'Scale of the kernel',
    about: 'residual above which the kernel departs from squares',
    argument: 'length',
    otherwise: 'the root mean square of the initial residuals; generalised: 1',
    only: { robustKernel: ['huber', 'cauchy', 'tukey'] },
    form: { hint: 'by the residuals', ...advanced },
  }),
  degeneracy: option(choice(titles(DEGENERACY_METHODS)), {
    title: 'Degenerate motions',
    about: 'handling of motions that the data do not constrain',
    argument: 'name',
    default: 'dcreg',
    form: advanced,
  }),
  conditionThreshold: option(real(1), {
    title: 'Degeneracy threshold',
    about: 'a motion is degenerate if it is this many times less constrained than the best of its kind',
    argument: 'ratio',
    default: 10,
    form: advanced,
  }),
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'tolerance on steps: rotations in radians, translations relative to the diagonal',
    argument: 'size',
    default: 1e-5,
    group,
    form: advanced,
  }),
  maxIter: option(whole(1), {
    title: 'Maximum iterations',
    about: 'maximum iterations of each of the two passes',
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
