import { more } from './hockSchittkowski-more.ts';
import { three } from './hockSchittkowski-three.ts';
import { two } from './hockSchittkowski-two.ts';
import type { ProgramText } from './programText.ts';

/**
 * Problems of W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in Economics
 * and Mathematical Systems 187, Springer 1981, with the starting points and optimal objectives of the book (for HS106
 * its optimum to more digits). Some have further local minima: HS2, HS16, HS20, HS55 among others.
 */
export const hockSchittkowski: readonly ProgramText[] = [...two, ...three, ...more];
