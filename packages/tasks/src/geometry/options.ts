import { degeneracyRecords, degeneracyTitles, pairRecords, prepareRecords } from 'southwell/geometry';
import { readingOptions } from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import { type About, choice, option, real, share, textFile, type ValuesOf, whole } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import type { RequestOf } from '../declaration/task.ts';

const group = 'The run:';
const advanced = { advanced: true };
export const registerInputs = {
  data: table('the cloud that is moved: PLY, PCD, XYZ, or a table with columns x, y, z'),
  target: table(
    'the target cloud; without it the degeneracy of the first cloud is analysed: which motions its geometry does not constrain',
    { optional: true, title: 'Cloud to align it with' },
  ),
  more: table('further clouds: all are laid on each other, pair by pair where they overlap, then all at once', {
    ...{ optional: true, several: true, title: 'Further clouds' },
  }),
};

/** What only the task knows about options of the library. */
const ownOptions: Readonly<Record<string, Partial<About>>> = {
  coarse: { without: { initial: true } },
  maxDistance: { form: { hint: 'by the clouds', ...advanced } },
  neighbours: { form: advanced },
  robustKernel: { form: advanced },
  robustScale: {
    only: { robustKernel: ['huber', 'cauchy', 'tukey'] },
    form: { hint: 'by the residuals', ...advanced },
  },
  conditionThreshold: { form: advanced },
  tol: { group, form: advanced },
};

const own = optionsOf(
  { ...pairRecords, neighbours: prepareRecords.neighbours, conditionThreshold: degeneracyRecords.conditionThreshold },
  (name) => ownOptions[name] ?? {},
);

export const registerOptions = {
  method: own.method,
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
    argument: 'fraction',
    otherwise: '0.3',
    form: { hint: '0.3', ...advanced },
  }),
  coarse: own.coarse,
  voxel: option(real(0), {
    title: 'Voxel',
    first: true,
    about: 'voxel size of downsampling; 0 keeps all points',
    argument: 'length',
    otherwise: 'chosen to keep 20 000 points of larger clouds; else 0',
    form: { hint: 'by the clouds', ...advanced },
  }),
  maxDistance: own.maxDistance,
  neighbours: own.neighbours,
  robustKernel: own.robustKernel,
  robustScale: own.robustScale,
  degeneracy: option(choice(degeneracyTitles), {
    title: 'Degenerate motions',
    about: 'handling of motions that the data do not constrain',
    argument: 'name',
    default: 'dcreg',
    form: advanced,
  }),
  conditionThreshold: own.conditionThreshold,
  tol: own.tol,
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

const alone = 'goes only with three or more clouds';
export const registerChecks = [
  {
    wrong: (r: RegisterRequest) => r.more === undefined && r.reference !== undefined,
    say: `{reference} ${alone}: of two, the first is registered to the second.`,
  },
  {
    wrong: (r: RegisterRequest) => r.more === undefined && r.leastOverlap !== undefined,
    say: `{leastOverlap} ${alone}.`,
  },
  {
    wrong: (r: RegisterRequest) => r.more !== undefined && (r.reference ?? 1) > r.more.length + 2,
    say: (r: RegisterRequest) => `{reference} is ${r.reference}, but there are ${(r.more ?? []).length + 2} clouds.`,
  },
  {
    wrong: (r: RegisterRequest) => r.more !== undefined && r.target === undefined,
    say: 'A second cloud, the target, is missing.',
  },
];
