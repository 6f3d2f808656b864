/** What the tests of this room share: a small problem, and the audit that every method passes. */
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  type Iterate,
  run,
  type Solution,
} from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import type { GraphPoint } from './estimate.ts';
import { simulateBinarySem, simulateGraph, simulateNonlinearSem, simulateSem } from './simulate.ts';

export const d = 5;
const graph = simulateGraph({ nodes: d, edges: 6, weights: [1, 2], seed: 3 });
export const X = simulateSem(graph, { n: 300, seed: 4 });
export const bits = simulateBinarySem(graph, { n: 300, seed: 4 });
export const bent = simulateNonlinearSem(graph, { n: 60, seed: 4 });

export type GraphSolution = Solution<GraphPoint>;
/** A method as it is audited. */
export interface Audited {
  /** The export of the room that makes the iterates. */
  readonly by: string;
  readonly start: (resume?: never) => Iterable<Iterate<GraphPoint>>;
  /** The objective of a point, by other means. */
  readonly objective: (solution: GraphSolution) => number;
  /** What the method's own end is to be on this problem, and what must then be true. */
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
 * A method with a budget that is too small, a normal one and aborts: whatever status it gives must be true by what can be
 * computed from its point alone, and a run that was cut anywhere must go on to the same bits.
 */
export function audit(name: string, row: Audited): void {
  describe(name, () => {
    test('too small a budget, aborts early and late, time: the status says so, and the point is of use', () => {
      const small = run(row.start(), { maxIter: 1 });
      expect(small.status).toBe('iteration-limit');
      const aborted = run(row.start(), { signal: AbortSignal.abort() });
      expect(aborted.status).toBe('aborted');
      const controller = new AbortController();
      // Where it could not be stopped any later.
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
