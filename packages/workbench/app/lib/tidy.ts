import { number } from '@southwell/tasks';

/** Rounding errors of values about zero. */
const NOISE = 1e-12;

/** A value without zeros at its end: 1777.5. */
export const tidy = (v: number | null, digits = 7): string =>
  v === null
    ? '–'
    : Math.abs(v) < NOISE
      ? '0'
      : number(v, digits)
          .replace(/(\.\d*?)0+(?=$|e)/, '$1')
          .replace(/\.(?=$|e)/, '');
