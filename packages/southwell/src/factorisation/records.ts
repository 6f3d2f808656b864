import { limitOption, numberOption } from '@southwell/numerics/core';

// Records of options that several factorisations have, differing only in what they say.

/** Relative tolerance with the default `usual`. */
export const tolRecord = (about: string, usual: string) =>
  numberOption(
    { min: 0 },
    {
      title: 'Tolerance',
      about,
      argument: 'tolerance',
      otherwise: usual,
      form: { hint: usual, advanced: true },
    },
  );

/** Maximum number of iterations with the default `usual`. */
export const maxIterRecord = (about: string, usual: string) =>
  limitOption(1, {
    title: 'Maximum iterations',
    about,
    otherwise: usual,
    form: { hint: usual, advanced: true },
  });
