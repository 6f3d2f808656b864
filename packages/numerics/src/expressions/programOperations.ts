import {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cosh,
  elementary,
  expm1,
  hypot,
  log1p,
  log2,
  log10,
  pow,
  sinh,
  tan,
  tanh,
} from '@southwell/numerics/special';
import { mod } from './functions.ts';

// Codes of the operations of a program. The order is that of the ranges below.
export const VARIABLE = 0;
export const CONSTANT = 1;
/** Of any number of operands. */
export const SUM = 2;
/** Of a condition, the value if it holds, and the value if not. */
export const CHOICE = 3;
/** A continuous piecewise linear function through the origin. */
export const PIECEWISE = 4;

export const ADD = 5;
export const SUBTRACT = 6;
export const MULTIPLY = 7;
export const DIVIDE = 8;
export const POWER = 9;
export const ATAN2 = 10;
export const HYPOT = 11;
export const MIN = 12;
export const MAX = 13;
export const REMAINDER = 14;
export const MODULO = 15;
export const EXCESS = 16;
export const INTEGER_QUOTIENT = 17;
export const PRECISION = 18;
export const ROUND_TO = 19;
export const TRUNCATE_TO = 20;
export const LESS = 21;
export const LESS_EQUAL = 22;
export const EQUAL = 23;
export const GREATER_EQUAL = 24;
export const GREATER = 25;
export const NOT_EQUAL = 26;
export const AND = 27;
export const OR = 28;

export const NEGATE = 29;
export const SQUARE = 30;
export const SQRT = 31;
export const EXP = 32;
export const LOG = 33;
export const SIN = 34;
export const COS = 35;
export const TAN = 36;
export const ASIN = 37;
export const ACOS = 38;
export const ATAN = 39;
export const SINH = 40;
export const COSH = 41;
export const TANH = 42;
export const ASINH = 43;
export const ACOSH = 44;
export const ATANH = 45;
export const LOG10 = 46;
export const LOG2 = 47;
export const LOG1P = 48;
export const EXPM1 = 49;
export const CBRT = 50;
export const ABS = 51;
export const FLOOR = 52;
export const CEIL = 53;
export const ROUND = 54;
export const SIGN = 55;
export const NOT = 56;

export const isBinary = (code: number): boolean => code >= ADD && code < NEGATE;
export const isUnary = (code: number): boolean => code >= NEGATE || code === PIECEWISE;

const binaries = {
  add: ADD,
  subtract: SUBTRACT,
  multiply: MULTIPLY,
  divide: DIVIDE,
  power: POWER,
  atan2: ATAN2,
  hypot: HYPOT,
  min: MIN,
  max: MAX,
  /** a − b·trunc(a/b), with the sign of a. */
  remainder: REMAINDER,
  /** a − b·floor(a/b), with the sign of b. */
  modulo: MODULO,
  /** max(a − b, 0). */
  excess: EXCESS,
  /** trunc(a/b). */
  integerQuotient: INTEGER_QUOTIENT,
  /** a rounded to b significant digits. */
  precision: PRECISION,
  /** a rounded to b decimals. */
  roundTo: ROUND_TO,
  /** a truncated to b decimals. */
  truncateTo: TRUNCATE_TO,
  less: LESS,
  lessEqual: LESS_EQUAL,
  equal: EQUAL,
  greaterEqual: GREATER_EQUAL,
  greater: GREATER,
  notEqual: NOT_EQUAL,
  and: AND,
  or: OR,
} as const;

const unaries = {
  negate: NEGATE,
  square: SQUARE,
  sqrt: SQRT,
  exp: EXP,
  log: LOG,
  sin: SIN,
  cos: COS,
  tan: TAN,
  asin: ASIN,
  acos: ACOS,
  atan: ATAN,
  sinh: SINH,
  cosh: COSH,
  tanh: TANH,
  asinh: ASINH,
  acosh: ACOSH,
  atanh: ATANH,
  log10: LOG10,
  log2: LOG2,
  log1p: LOG1P,
  expm1: EXPM1,
  cbrt: CBRT,
  abs: ABS,
  floor: FLOOR,
  ceil: CEIL,
  round: ROUND,
  sign: SIGN,
  not: NOT,
} as const;

/** Operations on two numbers. Comparisons and `and`, `or` are 1 where they hold and 0 where not. */
export type BinaryOperation = keyof typeof binaries;
export type UnaryOperation = keyof typeof unaries;
export const binaryCodes: ReadonlyMap<string, number> = new Map(Object.entries(binaries));
export const unaryCodes: ReadonlyMap<string, number> = new Map(Object.entries(unaries));

/** a rounded to d decimals (tens, hundreds … for negative d) by `whole`. */
function toDecimals(a: number, d: number, whole: (x: number) => number): number {
  const digits = Math.round(d);
  if (!Number.isFinite(a) || Math.abs(digits) > 300) return digits < 0 ? 0 * a : a;
  const unit = 10 ** Math.abs(digits);
  // Beyond 2⁵² every number is whole.
  if (digits >= 0) return Math.abs(a) * unit < 2 ** 52 ? whole(a * unit) / unit : a;
  return whole(a / unit) * unit;
}

/** a rounded to d significant digits. */
const toDigits = (a: number, d: number): number =>
  Number.isNaN(d) ? d : Number(a.toPrecision(Math.min(Math.max(d, 1), 17)));

const awayFromZero = (x: number): number => (x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5));

/** The value of an operation on one number (b is ignored) or two. Undefined results are NaN. */
export function applyOperation(code: number, a: number, b: number): number {
  if (code < NEGATE) return applyBinary(code, a, b);
  switch (code) {
    case NEGATE:
      return -a;
    case SQUARE:
      return a * a;
    case SQRT:
      return Math.sqrt(a);
    case EXP:
      return elementary.exp(a);
    case LOG:
      return elementary.log(a);
    case SIN:
      return Math.abs(a) <= FAR ? elementary.sin(a) : Math.sin(a);
    case COS:
      return Math.abs(a) <= FAR ? elementary.cos(a) : Math.cos(a);
    case TAN:
      return Math.abs(a) <= FAR ? tan(a) : Math.tan(a);
    case ASIN:
      return asin(a);
    case ACOS:
      return acos(a);
    case ATAN:
      return atan(a);
    case SINH:
      return sinh(a);
    case COSH:
      return cosh(a);
    case TANH:
      return tanh(a);
    case ASINH: {
      const size = Math.abs(a);
      const value = size > 1e8 ? elementary.log(size) + Math.LN2 : log1p(size + (size * size) / (1 + hypot(size, 1)));
      return a < 0 ? -value : value;
    }
    case ACOSH:
      return a > 1e8 ? elementary.log(a) + Math.LN2 : log1p(a - 1 + Math.sqrt((a - 1) * (a + 1)));
    case ATANH: {
      const size = Math.abs(a);
      const value = log1p((2 * size) / (1 - size)) / 2;
      return size > 1 ? Number.NaN : a < 0 ? -value : value;
    }
    case LOG10:
      return log10(a);
    case LOG2:
      return log2(a);
    case LOG1P:
      return log1p(a);
    case EXPM1:
      return expm1(a);
    case CBRT:
      return cbrt(a);
    case ABS:
      return Math.abs(a);
    case FLOOR:
      return Math.floor(a);
    case CEIL:
      return Math.ceil(a);
    case ROUND:
      return Math.round(a);
    case SIGN:
      return Math.sign(a);
    case NOT:
      return a === 0 ? 1 : 0;
    default:
      return Number.NaN;
  }
}

/** Beyond this the argument reduction has too few digits of π, and the engine's own functions are used. */
const FAR = 1e6;

function applyBinary(code: number, a: number, b: number): number {
  switch (code) {
    case ADD:
      return a + b;
    case SUBTRACT:
      return a - b;
    case MULTIPLY:
      return a * b;
    case DIVIDE:
      return a / b;
    case POWER:
      return pow(a, b);
    case ATAN2:
      return atan2(a, b);
    case HYPOT:
      return hypot(a, b);
    case MIN:
      return Math.min(a, b);
    case MAX:
      return Math.max(a, b);
    case REMAINDER:
      return a % b;
    case MODULO:
      return mod(a, b);
    case EXCESS:
      return a > b ? a - b : a <= b ? 0 : Number.NaN;
    case INTEGER_QUOTIENT:
      return Math.trunc(a / b);
    case PRECISION:
      return Number.isFinite(a) ? toDigits(a, Math.round(b)) : a;
    case ROUND_TO:
      return toDecimals(a, b, awayFromZero);
    case TRUNCATE_TO:
      return toDecimals(a, b, Math.trunc);
    case LESS:
      return a < b ? 1 : 0;
    case LESS_EQUAL:
      return a <= b ? 1 : 0;
    case EQUAL:
      return a === b ? 1 : 0;
    case GREATER_EQUAL:
      return a >= b ? 1 : 0;
    case GREATER:
      return a > b ? 1 : 0;
    case NOT_EQUAL:
      return a !== b ? 1 : 0;
    case AND:
      return a !== 0 && b !== 0 ? 1 : 0;
    case OR:
      return a !== 0 || b !== 0 ? 1 : 0;
    default:
      return Number.NaN;
  }
}
