import type { ScalarProgram } from './program.ts';
import {
  ABS,
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
  SUM,
  VARIABLE,
} from './programOperations.ts';

/** Of which operands a node has second derivatives: both twice, the two mixed, the second twice. */
export const FIRST_TWICE = 1;
export const MIXED = 2;
export const SECOND_TWICE = 4;

/**
 * The edges of a program along which derivatives pass: operands that depend on a variable, of nodes that are not
 * piecewise constant.
 */
export interface ProgramGraph {
  readonly nodes: number;
  readonly variables: number;
  /** 1 for nodes with derivatives. */
  readonly varying: Uint8Array;
  /** The operands of a node that is not a sum, −1 if absent. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** The operands of a sum k: terms[termsFrom[k]] … terms[termsFrom[k + 1] − 1]. */
  readonly termsFrom: Int32Array;
  readonly terms: Int32Array;
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

export function programGraph({ variables, codes, left, right, operands }: ScalarProgram): ProgramGraph {
  const nodes = codes.length;
  const varying = new Uint8Array(nodes);
  const first = new Int32Array(nodes).fill(-1);
  const second = new Int32Array(nodes).fill(-1);
  const termsFrom = new Int32Array(nodes + 1);
  const terms = new Int32Array(operands.length);
  const bends = new Uint8Array(nodes);
  const orNone = (node: number): number => (varying[node] === 1 ? node : -1);
  let count = 0;
  for (let k = 0; k < nodes; k++) {
    const code = codes[k];
    termsFrom[k] = count;
    if (code === VARIABLE) varying[k] = 1;
    else if (code === SUM) {
      for (let i = left[k]; i < left[k] + right[k]; i++) if (varying[operands[i]] === 1) terms[count++] = operands[i];
      varying[k] = count > termsFrom[k] ? 1 : 0;
    } else if (!isFlat(code)) {
      if (code === CHOICE) {
        first[k] = orNone(operands[left[k] + 1]);
        second[k] = orNone(operands[left[k] + 2]);
      } else {
        if (isUnary(code)) first[k] = orNone(code === PIECEWISE ? operands[left[k]] : left[k]);
        else if (isBinary(code)) {
          first[k] = orNone(left[k]);
          second[k] = orNone(right[k]);
        }
        bends[k] = bendsOf(code, first[k], second[k]);
      }
      varying[k] = first[k] >= 0 || second[k] >= 0 ? 1 : 0;
      if (varying[k] === 0) bends[k] = 0;
    }
  }
  termsFrom[nodes] = count;
  return { nodes, variables, varying, first, second, termsFrom, terms: terms.slice(0, count), bends };
}

/** Propagates the adjoint of node k to its operands. */
export function pushAdjoint(
  { first, second, termsFrom, terms }: ProgramGraph,
  partials: Float64Array,
  adjoints: Float64Array,
  k: number,
  weight: number,
): void {
  const a = first[k];
  const b = second[k];
  if (a >= 0) adjoints[a] += weight * partials[2 * k];
  if (b >= 0) adjoints[b] += weight * partials[2 * k + 1];
  else if (a < 0) for (let i = termsFrom[k]; i < termsFrom[k + 1]; i++) adjoints[terms[i]] += weight;
}
