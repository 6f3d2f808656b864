import { numberOption, wholeOption } from '@southwell/numerics/core';

// Records of options that several factorisations have, differing only in what they say.

/** Seed of whatever `about` names. Default 0. */
export const seedRecord = (about: string) =>
  wholeOption(0, { title: 'Seed', about, argument: 'number', default: 0, form: { advanced: true } });

/** Relative tolerance with the default `usual`. */
export const tolRecord = (about: string, usual: string) =>
  numberOption(
    { min: 0 },
    {
      title: 'Tolerance',
      about,
      argument: 'share',
      otherwise: usual,
      form: { hint: usual, advanced: true },
    },
  );

/** Maximum number of iterations with the default `usual`. */
export const maxIterRecord = (about: string, usual: string) =>
  wholeOption(1, {
    title: 'Maximum iterations',
    about,
    otherwise: usual,
    form: { hint: usual, advanced: true },
  });
