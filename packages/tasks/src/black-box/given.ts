import { SouthwellError } from '@southwell/numerics/core';
import { compileExpression, parseExpression, variablesOf } from '@southwell/numerics/expressions';
import { testFunctionNames } from 'southwell/black-box';
import { RequestError } from '../errors.ts';
import { clip } from '../format.ts';

/** An expression as an objective. */
export interface GivenExpression {
  /** In the order of the coordinates. */
  readonly variables: readonly string[];
  readonly f: (x: ArrayLike<number>) => number;
}

const NAME = /^[\p{L}_][\p{L}\p{Nd}_]*(:.*)?$/u;
/** A letter, optionally with a number: x, x1, x_2. */
const VARIABLE = /^\p{L}_?\d*$/u;

/**
 * Whether a text is read as an expression: a single name is that of a test function, unless it has the form of a
 * variable.
 */
export const isExpression = (text: string): boolean => !NAME.test(text.trim()) || VARIABLE.test(text.trim());

/** Throws RequestError for a text that is not an expression, or is constant. */
export function expressionOf(text: string): GivenExpression {
  try {
    const expression = parseExpression(text);
    const variables = variablesOf(expression);
    if (variables.length === 0)
      throw new RequestError(`'${clip(text, 60)}' has no variables: there is nothing to choose.`);
    const functions = variables.find((name) => name === 'bbob' || testFunctionNames.includes(name));
    if (functions !== undefined)
      throw new RequestError(
        `${functions} is a test function, which stands alone, and not a variable of an expression.`,
      );
    return { variables, f: compileExpression(expression, variables) };
  } catch (error) {
    if (error instanceof SouthwellError) throw new RequestError(error.message);
    throw error;
  }
}

/** The error in the text of an expression, as a sentence. */
export function misread(text: string): string | undefined {
  try {
    expressionOf(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
