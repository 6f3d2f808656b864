import type { Pattern } from '../sparse/index.ts';
import { EdgeTable } from './edgeTable.ts';
import type { ScalarProgram } from './program.ts';
import { FIRST_TWICE, MIXED, type ProgramGraph, pushAdjoint, SECOND_TWICE } from './programGraph.ts';
import { sweepSeconds } from './programPartials.ts';
import { patternOfEntries } from './programPattern.ts';

/**
 * The Hessian of weighted sums of the outputs of a program by edge pushing (Gower and Mello, Optim. Methods Softw.
 * 27(2), 2012): a reverse sweep that carries, beside the adjoint of each node, the weights of the nonlinear edges
 * between nodes. Which edges arise does not depend on the point, so that they are found once and the sweep is compiled
 * to a list of steps. Its length is the number of multiplications: for a sum of terms of few variables it is
 * proportional to the nodes, and a function of a long sum costs as many steps as its Hessian has entries.
 */
export interface ProgramHessian {
  /** The lower triangle. */
  readonly pattern: Pattern;
  /** Adds the Hessian of Σ weights[k] · output k to the entries, from the values and partial derivatives at a point. */
  add(values: Float64Array, partials: Float64Array, weights: Float64Array, entries: Float64Array): void;
}

/** Numbers of a step. Step: weights[t] += weights[s] · factors[a] · factors[b]. */
const WIDTH = 4;
/** The place of the factor 1. */
const ONE = 0;
/** Partial derivatives follow it, then the constant factors of linear nodes, then second derivatives. */
const PARTIALS = 1;

/** Number of steps, and thereby of edges, beyond which they would take gigabytes. */
const MOST_STEPS = 3e7;

class Steps {
  private list = new Int32Array(4096);
  private length = 0;

  push(target: number, source: number, a: number, b: number): void {
    if (this.length + WIDTH > this.list.length) {
      const longer = new Int32Array(2 * this.list.length);
      longer.set(this.list);
      this.list = longer;
    }
    const { list, length } = this;
    list[length] = target;
    list[length + 1] = source;
    list[length + 2] = a;
    list[length + 3] = b;
    this.length = length + WIDTH;
  }

  hasRoomFor(steps: number): boolean {
    return this.length / WIDTH + steps <= MOST_STEPS;
  }

  toArray(): Int32Array {
    return this.list.slice(0, this.length);
  }
}

/** The nodes that an output depends on, and that have derivatives. */
function reached({ nodes, varying, first, second, termsFrom, terms }: ProgramGraph, outputs: Int32Array): Uint8Array {
  const needed = new Uint8Array(nodes);
  for (const k of outputs) needed[k] = varying[k];
  for (let k = nodes - 1; k >= 0; k--) {
    if (needed[k] === 0) continue;
    if (first[k] >= 0) needed[first[k]] = 1;
    if (second[k] >= 0) needed[second[k]] = 1;
    for (let i = termsFrom[k]; i < termsFrom[k + 1]; i++) needed[terms[i]] = 1;
  }
  return needed;
}

/** Compiles the sweep. Undefined if it has more steps than memory can hold. */
export function hessianOf(
  program: ScalarProgram,
  graph: ProgramGraph,
  outputs: Int32Array,
): ProgramHessian | undefined {
  const { nodes, variables, bends } = graph;
  const needed = reached(graph, outputs);
  const schedule = new Int32Array(nodes);
  let scheduled = 0;
  const bent: number[] = [];
  for (let k = nodes - 1; k >= variables; k--) {
    if (needed[k] === 0) continue;
    schedule[scheduled++] = k;
    if (bends[k] !== 0) bent.push(k);
  }
  const secondsFrom = PARTIALS + 2 * nodes + graph.factors.length;
  const compiled = compile(graph, schedule.subarray(0, scheduled), secondsFrom);
  if (compiled === undefined) return undefined;
  const { edges, steps } = compiled;
  const left: number[] = [];
  for (let e = 0; e < edges.count; e++) if (edges.laterEnd(e) < variables) left.push(e);
  const { pattern, places } = patternOfEntries(
    variables,
    variables,
    Int32Array.from(left, (e) => edges.laterEnd(e)),
    Int32Array.from(left, (e) => edges.earlierEnd(e)),
  );
  const factors = new Float64Array(secondsFrom + 3 * bent.length);
  factors[ONE] = 1;
  factors.set(graph.factors, PARTIALS + 2 * nodes);
  const partialFactors = factors.subarray(PARTIALS, PARTIALS + 2 * nodes);
  const seconds = factors.subarray(secondsFrom);
  const bentNodes = new Int32Array(bent);
  const remaining = new Int32Array(left);
  // The adjoints of the nodes, then the weights of the edges.
  const memory = new Float64Array(nodes + edges.count);
  const order = schedule.slice(0, scheduled);
  return {
    pattern,
    add(values, partials, weights, entries) {
      memory.fill(0);
      for (let k = 0; k < outputs.length; k++) memory[outputs[k]] += weights[k];
      for (let i = 0; i < order.length; i++) {
        const weight = memory[order[i]];
        if (weight !== 0) pushAdjoint(graph, partials, memory, order[i], weight);
      }
      sweepSeconds(program, bentNodes, values, partials, seconds);
      partialFactors.set(partials);
      runSteps(steps, memory, factors);
      for (let i = 0; i < remaining.length; i++) entries[places[i]] += memory[nodes + remaining[i]];
    },
  };
}

function runSteps(steps: Int32Array, memory: Float64Array, factors: Float64Array): void {
  for (let i = 0; i < steps.length; i += WIDTH) {
    const weight = memory[steps[i + 1]];
    // A weight of 0 must not meet the infinite derivative of a branch that is not taken.
    if (weight !== 0) memory[steps[i]] += weight * factors[steps[i + 2]] * factors[steps[i + 3]];
  }
}

function compile(
  { nodes, first, second, termsFrom, terms, bends }: ProgramGraph,
  schedule: Int32Array,
  secondsFrom: number,
): { readonly edges: EdgeTable; readonly steps: Int32Array } | undefined {
  const edges = new EdgeTable(nodes);
  const steps = new Steps();
  let operands = new Int32Array(2);
  let factors = new Int32Array(2);
  /** Twice where two different operands are the same node, since an edge stands for both of its directions. */
  const step = (i: number, j: number, source: number, a: number, b: number, twice: boolean): void => {
    const target = nodes + edges.edge(i, j);
    steps.push(target, source, a, b);
    if (twice && i === j) steps.push(target, source, a, b);
  };
  let bent = 0;
  for (let s = 0; s < schedule.length; s++) {
    const k = schedule[s];
    let count = 0;
    if (first[k] >= 0 || second[k] >= 0) {
      if (first[k] >= 0) {
        operands[count] = first[k];
        factors[count++] = PARTIALS + 2 * k;
      }
      if (second[k] >= 0) {
        operands[count] = second[k];
        factors[count++] = PARTIALS + 2 * k + 1;
      }
    } else {
      count = termsFrom[k + 1] - termsFrom[k];
      if (count > operands.length) {
        operands = new Int32Array(2 * count);
        factors = new Int32Array(2 * count);
      }
      for (let i = 0; i < count; i++) {
        operands[i] = terms[termsFrom[k] + i];
        factors[i] = PARTIALS + 2 * nodes + termsFrom[k] + i;
      }
    }
    for (let e = edges.first(k); e >= 0; e = edges.next(e)) {
      const other = edges.earlierEnd(e);
      if (!steps.hasRoomFor(other === k ? (count * (count + 3)) / 2 : 2 * count)) return undefined;
      for (let i = 0; i < count; i++) {
        if (other !== k) step(operands[i], other, nodes + e, factors[i], ONE, true);
        else for (let j = 0; j <= i; j++) step(operands[i], operands[j], nodes + e, factors[i], factors[j], i !== j);
      }
    }
    if (bends[k] === 0) continue;
    const at = secondsFrom + 3 * bent++;
    if (bends[k] & FIRST_TWICE) step(first[k], first[k], k, at, ONE, false);
    if (bends[k] & MIXED) step(first[k], second[k], k, at + 1, ONE, true);
    if (bends[k] & SECOND_TWICE) step(second[k], second[k], k, at + 2, ONE, false);
  }
  return { edges, steps: steps.toArray() };
}
