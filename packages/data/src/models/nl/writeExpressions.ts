import { type ProgramNode, programNode, type ScalarProgram } from '@southwell/numerics/expressions';
import { binaryOperators, IF, MAX_LIST, MIN_LIST, PIECEWISE_LINEAR, SUM_LIST, unaryOperators } from './operators.ts';
import type { NlSink } from './sink.ts';

/** The number of each operation that the format has. Those of constant powers are left to readers. */
const numbers = new Map<string, number>(
  [...unaryOperators, ...binaryOperators].map(([number, name]) => [name, number]),
);
numbers.set('power', 5);
numbers.delete('square');

const logicals: ReadonlySet<string> = new Set([
  'less',
  'lessEqual',
  'equal',
  'greaterEqual',
  'greater',
  'notEqual',
  'and',
  'or',
  'not',
]);
/** Operations whose operands are conditions. */
const ofConditions: ReadonlySet<string> = new Set(['and', 'or', 'not']);

/** A piece of an expression in prefix notation: an operator by its name, a number or an operand. */
type Piece = string | { readonly value: number } | { readonly operand: 0 | 1 };
const a: Piece = { operand: 0 };
const b: Piece = { operand: 1 };
const n = (value: number): Piece => ({ value });

/** Operations that the format does not have, by those that it has. */
const written: ReadonlyMap<string, readonly Piece[]> = new Map<string, readonly Piece[]>([
  ['square', ['power', a, n(2)]],
  ['hypot', ['sqrt', 'add', 'power', a, n(2), 'power', b, n(2)]],
  ['modulo', ['subtract', a, 'multiply', b, 'floor', 'divide', a, b]],
  ['log2', ['divide', 'log', a, n(Math.LN2)]],
  ['log1p', ['log', 'add', n(1), a]],
  ['expm1', ['subtract', 'exp', a, n(1)]],
  ['round', ['floor', 'add', a, n(0.5)]],
  ['cbrt', ['choice', 'less', a, n(0), 'negate', 'power', 'negate', a, n(1 / 3), 'power', a, n(1 / 3)]],
  ['sign', ['choice', 'less', a, n(0), n(-1), 'choice', 'less', n(0), a, n(1), n(0)]],
]);

/** How often an operand of a node is written. */
function timesWritten(node: ProgramNode, operand: number): number {
  if (node.kind === 'unary' || node.kind === 'binary') {
    const pieces = written.get(node.operation);
    return pieces
      ? pieces.filter((piece) => typeof piece === 'object' && 'operand' in piece && piece.operand === operand).length
      : 1;
  }
  // The argument of a piecewise linear term has to be a variable.
  return node.kind === 'piecewise' ? 2 : 1;
}

/** In what the nodes of a program occur. */
export const IN_ROWS = 1;
export const IN_OBJECTIVE = 2;

export interface Uses {
  /** For each node the flags above. */
  readonly occurs: Uint8Array;
  /** Nodes to be written as defined variables, since they occur more than once; operands first. */
  readonly shared: readonly number[];
}

/** @param rows The row of each output, −1 for the objective. */
export function usesOf(program: ScalarProgram, rows: Int32Array): Uses {
  const nodes = program.codes.length;
  const occurs = new Uint8Array(nodes);
  const times = new Uint8Array(nodes);
  const use = (k: number, flags: number, count: number): void => {
    occurs[k] |= flags;
    times[k] = Math.min(times[k] + count, 2);
  };
  rows.forEach((row, k) => {
    use(program.outputs[k], row < 0 ? IN_OBJECTIVE : IN_ROWS, 1);
  });
  const shared: number[] = [];
  for (let k = nodes - 1; k >= program.variables; k--) {
    if (occurs[k] === 0) continue;
    const node = programNode(program, k);
    if (node.kind === 'variable' || node.kind === 'constant') continue;
    if (times[k] > 1) shared.push(k);
    node.operands.forEach((operand, i) => {
      use(operand, occurs[k], timesWritten(node, i));
    });
  }
  return { occurs, shared: shared.reverse() };
}

/** Something that remains to be written: a node, a condition that it is not 0, an operator, or a number. */
type Task =
  | { readonly node: number; readonly condition: boolean }
  | { readonly operator: number }
  | { readonly value: number };

/** Writes the nodes of a program in prefix notation. Not recursive, as they may be a million deep. */
export class ExpressionWriter {
  /** The number in the file of variables and shared nodes; −1 for all others. */
  readonly numberOf: Int32Array;

  constructor(
    private readonly sink: NlSink,
    private readonly program: ScalarProgram,
  ) {
    this.numberOf = new Int32Array(program.codes.length).fill(-1);
  }

  constant(value: number): void {
    this.sink.letter('n');
    this.sink.real(value);
    this.sink.endLine();
  }

  operator(number: number): void {
    this.sink.letter('o');
    this.sink.whole(number);
    this.sink.endLine();
  }

  private count(count: number): void {
    this.sink.whole(count);
    this.sink.endLine();
  }

  variable(number: number): void {
    this.sink.letter('v');
    this.sink.whole(number);
    this.sink.endLine();
  }

  /** The product of a number and two variables. */
  product(coefficient: number, i: number, j: number): void {
    this.operator(numbers.get('multiply')!);
    this.constant(coefficient);
    this.operator(numbers.get(i === j ? 'power' : 'multiply')!);
    this.variable(i);
    if (i === j) this.constant(2);
    else this.variable(j);
  }

  /** A sum of `count` expressions, which follow. */
  sumOf(count: number): void {
    if (count === 2) this.operator(0);
    if (count < 3) return;
    this.operator(SUM_LIST);
    this.count(count);
  }

  /** Writes a node; with `whole` as it is computed, even if it has a number. */
  write(root: number, whole = false): void {
    const tasks: Task[] = [{ node: root, condition: false }];
    let first = whole;
    while (tasks.length > 0) {
      const task = tasks.pop()!;
      if ('operator' in task) this.operator(task.operator);
      else if ('value' in task) this.constant(task.value);
      else {
        this.begin(task.node, task.condition, first, tasks);
        first = false;
      }
    }
  }

  private begin(k: number, condition: boolean, whole: boolean, tasks: Task[]): void {
    const numbered = this.numberOf[k] >= 0 && !whole;
    const node = programNode(this.program, k);
    const logical = !numbered && 'operation' in node && logicals.has(node.operation);
    // The format tells conditions from numbers.
    if (condition && !logical) this.operator(numbers.get('notEqual')!);
    if (!condition && logical) this.operator(IF);
    const closing: Task[] = [];
    if (condition && !logical) closing.push({ value: 0 });
    if (!condition && logical) closing.push({ value: 0 }, { value: 1 });
    tasks.push(...closing);
    if (numbered) this.variable(this.numberOf[k]);
    else if (node.kind === 'constant') this.constant(node.value);
    else if (node.kind === 'sum' || (node.kind === 'binary' && node.operation === 'add')) this.sum(k, tasks);
    else if (node.kind === 'choice') {
      const [holds, then, otherwise] = node.operands;
      this.operator(IF);
      tasks.push(
        { node: otherwise, condition: false },
        { node: then, condition: false },
        { node: holds, condition: true },
      );
    } else if (node.kind === 'piecewise') {
      this.piecewise(node.slopes, node.breakpoints);
      tasks.push({ node: node.operands[0], condition: false });
    } else if (node.kind !== 'variable') this.operation(node, tasks);
  }

  private operation(node: ProgramNode & { kind: 'unary' | 'binary' }, tasks: Task[]): void {
    const pieces = written.get(node.operation);
    if (pieces === undefined) {
      if (node.operation === 'min' || node.operation === 'max') {
        this.operator(node.operation === 'min' ? MIN_LIST : MAX_LIST);
        this.count(2);
      } else this.operator(numbers.get(node.operation)!);
      const condition = ofConditions.has(node.operation);
      for (const operand of [...node.operands].reverse()) tasks.push({ node: operand, condition });
      return;
    }
    for (const piece of [...pieces].reverse()) {
      if (typeof piece === 'string') tasks.push({ operator: piece === 'choice' ? IF : numbers.get(piece)! });
      else if ('value' in piece) tasks.push(piece);
      else tasks.push({ node: node.operands[piece.operand], condition: false });
    }
  }

  /** A sum, with the terms of a sum that is its first operand and occurs nowhere else; so it is added in the same order. */
  private sum(root: number, tasks: Task[]): void {
    const terms: number[] = [];
    let k = root;
    for (;;) {
      const node = programNode(this.program, k);
      const nested = node.kind === 'sum' || (node.kind === 'binary' && node.operation === 'add');
      if (!nested || (k !== root && this.numberOf[k] >= 0)) break;
      for (const operand of node.operands.slice(1).reverse()) terms.push(operand);
      k = node.operands[0];
    }
    terms.push(k);
    this.sumOf(terms.length);
    for (const term of terms) tasks.push({ node: term, condition: false });
  }

  private piecewise(slopes: readonly number[], breakpoints: readonly number[]): void {
    this.operator(PIECEWISE_LINEAR);
    this.count(slopes.length);
    slopes.forEach((slope, k) => {
      this.constant(slope);
      if (k < breakpoints.length) this.constant(breakpoints[k]);
    });
  }
}
