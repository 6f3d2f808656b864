import { chebyshevRecords } from 'southwell/functional-tensors';
import { DATA_GROUP, readingOptions, TABLE } from '../../declaration/data-options.ts';
import { table } from '../../declaration/input.ts';
import { flag, numbers, option, positive, texts, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import type { RequestOf } from '../../declaration/task.ts';
import { METHOD, ofMethod } from '../options.ts';

const advanced = { advanced: true };

export const chebyshevInputs = { data: table(`an array of three axes, x, y and z, on a uniform grid: ${TABLE}`) };

export const chebyshevOptions = {
  domain: option(texts(), {
    title: 'Domain',
    about: 'interval of each axis, such as x=0:1,y=-2:2 (repeatable)',
    argument: 'axis=low:high',
    otherwise: '-1 to 1',
    group: DATA_GROUP,
  }),
  cells: option(flag(), {
    title: 'cell-centred values',
    about: 'values are at the centres of equal cells, not on a grid that includes the ends of the domain',
    group: DATA_GROUP,
  }),
  ...readingOptions,
  tol: option(positive(), {
    title: 'Tolerance',
    about: 'truncation error of ranks, relative to the norm of all coefficients',
    argument: 'tolerance',
    default: 1e-7,
    group: METHOD,
  }),
  degree: option(numbers(0), {
    title: 'Degree',
    about: 'polynomial degree, one for all axes or one for each: degree 128 needs 129 points',
    argument: 'degrees',
    otherwise: 'doubled from 16 until {tol} is met, up to {maxDegree}',
    group: METHOD,
    form: { hint: 'by the tolerance' },
  }),
  maxDegree: option(whole(1, 256), {
    title: 'Maximum degree',
    about: 'maximum degree to try',
    default: 128,
    without: { degree: true },
    group: METHOD,
    form: advanced,
  }),
  rank: option(numbers(1), {
    title: 'Ranks',
    about: 'multilinear ranks: number of functions of each axis, one for all or three',
    argument: 'ranks',
    otherwise: 'chosen by {tol}',
    group: METHOD,
    form: { hint: 'by the tolerance', ...advanced },
  }),
  ...optionsOf({ als: chebyshevRecords.als }, ofMethod),
};

export type ChebyshevRequest = RequestOf<typeof chebyshevInputs, typeof chebyshevOptions>;
