import { type ProgramGraph, pushAdjoint } from './programGraph.ts';

const NOBODY = -1;
const SHARED = -2;

/**
 * Sparse gradients of all outputs by reverse sweeps. A node that several outputs use gets a gradient of its own, once,
 * so that a node is swept once and each further use costs as much as its gradient has entries.
 */
export interface Gradients {
  /** Output k depends on the variables variablesOf[from[k]] … variablesOf[from[k + 1] − 1]. */
  readonly from: Int32Array;
  readonly variablesOf: Int32Array;
  /** Sweeps all shared nodes. Needed before `sweep`, whenever the partial derivatives have changed. */
  prepare(partials: Float64Array): void;
  /** The derivatives of output k, at the places from[k] … from[k + 1] − 1 of `entries`. */
  sweep(k: number, partials: Float64Array, entries: Float64Array): void;
}

/** The nodes that belong to one output or shared node each; the others are swept with none. */
interface Ownership {
  /** Shared nodes, the last first. They follow the outputs as owners. */
  readonly shared: readonly number[];
  /** The owner of shared nodes, as which they own themselves and others; −1 for all others. */
  readonly ownerAs: Int32Array;
  /** Owner j has the nodes list[from[j]] … list[from[j + 1] − 1], the last first. */
  readonly from: Int32Array;
  readonly list: Int32Array;
}

/** Visits each operand of node k that has derivatives. */
function eachOperand(
  { first, second, termsFrom, terms }: ProgramGraph,
  k: number,
  visit: (node: number) => void,
): void {
  if (first[k] >= 0) visit(first[k]);
  if (second[k] >= 0) visit(second[k]);
  for (let i = termsFrom[k]; i < termsFrom[k + 1]; i++) visit(terms[i]);
}

function ownership(graph: ProgramGraph, outputs: Int32Array): Ownership {
  const { nodes, variables, varying } = graph;
  const owner = new Int32Array(nodes).fill(NOBODY);
  const ownerAs = new Int32Array(nodes).fill(NOBODY);
  const shared: number[] = [];
  let claimant = 0;
  const claim = (k: number): void => {
    if (k >= variables && varying[k] === 1 && owner[k] !== claimant) owner[k] = owner[k] === NOBODY ? claimant : SHARED;
  };
  for (; claimant < outputs.length; claimant++) claim(outputs[claimant]);
  // Operands come before the nodes that use them, so that all users of a node are known when it is reached.
  for (let k = nodes - 1; k >= variables; k--) {
    if (owner[k] === NOBODY) continue;
    if (owner[k] === SHARED) owner[k] = ownerAs[k] = outputs.length + shared.push(k) - 1;
    claimant = owner[k];
    eachOperand(graph, k, claim);
  }
  const from = new Int32Array(outputs.length + shared.length + 1);
  for (let k = 0; k < nodes; k++) if (owner[k] >= 0) from[owner[k] + 1]++;
  for (let j = 0; j + 1 < from.length; j++) from[j + 1] += from[j];
  const next = from.slice();
  const list = new Int32Array(from[from.length - 1]);
  for (let k = nodes - 1; k >= 0; k--) if (owner[k] >= 0) list[next[owner[k]]++] = k;
  return { shared, ownerAs, from, list };
}

/** Lists of whole numbers, one after the other. */
class Lists {
  private readonly items: number[] = [];
  private readonly ends: number[] = [0];
  push(item: number): void {
    this.items.push(item);
  }
  end(): void {
    this.ends.push(this.items.length);
  }
  flat(): { readonly from: Int32Array; readonly items: Int32Array } {
    return { from: new Int32Array(this.ends), items: new Int32Array(this.items) };
  }
}

/** For the outputs in order, or the shared nodes from the first: the variables and the shared nodes that they use. */
function dependencies(
  graph: ProgramGraph,
  outputs: Int32Array,
  { shared, ownerAs, from, list }: Ownership,
): { readonly ofOutputs: [Lists, Lists]; readonly ofShared: [Lists, Lists] } {
  const seen = new Int32Array(graph.nodes).fill(NOBODY);
  const ofShared: [Lists, Lists] = [new Lists(), new Lists()];
  const ofOutputs: [Lists, Lists] = [new Lists(), new Lists()];
  /** The variables of shared nodes already dealt with. */
  const variablesOfShared: number[][] = [];
  const collect = (j: number, root: number, [variables, uses]: [Lists, Lists]): number[] => {
    const found: number[] = [];
    const see = (k: number): void => {
      if (seen[k] === j) return;
      seen[k] = j;
      if (k < graph.variables) found.push(k);
      else if (ownerAs[k] >= 0) {
        uses.push(k);
        for (const variable of variablesOfShared[ownerAs[k]]) see(variable);
      }
    };
    if (j < outputs.length && graph.varying[root] === 1) see(root);
    for (let i = from[j]; i < from[j + 1]; i++) eachOperand(graph, list[i], see);
    for (const variable of found) variables.push(variable);
    variables.end();
    uses.end();
    return found;
  };
  for (let s = shared.length - 1; s >= 0; s--) {
    const j = outputs.length + s;
    variablesOfShared[j] = collect(j, shared[s], ofShared);
  }
  for (let k = 0; k < outputs.length; k++) collect(k, outputs[k], ofOutputs);
  return { ofOutputs, ofShared };
}

export function gradientsOf(graph: ProgramGraph, outputs: Int32Array): Gradients {
  const owners = ownership(graph, outputs);
  const { shared, ownerAs, from: ownFrom, list } = owners;
  const { ofOutputs, ofShared } = dependencies(graph, outputs, owners);
  const [{ from, items: variablesOf }, uses] = ofOutputs.map((lists) => lists.flat());
  const [inner, innerUses] = ofShared.map((lists) => lists.flat());
  const innerEntries = new Float64Array(inner.items.length);
  const adjoints = new Float64Array(graph.nodes);
  /** Place of a shared node among the gradients of shared nodes, which start with the first node. */
  const placeOf = (k: number): number => shared.length - 1 - (ownerAs[k] - outputs.length);

  const sweepOwned = (j: number, partials: Float64Array): void => {
    for (let i = ownFrom[j]; i < ownFrom[j + 1]; i++) {
      const k = list[i];
      const weight = adjoints[k];
      // A weight of 0 must not meet the infinite derivative of a branch that is not taken.
      if (weight === 0) continue;
      adjoints[k] = 0;
      pushAdjoint(graph, partials, adjoints, k, weight);
    }
  };
  const sweepUses = (used: { readonly from: Int32Array; readonly items: Int32Array }, place: number): void => {
    for (let i = used.from[place]; i < used.from[place + 1]; i++) {
      const k = used.items[i];
      const weight = adjoints[k];
      if (weight === 0) continue;
      adjoints[k] = 0;
      const at = placeOf(k);
      for (let e = inner.from[at]; e < inner.from[at + 1]; e++) adjoints[inner.items[e]] += weight * innerEntries[e];
    }
  };
  const gather = (variables: Int32Array, begin: number, end: number, entries: Float64Array): void => {
    for (let e = begin; e < end; e++) {
      entries[e] = adjoints[variables[e]];
      adjoints[variables[e]] = 0;
    }
  };
  return {
    from,
    variablesOf,
    prepare(partials) {
      for (let place = 0; place < shared.length; place++) {
        const k = shared[shared.length - 1 - place];
        adjoints[k] = 1;
        sweepOwned(ownerAs[k], partials);
        sweepUses(innerUses, place);
        gather(inner.items, inner.from[place], inner.from[place + 1], innerEntries);
      }
    },
    sweep(k, partials, entries) {
      if (graph.varying[outputs[k]] === 0) return;
      adjoints[outputs[k]] = 1;
      sweepOwned(k, partials);
      sweepUses(uses, k);
      gather(variablesOf, from[k], from[k + 1], entries);
    },
  };
}
