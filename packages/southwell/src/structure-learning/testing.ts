/** Shared by the tests of this folder: small problems, and the audits that every method must pass. */
import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  type Iterate,
  run,
  type Solution,
} from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import type { EstimateOptions, GraphEstimate, GraphPoint } from './estimate.ts';
import { isAcyclic } from './graphs/graphs.ts';
import { simulateBinarySem, simulateGraph, simulateNonlinearSem, simulateSem } from './graphs/simulate.ts';
import { type Knowledge, type KnowledgeStatements, knowledgeOf } from './knowledge.ts';

export const d = 5;
const graph = simulateGraph({ nodes: d, edges: 6, weights: [1, 2], seed: 3 });
export const X = simulateSem(graph, { n: 300, seed: 4 });
export const bits = simulateBinarySem(graph, { n: 300, seed: 4 });
export const bent = simulateNonlinearSem(graph, { n: 60, seed: 4 });

export type GraphSolution = Solution<GraphPoint>;
/** A method and its audit. */
export interface Audited {
  /** Name of the exported function that makes the iterates. */
  readonly by: string;
  readonly start: (resume?: never) => Iterable<Iterate<GraphPoint>>;
  /** The objective of a point, computed independently. */
  readonly objective: (solution: GraphSolution) => number;
  /** The expected status of a complete run, and what must then be true. */
  readonly end: 'converged' | 'completed';
  readonly proves?: (solution: GraphSolution) => void;
}

const numbersOf = ({ W, ...rest }: GraphPoint) => ({ ...rest, W: W.data.slice() });

function hold({ objective }: Audited, solution: GraphSolution): void {
  const { point, status, next } = solution;
  expect([...point.W.data, ...(point.sigma ?? [])].every(Number.isFinite)).toBe(true);
  expect(solution.objective).toBeCloseTo(objective(solution), 7);
  expect(solution.work.oracleCalls).toBeGreaterThanOrEqual(0);
  expect(next === undefined, `${status}: ${next}`).toBe(finished(status));
}

/**
 * Runs a method with a budget that is too small, with a normal one, and with aborts: every status must be consistent
 * with what can be computed from the point alone, and a run resumed from any checkpoint must give the same bits.
 */
export function audit(name: string, row: Audited): void {
  describe(name, () => {
    test('too small a budget, aborts early and late, time: the status says so, and the point is of use', () => {
      const small = run(row.start(), { maxIter: 1 });
      expect(small.status).toBe('iteration-limit');
      const aborted = run(row.start(), { signal: AbortSignal.abort() });
      expect(aborted.status).toBe('aborted');
      const controller = new AbortController();
      // The last iterate at which it could be stopped.
      let [left, seen] = [-1, 0];
      for (const _ of row.start()) left++;
      const late = run(row.start(), {
        signal: controller.signal,
        onIterate: () => ++seen === left && controller.abort(),
      });
      expect(late.status).toBe('aborted');
      const timed = run(row.start(), { timeLimit: 0 });
      expect(timed.status).toBe('time-limit');
      for (const solution of [small, aborted, late, timed]) hold(row, solution);
    });

    test('a normal budget: the end that it claims is the one there is; iterations never go back', () => {
      const solution = run(row.start());
      expect(solution.status).toBe(row.end);
      hold(row, solution);
      row.proves?.(solution);
      const steps = solution.trace.map((entry) => entry.iteration);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
    });

    test('cut at any boundary and resumed through a text, it ends with the same bits', () => {
      const states: string[] = [];
      const save = (state: unknown, iteration: number) => {
        const text = encodeCheckpoint({ method: 'audit', problem: '', iteration, state });
        if (states.at(-1)?.split('\n')[1] !== text.split('\n')[1]) states.push(text);
      };
      const whole = run(row.start(), { checkpoint: { save } });
      expect(states.length).toBeGreaterThan(2);
      const cuts = new Set([0, 1, 2, 4, 7].map((k) => Math.round((k * (states.length - 1)) / 7)));
      for (const cut of cuts) {
        const { state } = decodeCheckpoint<never>(states[cut]);
        const rest = run(row.start(state));
        expect(numbersOf(rest.point)).toEqual(numbersOf(whole.point));
        expect([rest.objective, rest.iterations, rest.status]).toEqual([
          whole.objective,
          whole.iterations,
          whole.status,
        ]);
        expect(rest.work).toEqual(whole.work);
      }
    });
  });
}

// The entry of a matrix of knowledge.

export const entry = (matrix: ArrayLike<number>, from: number, to: number, size = 6) => matrix[to * size + from];

/** Asserts that W and, with orders, the DAG satisfy all prior knowledge. */
export function expectKept({ W, dag, order }: Pick<GraphEstimate, 'W' | 'dag' | 'order'>, known: Knowledge): void {
  const { d } = known;
  const position = new Int32Array(d);
  order.forEach((v, p) => {
    position[v] = p;
  });
  expect(isAcyclic(dag)).toBe(true);
  for (let to = 0; to < d; to++) {
    for (let from = 0; from < d; from++) {
      if (from !== to && !entry(known.allowed, from, to, d))
        expect([W.get(from, to), dag.get(from, to)]).toEqual([0, 0]);
      if (entry(known.required, from, to, d)) expect(dag.get(from, to)).not.toBe(0);
      if (entry(known.before, from, to, d) || dag.get(from, to) !== 0) {
        expect(position[from]).toBeLessThan(position[to]);
      }
    }
  }
}

/** Six variables with a known graph. */
export const six = DenseMatrix.create(6, 6);
const arrows = [
  [0, 1, 1.2],
  [1, 2, -1],
  [0, 3, 0.9],
  [3, 4, 1.5],
  [2, 4, 0.8],
  [4, 5, -1.1],
] as const;
for (const [from, to, w] of arrows) six.set(from, to, w);
export const linear = simulateSem(six, { n: 300, noise: 'laplace', seed: 3 });
export const binary = simulateBinarySem(six, { n: 300, seed: 3 });
export const bends = simulateNonlinearSem(six, { n: 60, seed: 3 });

/**
 * Asserts that a method respects any prior knowledge about those variables, and gives the same bits with empty
 * knowledge.
 */
export function keepsKnowledge(
  name: string,
  method: (options: EstimateOptions) => GraphEstimate,
  proves?: (knowledge: Knowledge, statements: KnowledgeStatements) => void,
): void {
  describe(name, () => {
    const plain = method({});
    /** The edges found without knowledge, strongest first. */
    const found = Array.from(plain.dag.data, (w, k) => [k % 6, Math.floor(k / 6), Math.abs(w)] as const)
      .filter(([, , w]) => w > 0)
      .sort((a, b) => b[2] - a[2]);

    test('nothing known: the same bits', () => {
      const same = method({ knowledge: knowledgeOf({}, 6) });
      expect(same.W.data).toEqual(plain.W.data);
      expect([same.order, same.objective]).toEqual([plain.order, plain.objective]);
    });

    test.each<[string, KnowledgeStatements]>([
      ['its two strongest edges forbidden', { forbidden: found.slice(0, 2).map(([from, to]) => [from, to]) }],
      ['its strongest edge turned round', { required: found.slice(0, 1).map(([from, to]) => [to, from]) }],
      [
        'edges required that are not there',
        {
          required: [
            [0, 5],
            [5, 2],
          ],
        },
      ],
      [
        'tiers against the truth',
        {
          tiers: [
            [4, 5],
            [0, 2],
            [1, 3],
          ],
        },
      ],
      ['tiers of some', { tiers: [[5], [0]] }],
      [
        'all at once',
        {
          tiers: [[3, 1], [0]],
          forbidden: [
            [3, 4],
            [1, 2],
            [4, 3],
          ],
          required: [
            [5, 4],
            [1, 5],
          ],
        },
      ],
    ])('%s', (_, statements) => {
      const knowledge = knowledgeOf(statements, 6);
      const estimate = method({ knowledge });
      expectKept(estimate, knowledge);
      expect(estimate.warnings.filter((w) => w.includes('required'))).toEqual([]);
      proves?.(knowledge, statements);
    });
  });
}

/** Asserts that a function refuses an unknown option, and nothing else. */
export function refusesUnknown(name: string, call: (more: object) => unknown): void {
  for (const value of [1, undefined]) {
    expect(() => call({ unknownOption: value })).toThrow(`${name} has no option 'unknownOption'; it has `);
  }
  call({});
}
