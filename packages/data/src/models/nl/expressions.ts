import type { ProgramBuilder } from '@southwell/numerics/expressions';
import {
  binaryOperators,
  COUNT,
  countComparisons,
  EQUIVALENT,
  EXISTS,
  FOR_ALL,
  IF,
  IMPLIES,
  listOperators,
  MAX_LIST,
  MIN_LIST,
  NUMBER_OF,
  PIECEWISE_LINEAR,
  refusedOperators,
  SUM_LIST,
  unaryOperators,
} from './operators.ts';
import type { NlSource } from './source.ts';

/** An operator whose operands are being read. */
interface Pending {
  readonly operator: number;
  readonly operands: number;
  /** Height of the stack of nodes below its operands. */
  readonly below: number;
  readonly slopes: readonly number[];
  readonly breakpoints: readonly number[];
}

const NONE: readonly number[] = [];

/** Reads expressions in prefix notation into the nodes of a program. Not recursive, as they may be a million deep. */
export class ExpressionReader {
  /** Nodes of the variables and of the defined variables; −1 for those not yet defined. */
  readonly nodes: Int32Array;
  readonly functions = new Map<number, string>();
  private readonly pending: Pending[] = [];
  private readonly stack: number[] = [];

  constructor(
    private readonly source: NlSource,
    readonly builder: ProgramBuilder,
    definitions: number,
  ) {
    this.nodes = new Int32Array(builder.variables + definitions).fill(-1);
    for (let j = 0; j < builder.variables; j++) this.nodes[j] = builder.variable(j);
  }

  /** The node of the next expression. */
  read(): number {
    const { pending, stack } = this;
    pending.length = 0;
    stack.length = 0;
    for (;;) {
      const node = this.leafOrOperator();
      if (node !== undefined) stack.push(node);
      while (pending.length > 0) {
        const last = pending[pending.length - 1];
        if (stack.length - last.below < last.operands) break;
        pending.pop();
        const result = this.apply(last);
        stack.length = last.below;
        stack.push(result);
      }
      if (pending.length === 0) return stack[0];
    }
  }

  /** A constant: n, and s or l for whole numbers of two or four bytes. */
  private constant(letter: string | undefined): number {
    const { source } = this;
    let value = 0;
    if (letter === 'n') value = source.real('a number');
    else if (letter === 's') value = source.short('a whole number');
    else if (letter === 'l') value = source.whole('a whole number');
    else source.fail('a number (n, s or l) is expected.');
    source.endLine();
    return value;
  }

  /** The node of a leaf; undefined if an operator was read, whose operands follow. */
  private leafOrOperator(): number | undefined {
    const { source, builder, nodes } = this;
    const letter = source.letter();
    switch (letter) {
      case 'n':
      case 's':
      case 'l':
        return builder.constant(this.constant(letter));
      case 'v': {
        const index = source.whole('the number of a variable');
        if (!(index >= 0 && index < nodes.length))
          source.fail(`there is no variable v${index}; the last one is v${nodes.length - 1}.`);
        if (nodes[index] < 0) source.fail(`the defined variable v${index} is used before its segment V${index}.`);
        source.endLine();
        return nodes[index];
      }
      case 'o':
        this.operator();
        return undefined;
      case 'f': {
        const index = source.whole('the number of a function');
        const name = this.functions.get(index);
        return source.fail(
          `the imported function ${name ? `'${name}'` : `f${index}`} is called; such are not supported.`,
        );
      }
      case 'h':
        return source.fail('there is a string, which is not supported.');
      case undefined:
        return source.fail('the file ends within an expression.');
      default:
        return source.fail(`an expression is expected (n, s, l, v or o), but there is '${letter}'.`);
    }
  }

  private operator(): void {
    const { source } = this;
    const operator = source.whole('the number of an operator');
    const refused = refusedOperators.get(operator);
    if (refused) source.fail(`the operator o${operator} (${refused}) is not supported.`);
    if (operator === PIECEWISE_LINEAR) {
      this.piecewise();
      return;
    }
    let operands = 2;
    if (unaryOperators.has(operator)) operands = 1;
    else if (operator === IF || operator === IMPLIES) operands = 3;
    else if (listOperators.has(operator)) {
      source.endLine();
      operands = source.whole('the number of operands');
      if (operands < 0 || (operands === 0 && operator === NUMBER_OF))
        source.fail(`the operator o${operator} has ${operands} operands.`);
    } else if (!binaryOperators.has(operator) && !countComparisons.has(operator) && operator !== EQUIVALENT)
      source.fail(`there is no operator o${operator}.`);
    source.endLine();
    this.push(operator, operands);
  }

  private push(operator: number, operands: number, slopes = NONE, breakpoints = NONE): void {
    this.pending.push({ operator, operands, below: this.stack.length, slopes, breakpoints });
  }

  /** Slopes and breakpoints in turn; the argument follows. */
  private piecewise(): void {
    const { source } = this;
    source.endLine();
    const count = source.whole('the number of slopes');
    if (count < 1) source.fail(`a piecewise linear term has ${count} slopes.`);
    source.endLine();
    const slopes: number[] = [];
    const breakpoints: number[] = [];
    for (let k = 0; k < count; k++) {
      slopes.push(this.constant(source.letter()));
      if (k + 1 === count) break;
      breakpoints.push(this.constant(source.letter()));
      if (k > 0 && !(breakpoints[k] >= breakpoints[k - 1]))
        source.fail('the breakpoints of a piecewise linear term are not ascending.');
    }
    this.push(PIECEWISE_LINEAR, 1, slopes, breakpoints);
  }

  /** The node of an operator applied to the operands at the top of the stack. */
  private apply({ operator, operands, below, slopes, breakpoints }: Pending): number {
    const { builder, stack } = this;
    const unary = unaryOperators.get(operator);
    if (unary) return builder.unary(unary, stack[below]);
    const binary = binaryOperators.get(operator);
    if (binary) return builder.binary(binary, stack[below], stack[below + 1]);
    const comparison = countComparisons.get(operator);
    if (comparison) return builder.binary(comparison, stack[below + 1], stack[below]);
    const list = stack.slice(below, below + operands);
    const holds = (node: number): number => builder.unary('not', builder.unary('not', node));
    switch (operator) {
      case SUM_LIST:
        return builder.sum(list);
      case MIN_LIST:
        return builder.min(list);
      case MAX_LIST:
        return builder.max(list);
      case COUNT:
        return builder.sum(list.map(holds));
      case NUMBER_OF:
        return builder.sum(list.slice(1).map((node) => builder.binary('equal', node, list[0])));
      case FOR_ALL:
        return list.reduce((all, node) => builder.binary('and', all, node), builder.constant(1));
      case EXISTS:
        return list.reduce((any, node) => builder.binary('or', any, node), builder.constant(0));
      case IF:
      case IMPLIES:
        return builder.choice(list[0], list[1], list[2]);
      case EQUIVALENT:
        return builder.binary('equal', holds(list[0]), holds(list[1]));
      default:
        return builder.piecewise(slopes, breakpoints, list[0]);
    }
  }
}
