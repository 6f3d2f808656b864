import type { LooseOptions } from 'southwell/blocks';
import {
  atLeast,
  atMost,
  type Experiment,
  type ExperimentContext,
  type Measurement,
  parameterValue,
  verdict,
} from '../../experiment.ts';
import { claims } from '../claims.ts';
import {
  fixed,
  libraryMethod,
  type Method,
  panel,
  pick,
  type RunResult,
  stepsParameter,
  type TestProblem,
  testProblem,
  usualSteps,
  variable,
} from '../lab.ts';

const updates = { PN: 'proximalNewton', TMP: 'twoMetric', PG: 'proximalGradient' } as const;

function rules(selection: 'proximal' | 'random', blockSize: number): Record<string, LooseOptions> {
  const table: Record<string, LooseOptions> = {};
  for (const [name, update] of Object.entries(updates)) {
    table[`${name}-VB`] = variable(selection, update, blockSize);
    table[`${name}-FB`] = fixed(selection, update, blockSize);
  }
  return table;
}

/** Fig. 7: the proximal greedy rule with proximal-Newton, two-metric and proximal-gradient updates. */
export function figure7(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-7',
    title: 'Greedy blocks on a non-negative L1 problem',
    axes: { x: 'iterations', y: 'F − F*', logY: true },
    parameters: [usualSteps],
    claims: [claims.activeSet],
    async *run(context) {
      const test = testProblem('A-NN', context);
      const support = supportOf(test.minimiser!);
      const needed = ['PN-VB', 'PG-VB'];
      const at50 = yield* panel(
        context,
        method,
        test,
        'A, λ = 50000, x ≥ 0, τ = 50',
        pick(rules('proximal', 50), needed),
      );
      const wide = Math.max(100, 2 * support.length);
      const name = `A, λ = 50000, x ≥ 0, τ = ${wide} ≥ 2·${support.length}`;
      const atWide = yield* panel(context, method, test, name, pick(rules('proximal', wide), ['PN-VB']));
      yield verdict(claims.activeSet, context, [
        atMost('PN-VB, τ = 50: iterations', at50['PN-VB'].reached, 15),
        sameSupport('PN-VB, τ = 50', at50['PN-VB'], test),
        atLeast(
          'PG-VB / PN-VB iterations, τ = 50',
          Math.min(at50['PG-VB'].reached, parameterValue(usualSteps, context)) / at50['PN-VB'].reached,
          context.size === 'full' ? 5 : 3,
        ),
        atMost(`PN-VB, τ = ${wide}: iterations`, atWide['PN-VB'].reached, 3),
      ]);
      for (const tau of [5, 50, 100]) {
        const results = yield* panel(
          context,
          method,
          test,
          `A, λ = 50000, x ≥ 0, τ = ${tau}, all`,
          rules('proximal', tau),
        );
        yield {
          kind: 'table',
          title: `support identified (|support| = ${support.length}), τ = ${tau}`,
          columns: ['run', 'last change of the support', 'support is that of x*'],
          rows: Object.values(results).map((r) => [
            r.series,
            r.activeSetIteration,
            sameSupport('', r, test).ok ? 'yes' : 'no',
          ]),
        };
      }
    },
  };
}

const randomSteps = stepsParameter({ quick: 10, full: 500 });

/** Fig. 13: the same with random selection. */
export function figure13(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-13',
    title: 'The same with random selection',
    axes: { x: 'iterations', y: 'F − F*', logY: true },
    parameters: [randomSteps],
    claims: [claims.greedyNeeded],
    async *run(context: ExperimentContext) {
      const test = testProblem('A-NN', context);
      const full = context.size === 'full';
      const steps = parameterValue(randomSteps, context);
      let least = Number.POSITIVE_INFINITY;
      let name = '';
      for (const tau of [5, 50, 100]) {
        const results = yield* panel(
          context,
          method,
          test,
          `A, λ = 50000, x ≥ 0, random, τ = ${tau}`,
          rules('random', tau),
          steps,
        );
        for (const r of Object.values(results)) {
          if (r.gap < least) [least, name] = [r.gap, `${r.series}, τ = ${tau}`];
        }
      }
      let bar = 100;
      if (!full) {
        const greedy = yield* panel(
          context,
          method,
          test,
          'greedy, τ = 50',
          pick(rules('proximal', 50), ['PN-VB']),
          steps,
        );
        bar *= Math.max(1e-8, greedy['PN-VB'].gap);
      }
      yield verdict(claims.greedyNeeded, context, [atLeast(`f − f* of the best, ${name}`, least, bar)]);
    },
  };
}

const supportOf = (x: Float64Array): number[] => Array.from(x.keys()).filter((i) => x[i] !== 0);

function sameSupport(name: string, run: RunResult, test: TestProblem): Measurement {
  const expected = supportOf(test.minimiser!);
  const actual = supportOf(run.x);
  const wrong = actual.filter((i) => !expected.includes(i)).length + expected.filter((i) => !actual.includes(i)).length;
  return atMost(`${name}: coordinates in which the support differs from that of x*`, wrong, 0);
}
