import type { BinaryOperation, UnaryOperation } from '@southwell/numerics/expressions';

/** Operators of .nl files on one operand, by their number. */
export const unaryOperators: ReadonlyMap<number, UnaryOperation> = new Map([
  [13, 'floor'],
  [14, 'ceil'],
  [15, 'abs'],
  [16, 'negate'],
  [34, 'not'],
  [37, 'tanh'],
  [38, 'tan'],
  [39, 'sqrt'],
  [40, 'sinh'],
  [41, 'sin'],
  [42, 'log10'],
  [43, 'log'],
  [44, 'exp'],
  [45, 'cosh'],
  [46, 'cos'],
  [47, 'atanh'],
  [49, 'atan'],
  [50, 'asinh'],
  [51, 'asin'],
  [52, 'acosh'],
  [53, 'acos'],
  [77, 'square'],
] as const);

/** Those on two operands. */
export const binaryOperators: ReadonlyMap<number, BinaryOperation> = new Map([
  [0, 'add'],
  [1, 'subtract'],
  [2, 'multiply'],
  [3, 'divide'],
  [4, 'remainder'],
  [5, 'power'],
  [6, 'excess'],
  [20, 'or'],
  [21, 'and'],
  [22, 'less'],
  [23, 'lessEqual'],
  [24, 'equal'],
  [28, 'greaterEqual'],
  [29, 'greater'],
  [30, 'notEqual'],
  [48, 'atan2'],
  [55, 'integerQuotient'],
  [56, 'precision'],
  [57, 'roundTo'],
  [58, 'truncateTo'],
  [76, 'power'],
  [78, 'power'],
] as const);

/** Comparisons of a number (the first operand) with a count (the second): holds if the count is … the number. */
export const countComparisons: ReadonlyMap<number, BinaryOperation> = new Map([
  [62, 'greaterEqual'],
  [63, 'lessEqual'],
  [66, 'equal'],
  [67, 'less'],
  [68, 'greater'],
  [69, 'notEqual'],
] as const);

export const MIN_LIST = 11;
export const MAX_LIST = 12;
export const IF = 35;
export const SUM_LIST = 54;
export const COUNT = 59;
export const NUMBER_OF = 60;
export const PIECEWISE_LINEAR = 64;
export const FOR_ALL = 70;
export const EXISTS = 71;
export const IMPLIES = 72;
export const EQUIVALENT = 73;

/** Operators with any number of operands. */
export const listOperators: ReadonlySet<number> = new Set([
  MIN_LIST,
  MAX_LIST,
  SUM_LIST,
  COUNT,
  NUMBER_OF,
  FOR_ALL,
  EXISTS,
]);

/** Operators that are known, but not as operations on numbers. */
export const refusedOperators: ReadonlyMap<number, string> = new Map([
  [61, 'numberof of symbols'],
  [65, 'if of symbols'],
  [74, 'alldiff'],
  [75, 'negated alldiff'],
]);
