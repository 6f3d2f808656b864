import { fail } from '@southwell/numerics/core';
import { type Expression, type Operator, partsInOrder } from './expression.ts';
import { constants, knownFunctions } from './functions.ts';
import { ProgramBuilder, type ScalarProgram } from './program.ts';
import { type BinaryOperation, binaryCodes, type UnaryOperation, unaryCodes } from './programOperations.ts';

const operators: Readonly<Record<Operator, BinaryOperation>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
};
/** Functions of expressions whose operation in programs has another name. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['pow', 'power'],
  ['mod', 'modulo'],
]);

/**
 * The program whose outputs are the expressions, as functions of the variables in the given order.
 * @throws INVALID_PARAMETER if a variable is not in the list or the list has duplicates, or if a node is not a valid
 * expression.
 */
export function programOf(expressions: readonly Expression[], variables: readonly string[]): ScalarProgram {
  const places = new Map(variables.map((name, i) => [name, i] as const));
  if (places.size < variables.length) fail('INVALID_PARAMETER', 'A variable appears twice in the list of variables.');
  const builder = new ProgramBuilder(variables.length);
  for (const expression of expressions) {
    const stack: number[] = [];
    for (const node of partsInOrder(expression)) stack.push(nodeOf(builder, node, stack, places));
    builder.output(stack[0]);
  }
  return builder.program();
}

/** Appends a node, whose operands are taken from the top of the stack. */
function nodeOf(
  builder: ProgramBuilder,
  node: Expression,
  stack: number[],
  places: ReadonlyMap<string, number>,
): number {
  switch (node.kind) {
    case 'number':
      return builder.constant(node.value);
    case 'constant':
      return builder.constant(
        constants.get(node.name) ?? fail('INVALID_PARAMETER', `There is no constant '${node.name}'.`),
      );
    case 'variable':
      return builder.variable(
        places.get(node.name) ??
          fail('INVALID_PARAMETER', `The variable '${node.name}' is not among ${[...places.keys()].join(', ')}.`),
      );
    case 'negative':
      return builder.unary('negate', stack.pop()!);
    case 'operation': {
      if (!Object.hasOwn(operators, node.operator))
        fail('INVALID_PARAMETER', `There is no operator '${node.operator}'.`);
      const right = stack.pop()!;
      return builder.binary(operators[node.operator], stack.pop()!, right);
    }
    case 'call':
      return call(builder, node.name, stack.splice(stack.length - node.arguments.length));
  }
}

function call(builder: ProgramBuilder, name: string, operands: readonly number[]): number {
  const { least, most } = knownFunctions.get(name) ?? fail('INVALID_PARAMETER', `There is no function '${name}'.`);
  const { length } = operands;
  if (length < least || length > most)
    fail('INVALID_PARAMETER', `The function '${name}' does not take ${length} arguments.`);
  const operation = renamed.get(name) ?? name;
  if (length === 1 && unaryCodes.has(operation)) return builder.unary(operation as UnaryOperation, operands[0]);
  if (!binaryCodes.has(operation)) return fail('INVALID_PARAMETER', `A program has no operation '${name}'.`);
  // From the right, as compiled expressions do.
  let node = operands[length - 1];
  for (let k = length - 2; k >= 0; k--) node = builder.binary(operation as BinaryOperation, operands[k], node);
  return node;
}
