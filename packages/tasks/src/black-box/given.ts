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
/** A letter, or one with a number: x, x1, x_2. */
const VARIABLE = /^\p{L}_?\d*$/u;

/** Whether a text is to be read as an expression: a name alone is that of a test function, unless variables are called so. */
export const isExpression = (text: string): boolean => !NAME.test(text.trim()) || VARIABLE.test(text.trim());

/** Throws RequestError with a sentence for what is none, or is constant. */
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

/** What is wrong with the text of an expression, a sentence. */
export function misread(text: string): string | undefined {
  try {
    expressionOf(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
