import { fail } from '@southwell/numerics/core';

export type Operator = '+' | '-' | '*' | '/' | '^';

/**
 * Syntax tree of a real expression, as plain data. Numbers are finite and non-negative; `negative` is the unary minus.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'negative'; readonly of: Expression }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] };

/** Throws INVALID_PARAMETER for a hand-made node that is not a valid expression. */
function partsOf(node: Expression): readonly Expression[] {
  switch (node?.kind) {
    case 'number':
    case 'constant':
    case 'variable':
      return [];
    case 'negative':
      return [node.of];
    case 'operation':
      return [node.left, node.right];
    case 'call':
      return node.arguments;
    default:
      return fail('INVALID_PARAMETER', `There is no kind of expression '${(node as Expression | undefined)?.kind}'.`);
  }
}

/**
 * All nodes in postorder, left operands first. Iterative rather than recursive, since a sum is as deep as it has terms.
 * @throws INVALID_PARAMETER for a node that is not a valid expression.
 */
export function partsInOrder(whole: Expression): readonly Expression[] {
  const waiting = [whole];
  const found: Expression[] = [];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    found.push(node);
    waiting.push(...partsOf(node));
  }
  return found.reverse();
}

/** Natural order, comparing runs of digits as numbers: x, x1, x2, x10, y. */
function compareNames(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split(/(\d+)/));
  for (let k = 0; k < Math.min(left.length, right.length); k++) {
    const l = left[k];
    const r = right[k];
    // Odd pieces are numbers.
    const byLength = k % 2 === 1 ? l.replace(/^0+/, '').length - r.replace(/^0+/, '').length : 0;
    if (byLength !== 0) return byLength;
    if (l !== r) return l < r ? -1 : 1;
  }
  return left.length - right.length;
}

/**
 * The distinct names of the variables, in natural order: x, x1, x2, x10, y.
 * @throws INVALID_PARAMETER for a node that is not a valid expression.
 */
export function variablesOf(expression: Expression): readonly string[] {
  const names = partsInOrder(expression).flatMap((node) => (node.kind === 'variable' ? [node.name] : []));
  return [...new Set(names)].sort(compareNames);
}
