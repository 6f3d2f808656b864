import type { ScalarProgram } from './program.ts';
import {
  type BinaryOperation,
  binaryCodes,
  CHOICE,
  CONSTANT,
  PIECEWISE,
  SUM,
  type UnaryOperation,
  unaryCodes,
  VARIABLE,
} from './programOperations.ts';

/** A node of a program, with the indices of the nodes that are its operands. */
export type ProgramNode =
  | { readonly kind: 'variable' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'unary'; readonly operation: UnaryOperation; readonly operands: readonly number[] }
  | { readonly kind: 'binary'; readonly operation: BinaryOperation; readonly operands: readonly number[] }
  | { readonly kind: 'sum'; readonly operands: readonly number[] }
  /** Operands: condition, value if it holds, value otherwise. */
  | { readonly kind: 'choice'; readonly operands: readonly number[] }
  | {
      readonly kind: 'piecewise';
      readonly operands: readonly number[];
      readonly slopes: readonly number[];
      readonly breakpoints: readonly number[];
    };

const unaryNames = new Map([...unaryCodes].map(([name, code]) => [code, name as UnaryOperation]));
const binaryNames = new Map([...binaryCodes].map(([name, code]) => [code, name as BinaryOperation]));

/** Node k of a program, for those who write or translate it. */
export function programNode({ codes, left, right, operands, constants }: ScalarProgram, k: number): ProgramNode {
  const code = codes[k];
  const [a, b] = [left[k], right[k]];
  if (code === VARIABLE) return { kind: 'variable' };
  if (code === CONSTANT) return { kind: 'constant', value: constants[a] };
  if (code === SUM) return { kind: 'sum', operands: Array.from(operands.subarray(a, a + b)) };
  if (code === CHOICE) return { kind: 'choice', operands: Array.from(operands.subarray(a, a + 3)) };
  if (code === PIECEWISE) {
    const [argument, first, count] = operands.subarray(a, a + 3);
    return {
      kind: 'piecewise',
      operands: [argument],
      slopes: Array.from(constants.subarray(first, first + count)),
      breakpoints: Array.from(constants.subarray(first + count, first + 2 * count - 1)),
    };
  }
  const unary = unaryNames.get(code);
  return unary === undefined
    ? { kind: 'binary', operation: binaryNames.get(code)!, operands: [a, b] }
    : { kind: 'unary', operation: unary, operands: [a] };
}
