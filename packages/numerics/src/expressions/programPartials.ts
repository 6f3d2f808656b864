import { cosh, elementary, pow, sinh } from '@southwell/numerics/special';
import type { ScalarProgram } from './program.ts';
import type { ProgramGraph } from './programGraph.ts';
import {
  ABS,
  ACOS,
  ACOSH,
  ASIN,
  ASINH,
  ATAN,
  ATAN2,
  ATANH,
  CBRT,
  CHOICE,
  CONSTANT,
  COS,
  COSH,
  DIVIDE,
  EXCESS,
  EXP,
  EXPM1,
  HYPOT,
  LOG,
  LOG1P,
  LOG2,
  LOG10,
  MAX,
  MIN,
  MODULO,
  MULTIPLY,
  NEGATE,
  PIECEWISE,
  POWER,
  REMAINDER,
  SIN,
  SINH,
  SQRT,
  SQUARE,
  TAN,
  TANH,
} from './programOperations.ts';
import { pieceAt } from './programValues.ts';

/** The nodes whose partial derivatives depend on the point: all but the linear ones. */
export function changingNodes({ nodes, variables, first, second }: ProgramGraph): Int32Array {
  const changing: number[] = [];
  for (let k = variables; k < nodes; k++) if (first[k] >= 0 || second[k] >= 0) changing.push(k);
  return new Int32Array(changing);
}

/** Computes the partial derivatives of the changing nodes, 2k and 2k + 1 those of node k by its operands. */
export function sweepPartials(
  program: ScalarProgram,
  changing: Int32Array,
  values: Float64Array,
  partials: Float64Array,
): void {
  const { codes, left, right, operands } = program;
  for (let i = 0; i < changing.length; i++) {
    const k = changing[i];
    const a = values[left[k]];
    const b = values[right[k]];
    switch (codes[k]) {
      case MULTIPLY:
        partials[2 * k] = b;
        partials[2 * k + 1] = a;
        break;
      case SQUARE:
        partials[2 * k] = 2 * a;
        break;
      case DIVIDE:
        partials[2 * k] = 1 / b;
        partials[2 * k + 1] = -values[k] / b;
        break;
      case CHOICE: {
        const holds = values[operands[left[k]]] !== 0;
        partials[2 * k] = holds ? 1 : 0;
        partials[2 * k + 1] = holds ? 0 : 1;
        break;
      }
      case POWER:
        partials[2 * k] = powerSlope(a, b, values[k]);
        // The logarithm is dear, and mostly the exponent is a constant.
        if (codes[right[k]] !== CONSTANT) partials[2 * k + 1] = a === 0 && b > 0 ? 0 : elementary.log(a) * values[k];
        break;
      case PIECEWISE:
        partials[2 * k] = program.constants[pieceAt(program, k, values[operands[left[k]]])];
        break;
      default:
        if (codes[k] > NEGATE) partials[2 * k] = derivative(codes[k], a, values[k]);
        else binaryPartials(codes[k], a, b, values[k], partials, 2 * k);
    }
  }
}

/** The derivative at a of an operation on one number, whose value is f. */
function derivative(code: number, a: number, f: number): number {
  switch (code) {
    case SQRT:
      return 0.5 / f;
    case EXP:
      return f;
    case LOG:
      return a < 0 ? Number.NaN : 1 / a;
    case SIN:
      return elementaryCos(a);
    case COS:
      return -elementarySin(a);
    case TAN:
      return 1 + f * f;
    case ASIN:
      return 1 / Math.sqrt((1 - a) * (1 + a));
    case ACOS:
      return -1 / Math.sqrt((1 - a) * (1 + a));
    case ATAN:
      return 1 / (1 + a * a);
    case SINH:
      return cosh(a);
    case COSH:
      return sinh(a);
    case TANH:
      return (1 / cosh(a)) ** 2;
    case ASINH:
      return 1 / Math.sqrt(1 + a * a);
    case ACOSH:
      return a < 1 ? Number.NaN : 1 / Math.sqrt((a - 1) * (a + 1));
    case ATANH:
      return Math.abs(a) > 1 ? Number.NaN : 1 / ((1 - a) * (1 + a));
    case LOG10:
      return a < 0 ? Number.NaN : 1 / (a * Math.LN10);
    case LOG2:
      return a < 0 ? Number.NaN : 1 / (a * Math.LN2);
    case LOG1P:
      return a < -1 ? Number.NaN : 1 / (1 + a);
    case EXPM1:
      return elementary.exp(a);
    case CBRT:
      return 1 / (3 * f * f);
    case ABS:
      return a < 0 ? -1 : 1;
    default:
      return 0;
  }
}

const FAR = 1e6;
const elementaryCos = (a: number): number => (Math.abs(a) <= FAR ? elementary.cos(a) : Math.cos(a));
const elementarySin = (a: number): number => (Math.abs(a) <= FAR ? elementary.sin(a) : Math.sin(a));

/** d/da aᵇ, where f = aᵇ. */
function powerSlope(a: number, b: number, f: number): number {
  if (b === 0) return 0;
  return a === 0 || !Number.isFinite(f) || f === 0 ? b * pow(a, b - 1) : b * (f / a);
}

function binaryPartials(code: number, a: number, b: number, f: number, partials: Float64Array, at: number): void {
  let [da, db] = [0, 0];
  switch (code) {
    case ATAN2:
      da = b / (a * a + b * b);
      db = -a / (a * a + b * b);
      break;
    case HYPOT:
      da = a / f;
      db = b / f;
      break;
    case MIN:
      da = a <= b ? 1 : 0;
      db = 1 - da;
      break;
    case MAX:
      da = a >= b ? 1 : 0;
      db = 1 - da;
      break;
    case REMAINDER:
      da = 1;
      db = -Math.trunc(a / b);
      break;
    case MODULO:
      da = 1;
      db = -Math.floor(a / b);
      break;
    case EXCESS:
      da = a >= b ? 1 : 0;
      db = -da;
  }
  partials[at] = da;
  partials[at + 1] = db;
}

/**
 * Computes the second derivatives of the given nodes: at places[i] of the output of node nodes[i] by its first operand
 * twice, thereafter by both, thereafter by the second twice.
 */
export function sweepSeconds(
  { codes, left, right }: ScalarProgram,
  nodes: Int32Array,
  values: Float64Array,
  partials: Float64Array,
  seconds: Float64Array,
): void {
  for (let i = 0; i < nodes.length; i++) {
    const k = nodes[i];
    const a = values[left[k]];
    const b = values[right[k]];
    const f = values[k];
    const d = partials[2 * k];
    const at = 3 * i;
    switch (codes[k]) {
      case SQUARE:
        seconds[at] = 2;
        break;
      case MULTIPLY:
        seconds[at + 1] = 1;
        break;
      case DIVIDE:
        seconds[at + 1] = -1 / (b * b);
        seconds[at + 2] = (2 * f) / (b * b);
        break;
      case POWER: {
        seconds[at] = b === 0 || b === 1 ? 0 : b === 2 ? 2 : (b - 1) * (a === 0 ? b * pow(0, b - 2) : d / a);
        if (codes[right[k]] === CONSTANT) break;
        const log = elementary.log(a);
        seconds[at + 1] = a === 0 && b > 1 ? 0 : pow(a, b - 1) * (1 + b * log);
        seconds[at + 2] = a === 0 && b > 0 ? 0 : f * log * log;
        break;
      }
      case ATAN2: {
        const square = a * a + b * b;
        seconds[at] = (-2 * a * b) / (square * square);
        seconds[at + 1] = (a - b) * ((a + b) / (square * square));
        seconds[at + 2] = -seconds[at];
        break;
      }
      case HYPOT:
        seconds[at] = (b / f) * (b / f / f);
        seconds[at + 1] = -(a / f) * (b / f / f);
        seconds[at + 2] = (a / f) * (a / f / f);
        break;
      default:
        seconds[at] = secondDerivative(codes[k], a, f, d);
    }
  }
}

/** The second derivative at a of an operation on one number with value f and first derivative d. */
function secondDerivative(code: number, a: number, f: number, d: number): number {
  switch (code) {
    case SQRT:
      return -d / (2 * a);
    case EXP:
    case SINH:
    case COSH:
      return f;
    case SIN:
    case COS:
      return -f;
    case LOG:
    case LOG10:
    case LOG2:
      return -d / a;
    case TAN:
      return 2 * f * d;
    case ASIN:
    case ACOS:
      // d³ is that of either sign.
      return a * d * d * d;
    case ATAN:
      return -2 * a * d * d;
    case TANH:
      return -2 * f * d;
    case ASINH:
    case ACOSH:
      return -a * d * d * d;
    case ATANH:
      return 2 * a * d * d;
    case LOG1P:
      return -d * d;
    case EXPM1:
      return d;
    case CBRT:
      return (-2 * d) / (3 * a);
    default:
      return 0;
  }
}
