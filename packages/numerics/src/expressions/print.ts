import { fail } from '@southwell/numerics/core';
import { type Expression, partsInOrder } from './expression.ts';

/** A text and the precedence of its outermost operator. */
interface Printed {
  readonly text: string;
  readonly binds: number;
}

const [SUM, PRODUCT, MINUS, POWER, WHOLE] = [1, 2, 3, 4, 5];
const BINDS = { '+': SUM, '-': SUM, '*': PRODUCT, '/': PRODUCT, '^': POWER } as const;

/** Adds parentheses if the precedence is lower than required. */
const within = ({ text, binds }: Printed, least: number): string => (binds < least ? `(${text})` : text);

/**
 * Prints an expression with as few parentheses as possible; {@link parseExpression} reads it back as the same
 * expression.
 * @throws INVALID_PARAMETER for a node that is not a valid expression.
 */
export function printExpression(expression: Expression): string {
  const printed: Printed[] = [];
  for (const node of partsInOrder(expression)) {
    switch (node.kind) {
      case 'number':
        if (!(node.value >= 0 && node.value < Number.POSITIVE_INFINITY))
          fail('INVALID_PARAMETER', `Numbers of an expression are finite and at least 0, but one is ${node.value}.`);
        printed.push({ text: String(node.value), binds: WHOLE });
        break;
      case 'constant':
      case 'variable':
        printed.push({ text: node.name, binds: WHOLE });
        break;
      case 'negative':
        printed.push({ text: `-${within(printed.pop()!, MINUS)}`, binds: MINUS });
        break;
      case 'operation': {
        const [left, right] = printed.splice(-2);
        const binds = BINDS[node.operator];
        const power = node.operator === '^';
        // The exponent of a power may begin with a minus; its base may not.
        const l = within(left, power ? WHOLE : binds);
        const r = within(right, power ? MINUS : binds + 1);
        printed.push({ text: power ? `${l}^${r}` : `${l} ${node.operator} ${r}`, binds });
        break;
      }
      case 'call': {
        const given = node.arguments.length === 0 ? [] : printed.splice(-node.arguments.length);
        printed.push({ text: `${node.name}(${given.map(({ text }) => text).join(', ')})`, binds: WHOLE });
      }
    }
  }
  return printed[0].text;
}
