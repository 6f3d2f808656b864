export { compileExpression } from './compile.ts';
export { type Expression, type Operator, variablesOf } from './expression.ts';
export { functionNames } from './functions.ts';
export { parseExpression } from './parse.ts';
export { printExpression } from './print.ts';
