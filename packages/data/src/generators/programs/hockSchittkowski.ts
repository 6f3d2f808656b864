import { more } from './hockSchittkowski-more.ts';
import { three } from './hockSchittkowski-three.ts';
import { two } from './hockSchittkowski-two.ts';
import type { ProgramText } from './programText.ts';

/**
 * Problems of W. Hock and K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in Economics
 * and Mathematical Systems 187, Springer 1981, with the starting points and optimal objectives of the book (for HS106
 * its optimum to more digits).
 */
export const hockSchittkowski: readonly ProgramText[] = [...two, ...three, ...more];
