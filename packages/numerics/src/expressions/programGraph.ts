import type { ScalarProgram } from './program.ts';
import {
  ABS,
  ADD,
  ATAN2,
  CEIL,
  CHOICE,
  CONSTANT,
  DIVIDE,
  FLOOR,
  HYPOT,
  INTEGER_QUOTIENT,
  isBinary,
  isUnary,
  MULTIPLY,
  NEGATE,
  NOT,
  OR,
  PIECEWISE,
  POWER,
  ROUND,
  SIGN,
  SUBTRACT,
  SUM,
  VARIABLE,
} from './programOperations.ts';

/** Of which operands a node has second derivatives: both twice, the two mixed, the second twice. */
export const FIRST_TWICE = 1;
export const MIXED = 2;
export const SECOND_TWICE = 4;

/**
 * The edges of a program along which derivatives pass: operands that depend on a variable, of nodes that are not
 * piecewise constant. Linear operations (sums, differences, products with constants) that only another one uses are
 * part of that one, so that the linear nodes which remain are sums of any number of terms with constant factors.
 */
export interface ProgramGraph {
  readonly nodes: number;
  readonly variables: number;
  /** 1 for nodes with derivatives. */
  readonly varying: Uint8Array;
  /** The operands of a node that is not linear, −1 if absent. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** The terms of a linear node k: factors[i] · terms[i] for termsFrom[k] ≤ i < termsFrom[k + 1]. */
  readonly termsFrom: Int32Array;
  readonly terms: Int32Array;
  readonly factors: Float64Array;
  /** The second derivatives of a node that can differ from 0, by the flags above. */
  readonly bends: Uint8Array;
}

const isFlat = (code: number): boolean =>
  code === CONSTANT ||
  (code >= INTEGER_QUOTIENT && code <= OR) ||
  code === FLOOR ||
  code === CEIL ||
  code === ROUND ||
  code === SIGN ||
  code === NOT;

function bendsOf(code: number, first: number, second: number): number {
  if (code > NEGATE) return code === ABS ? 0 : FIRST_TWICE;
  const mixed = first >= 0 && second >= 0 ? MIXED : 0;
  if (code === MULTIPLY) return mixed;
  if (code === DIVIDE) return mixed | (second >= 0 ? SECOND_TWICE : 0);
  if (code === POWER || code === ATAN2 || code === HYPOT)
    return (first >= 0 ? FIRST_TWICE : 0) | mixed | (second >= 0 ? SECOND_TWICE : 0);
  return 0;
}

/** Whether a node is linear in its operands with constant factors. */
function isLinear({ codes, left, right }: ScalarProgram, k: number): boolean {
  const code = codes[k];
  if (code === SUM || code === ADD || code === SUBTRACT || code === NEGATE) return true;
  if (code === DIVIDE) return codes[right[k]] === CONSTANT;
  return code === MULTIPLY && (codes[left[k]] === CONSTANT || codes[right[k]] === CONSTANT);
}

/** Visits the operands of a linear node with their factors, the last first. */
function eachTerm(program: ScalarProgram, k: number, visit: (node: number, factor: number) => void): void {
  const { codes, left, right, operands, constants } = program;
  const [a, b] = [left[k], right[k]];
  switch (codes[k]) {
    case SUM:
      for (let i = a + b - 1; i >= a; i--) visit(operands[i], 1);
      break;
    case ADD:
    case SUBTRACT:
      visit(b, codes[k] === ADD ? 1 : -1);
      visit(a, 1);
      break;
    case NEGATE:
      visit(a, -1);
      break;
    case DIVIDE:
      visit(a, 1 / constants[left[b]]);
      break;
    default:
      if (codes[a] === CONSTANT) visit(b, constants[left[a]]);
      else visit(a, constants[left[b]]);
  }
}

/** 1 for nodes that depend on a variable otherwise than by steps; fills the operands of those that are not linear. */
function varyingOf(program: ScalarProgram, first: Int32Array, second: Int32Array): Uint8Array {
  const { codes, left, right, operands } = program;
  const varying = new Uint8Array(codes.length);
  const orNone = (node: number): number => (varying[node] === 1 ? node : -1);
  for (let k = 0; k < codes.length; k++) {
    const code = codes[k];
    if (code === VARIABLE) varying[k] = 1;
    else if (isFlat(code)) continue;
    else if (isLinear(program, k)) {
      eachTerm(program, k, (node) => {
        varying[k] |= varying[node];
      });
    } else {
      if (code === CHOICE) {
        first[k] = orNone(operands[left[k] + 1]);
        second[k] = orNone(operands[left[k] + 2]);
      } else if (isUnary(code)) first[k] = orNone(code === PIECEWISE ? operands[left[k]] : left[k]);
      else if (isBinary(code)) {
        first[k] = orNone(left[k]);
        second[k] = orNone(right[k]);
      }
      varying[k] = first[k] >= 0 || second[k] >= 0 ? 1 : 0;
    }
  }
  return varying;
}

/** 1 for the linear nodes that a single linear node uses, once, and that are not outputs. */
function partsOfSums(program: ScalarProgram, { varying, first, second }: Operands): Uint8Array {
  const nodes = program.codes.length;
  const uses = new Uint8Array(nodes);
  const byLinear = new Uint8Array(nodes);
  const use = (node: number, count: number): void => {
    uses[node] = Math.min(uses[node] + count, 2);
  };
  for (const output of program.outputs) use(output, 2);
  for (let k = nodes - 1; k >= program.variables; k--) {
    // What no output needs, uses nothing.
    if (varying[k] === 0 || uses[k] === 0) continue;
    if (first[k] >= 0) use(first[k], 2);
    if (second[k] >= 0) use(second[k], 2);
    if (first[k] >= 0 || second[k] >= 0) continue;
    eachTerm(program, k, (node) => {
      use(node, 1);
      byLinear[node] = 1;
    });
  }
  for (let k = 0; k < nodes; k++) {
    const linear = k >= program.variables && varying[k] === 1 && first[k] < 0 && second[k] < 0;
    if (!linear || uses[k] !== 1) byLinear[k] = 0;
  }
  return byLinear;
}

interface Operands {
  readonly varying: Uint8Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

export function programGraph(program: ScalarProgram): ProgramGraph {
  const { variables, codes } = program;
  const nodes = codes.length;
  const first = new Int32Array(nodes).fill(-1);
  const second = new Int32Array(nodes).fill(-1);
  const varying = varyingOf(program, first, second);
  const isPart = partsOfSums(program, { varying, first, second });
  const bends = codes.map((code, k) => (varying[k] === 1 ? bendsOf(code, first[k], second[k]) : 0));
  const termsFrom = new Int32Array(nodes + 1);
  const terms: number[] = [];
  const factors: number[] = [];
  const waiting: Array<readonly [number, number]> = [];
  const placeOf = new Int32Array(nodes).fill(-1);
  for (let k = 0; k < nodes; k++) {
    termsFrom[k] = terms.length;
    if (k < variables || varying[k] === 0 || first[k] >= 0 || second[k] >= 0 || isPart[k] === 1) continue;
    waiting.push([k, 1]);
    while (waiting.length > 0) {
      const [node, factor] = waiting.pop()!;
      if (node !== k && isPart[node] === 0) {
        // A term may occur many times, but pairs of terms are counted by the square of their number.
        if (placeOf[node] >= termsFrom[k]) factors[placeOf[node]] += factor;
        else {
          placeOf[node] = terms.push(node) - 1;
          factors.push(factor);
        }
        continue;
      }
      eachTerm(program, node, (operand, own) => {
        if (varying[operand] === 1) waiting.push([operand, factor * own]);
      });
    }
  }
  termsFrom[nodes] = terms.length;
  return {
    nodes,
    variables,
    varying,
    first,
    second,
    termsFrom,
    terms: new Int32Array(terms),
    factors: new Float64Array(factors),
    bends,
  };
}

/** Propagates the adjoint of node k to its operands. */
export function pushAdjoint(
  { first, second, termsFrom, terms, factors }: ProgramGraph,
  partials: Float64Array,
  adjoints: Float64Array,
  k: number,
  weight: number,
): void {
  const a = first[k];
  const b = second[k];
  if (a >= 0) adjoints[a] += weight * partials[2 * k];
  if (b >= 0) adjoints[b] += weight * partials[2 * k + 1];
  else if (a < 0) for (let i = termsFrom[k]; i < termsFrom[k + 1]; i++) adjoints[terms[i]] += weight * factors[i];
}
