import { fail } from '@southwell/numerics/core';
import type { ScalarProgram } from './program.ts';
import {
  ADD,
  applyOperation,
  CHOICE,
  CONSTANT,
  DIVIDE,
  MULTIPLY,
  NEGATE,
  PIECEWISE,
  SQUARE,
  SUBTRACT,
  SUM,
} from './programOperations.ts';

/** The index of the slope that holds at x, among those of the piecewise linear function of node k. */
export function pieceAt({ left, operands, constants }: ScalarProgram, k: number, x: number): number {
  const first = operands[left[k] + 1];
  const slopes = operands[left[k] + 2];
  let piece = 0;
  while (piece < slopes - 1 && x > constants[first + slopes + piece]) piece++;
  return first + piece;
}

/** The integral of the slopes from 0 to x. */
function piecewiseAt(program: ScalarProgram, k: number, x: number): number {
  const { left, operands, constants } = program;
  const slopes = operands[left[k] + 2];
  if (Number.isNaN(x)) return x;
  const from = pieceAt(program, k, Math.min(x, 0));
  const to = pieceAt(program, k, Math.max(x, 0));
  let value = 0;
  let at = Math.min(x, 0);
  for (let piece = from; piece <= to; piece++) {
    const end = piece < to ? constants[piece + slopes] : Math.max(x, 0);
    value += constants[piece] * (end - at);
    at = end;
  }
  return x < 0 ? -value : value;
}

/** Memory for the values of all nodes, with the constants in it. */
export function spaceForValues({ codes, left, constants }: ScalarProgram): Float64Array {
  const values = new Float64Array(codes.length);
  for (let k = 0; k < codes.length; k++) if (codes[k] === CONSTANT) values[k] = constants[left[k]];
  return values;
}

/** Computes the values of all nodes from those of the variables, which are the first. O(nodes + operands). */
export function sweepValues(program: ScalarProgram, values: Float64Array): void {
  const { variables, codes, left, right, operands } = program;
  const nodes = codes.length;
  for (let k = variables; k < nodes; k++) {
    const a = left[k];
    const b = right[k];
    switch (codes[k]) {
      case CONSTANT:
        break;
      case MULTIPLY:
        values[k] = values[a] * values[b];
        break;
      case ADD:
        values[k] = values[a] + values[b];
        break;
      case SUBTRACT:
        values[k] = values[a] - values[b];
        break;
      case SQUARE:
        values[k] = values[a] * values[a];
        break;
      case NEGATE:
        values[k] = -values[a];
        break;
      case DIVIDE:
        values[k] = values[a] / values[b];
        break;
      case SUM: {
        let sum = 0;
        for (let i = a; i < a + b; i++) sum += values[operands[i]];
        values[k] = sum;
        break;
      }
      case CHOICE:
        values[k] = values[operands[values[operands[a]] !== 0 ? a + 1 : a + 2]];
        break;
      case PIECEWISE:
        values[k] = piecewiseAt(program, k, values[operands[a]]);
        break;
      default:
        values[k] = applyOperation(codes[k], values[a], values[b]);
    }
  }
}

/**
 * The outputs of a program as a function of its variables. Undefined values are NaN. The bits are the same in every
 * engine, except for sin, cos and tan of arguments beyond a million. The result is overwritten by the next call.
 * @throws (the function) INVALID_SHAPE for a wrong number of values.
 */
export function compileProgram(program: ScalarProgram): (x: ArrayLike<number>) => Float64Array {
  const values = spaceForValues(program);
  const { variables, outputs } = program;
  const results = new Float64Array(outputs.length);
  return (x) => {
    if (x.length !== variables)
      fail('INVALID_SHAPE', `The program has ${variables} variables, but ${x.length} values are given.`);
    for (let i = 0; i < variables; i++) values[i] = x[i];
    sweepValues(program, values);
    for (let k = 0; k < outputs.length; k++) results[k] = values[outputs[k]];
    return results;
  };
}
