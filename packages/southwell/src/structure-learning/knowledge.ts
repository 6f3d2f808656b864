import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, nearestName, type OptionsOf, otherOption } from '@southwell/numerics/core';

/** A variable by name, or by column index from 0. */
export type Variable = string | number;

/** Prior knowledge of a graph. */
export interface KnowledgeStatements {
  /** Required edges [from, to]. */
  readonly required?: ReadonlyArray<readonly [Variable, Variable]>;
  /** Forbidden edges [from, to]; indirect paths are allowed. */
  readonly forbidden?: ReadonlyArray<readonly [Variable, Variable]>;
  /**
   * Groups of variables in causal order: those of a later tier are not causes of those of an earlier one, neither
   * directly nor indirectly. A variable need not belong to a tier.
   */
  readonly tiers?: ReadonlyArray<readonly Variable[]>;
}

/**
 * Checked statements, as {@link knowledgeOf} returns them. All matrices are d × d, column by column as weights are: [to
 * · d + from].
 */
export interface Knowledge {
  readonly d: number;
  /** Column names for messages. */
  readonly names?: readonly string[];
  /** 1 where the edge is possible: it is not forbidden, and does not contradict `before`. */
  readonly allowed: Uint8Array;
  /** 1 for required edges. */
  readonly required: Uint8Array;
  /** 1 where `from` precedes `to` in every order: by required edges, by tiers, or by a path of both. */
  readonly before: Uint8Array;
}

export const knowledgeRecords = {
  /** Required edges, forbidden edges and tiers that the graph must respect. Default: no prior knowledge. */
  knowledge: otherOption<Knowledge>('made by knowledgeOf'),
};

export interface KnowledgeOption extends OptionsOf<typeof knowledgeRecords> {}

/**
 * Checks prior knowledge about d variables (or about variables with these names). O(d³).
 * @throws INVALID_PARAMETER for unknown variables, self-loops, edges both required and forbidden, required edges that
 * form a cycle or contradict the tiers, and a variable in two tiers.
 */
export function knowledgeOf(statements: KnowledgeStatements, variables: number | readonly string[]): Knowledge {
  const names = typeof variables === 'number' ? undefined : variables;
  const d = typeof variables === 'number' ? variables : variables.length;
  const place = (variable: Variable): number => placeOf(variable, d, names);
  const name = (j: number) => nameOf(names, j);
  const pair = ([from, to]: readonly [Variable, Variable]): readonly [number, number] => {
    const [i, j] = [place(from), place(to)];
    if (i === j) fail('INVALID_PARAMETER', `${name(i)} → ${name(i)} is a self-loop: no variable is its own cause.`);
    return [i, j];
  };
  const required = new Uint8Array(d * d);
  for (const [from, to] of (statements.required ?? []).map(pair)) required[to * d + from] = 1;
  const allowed = new Uint8Array(d * d).fill(1);
  for (let j = 0; j < d; j++) allowed[j * d + j] = 0;
  for (const [from, to] of (statements.forbidden ?? []).map(pair)) {
    allowed[to * d + from] = 0;
    if (required[to * d + from]) {
      fail(
        'INVALID_PARAMETER',
        `${name(from)} → ${name(to)} is both required and forbidden: leave one of the two out.`,
      );
    }
  }
  const paths = required.slice();
  close(paths, d);
  for (let j = 0; j < d; j++) {
    if (!paths[j * d + j]) continue;
    const cycle = cycleThrough(j, required, d).map(name);
    fail('INVALID_PARAMETER', `The required edges form a cycle, ${cycle.join(' → ')}: leave one of them out.`);
  }
  const tier = tiersOf(statements.tiers ?? [], d, place, name);
  const before = paths.slice();
  for (let to = 0; to < d; to++) {
    for (let from = 0; from < d; from++) {
      const at = to * d + from;
      if (tier[from] < 0 || tier[to] < 0) continue;
      if (tier[from] < tier[to]) before[at] = 1;
      if (!(tier[from] > tier[to] && paths[at])) continue;
      const edge = required[at] ? 'is required' : 'follows from required edges';
      fail(
        'INVALID_PARAMETER',
        `${name(from)} → ${name(to)} ${edge}, but ${name(from)} is in tier ${tier[from] + 1} and ${name(to)} in tier ${tier[to] + 1}: correct the edges or the tiers.`,
      );
    }
  }
  close(before, d);
  for (let to = 0; to < d; to++) {
    for (let from = 0; from < d; from++) if (before[from * d + to]) allowed[to * d + from] = 0;
  }
  return { d, names, allowed, required, before };
}

function placeOf(variable: Variable, d: number, names: readonly string[] | undefined): number {
  if (typeof variable === 'number') {
    if (Number.isInteger(variable) && variable >= 0 && variable < d) return variable;
    return fail(
      'INVALID_PARAMETER',
      `There is no column ${variable}: the ${d} columns are numbered from 0 to ${d - 1}.`,
    );
  }
  const at = names?.indexOf(variable) ?? -1;
  if (at >= 0) return at;
  if (!names)
    fail('INVALID_PARAMETER', `The columns have no names, so that "${variable}" cannot be found: pass its index.`);
  const near = nearestName(variable, names);
  const hint = near === undefined ? `The columns are ${names.join(', ')}.` : `Did you mean "${near}"?`;
  return fail('INVALID_PARAMETER', `There is no column "${variable}". ${hint}`);
}

const nameOf = (names: readonly string[] | undefined, j: number): string => names?.[j] ?? `column ${j}`;

/** The tier of each variable, −1 for those in none. */
function tiersOf(
  tiers: NonNullable<KnowledgeStatements['tiers']>,
  d: number,
  place: (variable: Variable) => number,
  name: (j: number) => string,
): Int32Array {
  const tier = new Int32Array(d).fill(-1);
  tiers.forEach((variables, t) => {
    for (const j of variables.map(place)) {
      if (tier[j] >= 0 && tier[j] !== t) {
        fail('INVALID_PARAMETER', `${name(j)} is in tier ${tier[j] + 1} and in tier ${t + 1}: remove it from one.`);
      }
      tier[j] = t;
    }
  });
  return tier;
}

/** Replaces edges by their transitive closure: paths of one edge or more. O(d³). */
function close(paths: Uint8Array, d: number): void {
  for (let k = 0; k < d; k++) {
    for (let to = 0; to < d; to++) {
      if (!paths[to * d + k]) continue;
      for (let from = 0; from < d; from++) if (paths[k * d + from]) paths[to * d + from] = 1;
    }
  }
}

/** The shortest cycle through a node that lies on one, from the node back to it. */
function cycleThrough(first: number, edges: Uint8Array, d: number): number[] {
  const from = new Int32Array(d).fill(-1);
  const queue = [first];
  for (const node of queue) {
    for (let to = 0; to < d; to++) {
      if (!edges[to * d + node] || from[to] >= 0) continue;
      from[to] = node;
      queue.push(to);
    }
  }
  const cycle = [first];
  do cycle.unshift(from[cycle[0]]);
  while (cycle[0] !== first);
  return cycle;
}

/** @throws INVALID_SHAPE if the knowledge is about another number of variables. */
export function checkKnowledge(knowledge: Knowledge | undefined, d: number): void {
  if (knowledge && knowledge.d !== d) {
    fail('INVALID_SHAPE', `The knowledge is about ${knowledge.d} variables, but the data have ${d}.`);
  }
}

/** The nodes, of those given, that may be parents of `target`, in ascending order. O(k log k). */
export function allowedParents(nodes: ArrayLike<number>, target: number, knowledge?: Knowledge): number[] {
  const sorted = Array.from(nodes).sort((a, b) => a - b);
  return knowledge ? sorted.filter((i) => knowledge.allowed[target * knowledge.d + i]) : sorted;
}

/** Whether each of these parents is required. */
export const requiredAmong = (parents: readonly number[], target: number, knowledge?: Knowledge): boolean[] =>
  parents.map((i) => knowledge?.required[target * knowledge.d + i] === 1);

/** The given order, in which each node is held back until all that must precede it have come. O(d³) at most. */
export function consistentOrder(order: ArrayLike<number>, knowledge?: Knowledge): Int32Array {
  if (!knowledge) return Int32Array.from(order);
  const left = Array.from(order);
  return Int32Array.from(order, () => {
    const next = left.findIndex((j) => isFirst(j, left, knowledge));
    return left.splice(next, 1)[0];
  });
}

/** Whether none of the remaining nodes must precede a node. */
export const isFirst = (node: number, left: readonly number[], knowledge?: Knowledge): boolean =>
  !knowledge || left.every((i) => !knowledge.before[node * knowledge.d + i]);

/** Whether the nodes at positions a < b of an order may be exchanged. O(b − a). */
export function canSwap(order: ArrayLike<number>, a: number, b: number, knowledge?: Knowledge): boolean {
  if (!knowledge) return true;
  const { d, before } = knowledge;
  for (let p = a; p <= b; p++) {
    if (before[order[p] * d + order[a]] || before[order[b] * d + order[p]]) return false;
  }
  return true;
}

/** Whether in some possible order a node has predecessors that cannot be its parents. O(d). */
export function needsMask({ d, allowed, before }: Knowledge, node: number): boolean {
  for (let from = 0; from < d; from++) {
    if (from !== node && !allowed[node * d + from] && !before[from * d + node]) return true;
  }
  return false;
}

/**
 * Sets the entries of a d × d gradient to 0 for edges that are not allowed, so that their weights stay 0. Self-loops
 * are left to the method, so that empty knowledge changes nothing. O(d²).
 */
export function holdForbidden(G: Float64Array, knowledge?: Knowledge): void {
  if (!knowledge) return;
  const { d, allowed } = knowledge;
  for (let k = 0; k < allowed.length; k++) if (!allowed[k] && k % (d + 1) !== 0) G[k] = 0;
}

/** Removes the gradient of weight · ‖W‖₁ from G for required edges, which are not penalised. O(d²). */
export function freeRequired(G: Float64Array, W: Float64Array, weight: number, knowledge?: Knowledge): void {
  if (!knowledge) return;
  const { required } = knowledge;
  for (let k = 0; k < required.length; k++) if (required[k]) G[k] -= weight * Math.sign(W[k]);
}

/** L1 weights, one for each entry, 0 for required edges; the number itself without knowledge. */
export const penaltyWeights = (lambda: number, knowledge?: Knowledge): number | Float64Array =>
  knowledge ? Float64Array.from(knowledge.required, (r) => (r ? 0 : lambda)) : lambda;

/** A sentence for each required edge whose weight is 0. */
export function missingEdges(W: DenseMatrix, knowledge?: Knowledge): string[] {
  if (!knowledge) return [];
  const { d, required, names } = knowledge;
  const sentences: string[] = [];
  required.forEach((r, at) => {
    if (!r || W.data[at] !== 0) return;
    const edge = `${nameOf(names, at % d)} → ${nameOf(names, Math.floor(at / d))}`;
    sentences.push(`${edge} is required, but its weight is 0.`);
  });
  return sentences;
}
