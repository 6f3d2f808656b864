import { fail } from '@southwell/numerics/core';
import {
  ADD,
  applyOperation,
  type BinaryOperation,
  binaryCodes,
  CHOICE,
  CONSTANT,
  DIVIDE,
  MAX,
  MIN,
  MULTIPLY,
  NEGATE,
  PIECEWISE,
  POWER,
  SQUARE,
  SUBTRACT,
  SUM,
  type UnaryOperation,
  unaryCodes,
} from './programOperations.ts';

/**
 * A program of scalar operations with several outputs, in flat arrays: the form in which models hold their nonlinear
 * parts. Node k has the operation `codes[k]` (numbered in programOperations.ts) and operands before it, so that the
 * nodes in order are a schedule. Nodes may be shared. Made by a {@link ProgramBuilder}.
 */
export interface ScalarProgram {
  /** The first nodes are the variables, in order. */
  readonly variables: number;
  readonly codes: Uint8Array;
  /**
   * First operand; of a constant the index in `constants`; of a sum, a choice or a piecewise linear function the first
   * index in `operands`.
   */
  readonly left: Int32Array;
  /** Second operand; of a sum the number of operands. */
  readonly right: Int32Array;
  /**
   * Operands of the sums. Of a choice: condition, value if it holds, value otherwise. Of a piecewise linear function:
   * argument, index in `constants` of its first slope, number of slopes; the breakpoints follow the slopes.
   */
  readonly operands: Int32Array;
  readonly constants: Float64Array;
  /** Node of each output. */
  readonly outputs: Int32Array;
}

/**
 * Builds a {@link ScalarProgram}. Each method appends a node and returns its index, which later nodes use as operand
 * as often as they like; operations on constants are evaluated.
 */
export class ProgramBuilder {
  private readonly codes: number[];
  private readonly left: number[];
  private readonly right: number[];
  private readonly operands: number[] = [];
  private readonly constants: number[] = [];
  private readonly outputs: number[] = [];
  private readonly known = new Map<number, number>();

  /** @throws INVALID_PARAMETER unless the number of variables is a whole number. */
  constructor(readonly variables: number) {
    if (!(Number.isInteger(variables) && variables >= 0))
      fail('INVALID_PARAMETER', `A program has a whole number of variables, not ${variables}.`);
    // Pushed one by one, since an array of unknown content is slower.
    this.codes = [];
    this.left = [];
    this.right = [];
    for (let i = 0; i < variables; i++) this.add(0, i, 0);
  }

  private add(code: number, left: number, right: number): number {
    this.codes.push(code);
    this.left.push(left);
    this.right.push(right);
    return this.codes.length - 1;
  }

  private check(node: number): void {
    if (!(Number.isInteger(node) && node >= 0 && node < this.codes.length))
      fail('INVALID_PARAMETER', `The program has no node ${node}; its last one is ${this.codes.length - 1}.`);
  }

  /** The value of a node if it is a constant. */
  constantValue(node: number): number | undefined {
    return this.codes[node] === CONSTANT ? this.constants[this.left[node]] : undefined;
  }

  /**
   * The node of variable i.
   * @throws INVALID_PARAMETER.
   */
  variable(i: number): number {
    if (!(Number.isInteger(i) && i >= 0 && i < this.variables))
      fail('INVALID_PARAMETER', `The program has ${this.variables} variables; there is no variable ${i}.`);
    return i;
  }

  constant(value: number): number {
    // A map does not tell −0 from 0.
    const negativeZero = value === 0 && 1 / value < 0;
    const found = negativeZero ? undefined : this.known.get(value);
    if (found !== undefined) return found;
    const node = this.add(CONSTANT, this.constants.push(value) - 1, 0);
    if (!negativeZero) this.known.set(value, node);
    return node;
  }

  /** @throws INVALID_PARAMETER. */
  unary(operation: UnaryOperation, a: number): number {
    this.check(a);
    const code = unaryCodes.get(operation);
    if (code === undefined) return fail('INVALID_PARAMETER', `There is no operation '${operation}' on one number.`);
    const value = this.constantValue(a);
    if (value !== undefined) return this.constant(applyOperation(code, value, 0));
    if (code === NEGATE && this.codes[a] === NEGATE) return this.left[a];
    return this.add(code, a, a);
  }

  /** @throws INVALID_PARAMETER. */
  binary(operation: BinaryOperation, a: number, b: number): number {
    this.check(a);
    this.check(b);
    const code = binaryCodes.get(operation);
    if (code === undefined) return fail('INVALID_PARAMETER', `There is no operation '${operation}' on two numbers.`);
    return this.operation(code, a, b);
  }

  private operation(code: number, a: number, b: number): number {
    const left = this.constantValue(a);
    const right = this.constantValue(b);
    if (left !== undefined && right !== undefined) return this.constant(applyOperation(code, left, right));
    if (code === POWER && right === 2) return this.add(SQUARE, a, a);
    if ((code === POWER || code === DIVIDE || code === MULTIPLY) && right === 1) return a;
    if (code === MULTIPLY && left === 1) return b;
    if (code === MULTIPLY && a === b) return this.add(SQUARE, a, a);
    if ((code === ADD || code === SUBTRACT) && right === 0) return a;
    if (code === ADD && left === 0) return b;
    return this.add(code, a, b);
  }

  /** @throws INVALID_PARAMETER. */
  sum(nodes: ArrayLike<number>): number {
    for (let k = 0; k < nodes.length; k++) this.check(nodes[k]);
    if (nodes.length === 0) return this.constant(0);
    if (nodes.length === 1) return nodes[0];
    if (nodes.length === 2) return this.operation(ADD, nodes[0], nodes[1]);
    const from = this.operands.length;
    for (let k = 0; k < nodes.length; k++) this.operands.push(nodes[k]);
    return this.add(SUM, from, nodes.length);
  }

  /** The least of the nodes: ∞ if there are none. */
  min(nodes: ArrayLike<number>): number {
    return this.fold(MIN, nodes, Number.POSITIVE_INFINITY);
  }

  /** The greatest of the nodes: −∞ if there are none. */
  max(nodes: ArrayLike<number>): number {
    return this.fold(MAX, nodes, Number.NEGATIVE_INFINITY);
  }

  private fold(code: number, nodes: ArrayLike<number>, none: number): number {
    if (nodes.length === 0) return this.constant(none);
    this.check(nodes[0]);
    let node = nodes[0];
    for (let k = 1; k < nodes.length; k++) {
      this.check(nodes[k]);
      node = this.operation(code, node, nodes[k]);
    }
    return node;
  }

  /** `then` where the condition is not 0, elsewhere `otherwise`. */
  choice(condition: number, then: number, otherwise: number): number {
    for (const node of [condition, then, otherwise]) this.check(node);
    const value = this.constantValue(condition);
    if (value !== undefined) return value !== 0 ? then : otherwise;
    return this.add(CHOICE, this.operands.push(condition, then, otherwise) - 3, 3);
  }

  /**
   * The continuous piecewise linear function with the given slopes left of, between and right of the ascending
   * breakpoints that is 0 at 0, as in AMPL.
   * @throws INVALID_PARAMETER unless there is one slope more than breakpoints.
   */
  piecewise(slopes: readonly number[], breakpoints: readonly number[], a: number): number {
    this.check(a);
    if (slopes.length !== breakpoints.length + 1 || breakpoints.some((b, k) => k > 0 && !(b >= breakpoints[k - 1])))
      fail('INVALID_PARAMETER', 'A piecewise linear function has ascending breakpoints and one slope more than those.');
    const first = this.constants.length;
    this.constants.push(...slopes, ...breakpoints);
    return this.add(PIECEWISE, this.operands.push(a, first, slopes.length) - 3, 3);
  }

  /**
   * Makes a node the next output.
   * @returns The index of the output.
   */
  output(node: number): number {
    this.check(node);
    return this.outputs.push(node) - 1;
  }

  program(): ScalarProgram {
    return {
      variables: this.variables,
      codes: new Uint8Array(this.codes),
      left: new Int32Array(this.left),
      right: new Int32Array(this.right),
      operands: new Int32Array(this.operands),
      constants: new Float64Array(this.constants),
      outputs: new Int32Array(this.outputs),
    };
  }
}
