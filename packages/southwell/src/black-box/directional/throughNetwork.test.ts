import { decodeCheckpoint, encodeCheckpoint, finished, type Iterate, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { type Attack, attack, type Network } from './attack.ts';
import type { NetworkProblem, ThroughNetworkState } from './networkDescent.ts';
import { affine, counted, denseNetwork, distanceTo } from './testing.ts';
import { optimizeThroughNetwork, type ThroughNetworkOptions, throughNetworkIterates } from './throughNetwork.ts';

const n = 6;
const file = { method: 'test', problem: '', iteration: 0 };
/** A target that some input reaches, in a box. */
function reachable(seed: number, activation: 'tanh' | 'relu' = 'tanh'): NetworkProblem {
  const network = denseNetwork([n, 16, 16, 4], activation, seed);
  const target = network.value(Float64Array.from({ length: n }, (_, i) => ((7 * i + seed) % 10) / 5 - 0.9));
  return { network, objective: distanceTo(Array.from(target)), x0: new Float64Array(n), lower: -1, upper: 1 };
}
/** y₀ ≤ 0.1 and Σx ≤ 0.5. */
const constraints: NonNullable<NetworkProblem['constraints']> = {
  value: (x, y) => [y[0] - 0.1, x.reduce((s, v) => s + v, -0.5)],
  vjp: (x, y, w) => [x.map(() => w[1]), y.map((_, k) => (k === 0 ? w[0] : 0))],
};
/** As a user would write it. */
const own: Attack = (network, x, u, radius) => attack(network, x, u, radius);

const variants: Record<string, ThroughNetworkOptions> = {
  fgsm: {},
  pgd: { attack: 'pgd' },
  'a function': { attack: own },
  'direct search': { attack: false },
  '2n directions': { poll: '2n' },
  'polls and attacks alone': { covering: false, search: false },
};
const both = Object.entries(variants).flatMap(([name, options]) => [
  [name, options, false] as const,
  [name, options, true] as const,
]);

describe.each(both)('%s, %j, constraints: %s', (_, options, constrained) => {
  const problem = { ...reachable(3), ...(constrained && { constraints }) };
  const meritAt = (x: Float64Array) => {
    const y = Float64Array.from(problem.network.value(x));
    const c = constrained ? Array.from(constraints.value(x, y)) : [];
    return c.reduce((s, v) => s + Math.max(v, 0) ** 2, problem.objective.value(y));
  };

  test('never worse, within the bounds, and counts each call', () => {
    const network = counted(problem.network);
    const objectives: number[] = [];
    const r = optimizeThroughNetwork(
      { ...problem, network },
      { ...options, maxEvaluations: 400, onIterate: ({ objective }) => objectives.push(objective) },
    );
    expect([r.evaluations, r.gradientCalls]).toEqual([network.points.length, network.products()]);
    expect(r.work).toMatchObject({ oracleCalls: r.evaluations, gradientCalls: r.gradientCalls });
    expect(objectives).toEqual([...objectives].sort((a, b) => b - a));
    for (const x of network.points) expect(x.every((v) => v >= -1 && v <= 1)).toBe(true);
    const merit = meritAt(r.point);
    expect(r.objective).toBe(merit);
    // The points on the way of projected steps are compared by the linear objective of the attack.
    if (options.attack !== 'pgd') expect(merit).toBe(Math.min(...network.points.map(meritAt)));
    expect([...r.output]).toEqual(Array.from(problem.network.value(r.point)));
    expect(r.value).toBe(problem.objective.value(r.output));
    const c = constrained ? Array.from(constraints.value(r.point, r.output)) : [];
    expect(r.constraintViolation).toBe(Math.max(0, ...c));
    const { attack: attacks, covering, search, poll } = r.successes;
    expect(attacks + covering + search + poll).toBeGreaterThan(0);
    if (options.attack === false) expect([attacks, r.gradientCalls]).toEqual([0, 0]);
    expect(merit).toBeLessThan(0.5 * objectives[0]);
  });

  test('every end is what it says', () => {
    const few = optimizeThroughNetwork(problem, { ...options, maxEvaluations: 30 });
    expect([few.status, few.evaluations]).toEqual(['iteration-limit', 30]);
    expect(few.message).toBe('The budget of 30 evaluations is spent.');
    expect(few.next).toMatch(/^Raise maxEvaluations/);
    const cut = optimizeThroughNetwork(problem, { ...options, maxIter: 2 });
    expect([cut.status, cut.iterations, cut.message]).toEqual([
      'iteration-limit',
      2,
      'The limit on iterations is reached.',
    ]);
    expect(optimizeThroughNetwork(problem, { ...options, signal: AbortSignal.abort() }).status).toBe('aborted');
    expect(optimizeThroughNetwork(problem, { ...options, timeLimit: 0 }).status).toBe('time-limit');
    const one = optimizeThroughNetwork(problem, { ...options, maxEvaluations: 1 });
    expect([one.status, one.evaluations, one.objective]).toEqual(['iteration-limit', 1, meritAt(one.point)]);
    const whole = optimizeThroughNetwork(problem, { ...options, pollRadius: [1e-3, 1], attackRadius: [1e-3, 1] });
    expect(whole.status).toBe('converged');
    expect(whole.message).toMatch(/at (its minimum|their minima): .* no better/);
    expect(whole.next).toBeUndefined();
    // Nothing better in the directions of the coordinates, at a radius that is well above the smallest.
    for (let i = 0; i < n; i++)
      for (const step of [0.02, -0.02]) {
        const x = whole.point.map((v, j) => (i === j ? Math.min(1, Math.max(-1, v + step)) : v));
        expect(meritAt(x)).toBeGreaterThan(whole.objective - 1e-3);
      }
  });

  test('the same seed, the same run; resumed at any boundary, the same bits', () => {
    const settings = { ...options, maxEvaluations: 300, seed: 5 };
    const states: ThroughNetworkState[] = [];
    const save = (state: unknown) => void states.push(state as ThroughNetworkState);
    const whole = optimizeThroughNetwork(problem, { ...settings, checkpoint: { save } });
    const { seconds: __, trace: ___, ...facts } = whole;
    expect(optimizeThroughNetwork(problem, settings)).toMatchObject(facts);
    expect(optimizeThroughNetwork(problem, { ...settings, seed: 6 }).point).not.toEqual(whole.point);
    for (const part of [0, 0.4, 1]) {
      const saved = states[Math.round(part * (states.length - 1))];
      // Through the text of a file.
      const { state } = decodeCheckpoint<ThroughNetworkState>(encodeCheckpoint({ ...file, state: saved }));
      const network = counted(problem.network);
      const rest = optimizeThroughNetwork({ ...problem, network }, { ...settings, resume: state });
      expect(rest).toMatchObject(facts);
      expect(network.points.length).toBe(whole.evaluations - state.evaluations);
    }
    // A budget that was spent in the middle of an iteration, and is then raised.
    optimizeThroughNetwork(problem, { ...settings, maxEvaluations: 101, checkpoint: { save } });
    expect(optimizeThroughNetwork(problem, { ...settings, resume: states.at(-1) })).toMatchObject(facts);
  });
});

describe('optimizeThroughNetwork', () => {
  test('attacks save most of the evaluations of a direct search', () => {
    for (const activation of ['tanh', 'relu'] as const) {
      const ratios = [1, 2, 3].map((seed) => {
        const network = denseNetwork([30, 48, 48, 20], activation, seed);
        const target = network.value(Float64Array.from({ length: 30 }, (_, i) => ((7 * i + seed) % 10) / 5 - 0.9));
        const problem = { network, objective: distanceTo(Array.from(target)), x0: new Float64Array(30) };
        const after = (attack: 'fgsm' | false) =>
          optimizeThroughNetwork({ ...problem, lower: -1, upper: 1 }, { attack, maxEvaluations: 300, seed }).objective;
        return after('fgsm') / after(false);
      });
      expect(ratios.sort((a, b) => a - b)[1]).toBeLessThan(0.3);
    }
  });

  test('a target that no input reaches: the nearest point, with a status that claims no more', () => {
    const network = affine(
      [
        [1, 0],
        [0, 1],
      ],
      [0, 0],
    );
    const problem = { network, objective: distanceTo([3, 0.25]), x0: [0, 0], lower: -1, upper: 1 };
    const r = optimizeThroughNetwork(problem);
    expect(r.status).toBe('converged');
    expect(r.objective).toBeCloseTo(4, 8);
    expect(r.point[0]).toBe(1);
    expect(r.point[1]).toBeCloseTo(0.25, 4);
  });

  test('a zero gradient: attacks fail without a value, and the direct search goes on', () => {
    const dead: Network = { value: (x) => x.slice(), vjp: (x) => x.map(() => 0) };
    const network = counted(dead);
    const r = optimizeThroughNetwork({ network, objective: distanceTo([0.3, -0.2]), x0: [1, 1] });
    expect(r.successes.attack).toBe(0);
    expect(r.objective).toBeLessThan(1e-8);
    const alone = counted(dead);
    optimizeThroughNetwork(
      { network: alone, objective: distanceTo([0.3, -0.2]), x0: [1, 1] },
      { covering: false, search: false, maxIter: 1 },
    );
    // The start and at most n + 1 points of the poll.
    expect(alone.points.length).toBeLessThanOrEqual(4);
  });

  test('an attack of the smallest radius is not repeated from the same point', () => {
    // The attacks lead up, and nothing is better than the start.
    const network = counted({ value: ([v]) => [Math.abs(v)], vjp: (_, u) => u.slice() });
    const objective = { value: ([y]: Float64Array) => y, gradient: () => [1] };
    const options = { radius0: 0.1, attackRadius: [0.05, 1], pollRadius: [1e-5, 1], covering: false, search: false };
    const r = optimizeThroughNetwork({ network, objective, x0: [0] }, options);
    expect([r.status, r.objective, r.gradientCalls]).toEqual(['converged', 0, 4]);
    // Radii 0.1, 0.077, 0.059 and 0.05; and polls of two points from 0.1 down to 1.2e-5.
    expect(r.evaluations).toBeLessThanOrEqual(1 + 4 + 2 * 14);
  });

  test('converged only after a poll around the point', () => {
    for (const seed of [1, 2]) {
      const { network: own, objective, x0 } = reachable(seed);
      const network = counted(own);
      const r = optimizeThroughNetwork({ network, objective, x0 }, { seed, pollRadius: [0.01, 1], covering: false });
      expect(r.status).toBe('converged');
      const last = network.points.findLastIndex((x) => x.every((v, i) => v === r.point[i]));
      expect(network.points.length - 1 - last).toBeGreaterThanOrEqual(n + 1);
    }
  });

  test('NaN is the worst value, at the start too', () => {
    const half: Network = {
      value: (x) => (x[0] < 0.05 ? [Number.NaN] : [x[0]]),
      vjp: (_, u) => u.slice(),
    };
    const r = optimizeThroughNetwork({ network: half, objective: distanceTo([0.04]), x0: [0] }, { radius0: 0.5 });
    expect(r.objective).toBeCloseTo(1e-4, 6);
    expect(r.point[0]).toBeGreaterThanOrEqual(0.05);
    const never = optimizeThroughNetwork({
      network: { value: () => [Number.NaN], vjp: () => [Number.NaN] },
      ...{ objective: distanceTo([0]), x0: [0] },
    });
    expect([never.status, never.objective, never.gradientCalls]).toEqual(['stalled', Number.POSITIVE_INFINITY, 0]);
    expect(finished(never.status)).toBe(false);
    expect(never.message).toBe('At no point that was tried is the objective a number.');
  });

  test('an objective of −∞ ends the run', () => {
    const objective = {
      value: (y: Float64Array) => Math.log(Math.max(0, y[0])),
      gradient: (y: Float64Array) => [1 / y[0]],
    };
    const r = optimizeThroughNetwork({ network: affine([[1]], [0]), objective, x0: [0.5] });
    expect([r.status, r.objective]).toEqual(['unbounded', Number.NEGATIVE_INFINITY]);
  });

  test('one coordinate', () => {
    for (const attack of ['fgsm', 'pgd', false] as const) {
      const network = denseNetwork([1, 8, 1], 'tanh', 2);
      const target = network.value(Float64Array.of(0.4));
      const r = optimizeThroughNetwork({ network, objective: distanceTo(Array.from(target)), x0: [-1] }, { attack });
      expect(r.objective).toBeLessThan(1e-8);
    }
  });

  test('the penalty of a constraint that binds', () => {
    // minimise (y − 1)² with y ≤ 0: of (y − 1)² + y² the minimum is at 1/2.
    const problem: NetworkProblem = {
      ...{ network: affine([[1]], [0]), objective: distanceTo([1]), x0: [-1] },
      constraints: { value: (_, y) => [y[0]], vjp: (_, __, w) => [[0], w] },
    };
    const r = optimizeThroughNetwork(problem);
    expect(r.point[0]).toBeCloseTo(0.5, 3);
    expect(r.constraintViolation).toBeCloseTo(0.5, 3);
    expect(r.objective).toBeCloseTo(0.5, 6);
    expect(r.value).toBeCloseTo(0.25, 3);
  });

  test('iterates tell the radii and which steps were successful', () => {
    const seen: Array<Iterate<Float64Array>> = [];
    run(throughNetworkIterates(reachable(1), { maxEvaluations: 200 }), { onIterate: (it) => void seen.push(it) });
    expect(Object.keys(seen[0].metrics!)).toEqual([
      ...['pollRadius', 'attackRadius', 'constraintViolation'],
      ...['attack', 'covering', 'search', 'poll'],
    ]);
    for (let k = 1; k < seen.length; k++) {
      const [before, after] = [seen[k - 1], seen[k]];
      const steps = ['attack', 'covering', 'search', 'poll'].map((s) => after.metrics![s] - before.metrics![s]);
      const progress = steps.reduce((a, b) => a + b, 0);
      expect(progress > 0 || after.done !== undefined).toBe(after.objective < before.objective || !!after.done);
      expect(progress).toBeLessThanOrEqual(2);
    }
  });

  const problem = reachable(1);
  test.each<[Partial<NetworkProblem>, ThroughNetworkOptions, string]>([
    [{ x0: [] }, {}, 'dim must be'],
    [{ x0: [0, 0], lower: [0] }, {}, '2 coordinates has 1'],
    [{ lower: 1, upper: -1 }, {}, 'no value between 1 and -1'],
    [{ x0: new Float64Array(n).fill(2) }, {}, 'outside of its bounds'],
    [{ x0: new Float64Array(n).fill(Number.NaN) }, {}, 'x0'],
    [{}, { radius0: 0 }, 'radius0 must be'],
    [{}, { radius0: 1e-7 }, 'radius0 must be above the smallest pollRadius'],
    [{}, { radius0: 1e-7, pollRadius: [1e-8, 1] }, 'radius0 must be above the smallest attackRadius'],
    [{}, { attackRadius: [0, 1] }, 'attackRadius'],
    [{}, { pollRadius: [1, 0.1] }, 'pollRadius must be the smallest and the largest'],
    [{}, { pollRadius: [1, 2, 3] }, 'pollRadius must be two numbers'],
    [{}, { maxEvaluations: 0 }, 'maxEvaluations'],
    [{}, { attack: 'cw' as 'pgd' }, "attack must be 'fgsm', 'pgd', a function or false"],
    [{}, { attack: () => [1] }, 'The attack returned 1 numbers for 6 inputs of the network.'],
    [{ network: { ...problem.network, vjp: () => [1] } }, {}, 'has 1 numbers instead of 6'],
    [{ objective: { ...problem.objective, gradient: () => [1] } }, {}, 'gradient has 1 numbers for 4 outputs'],
    [{ objective: { ...problem.objective, value: () => undefined as never } }, {}, 'returned undefined'],
    [{ network: { ...problem.network, value: (x) => (x[0] === 0 ? [1, 2, 3, 4] : [1]) } }, {}, '1 outputs'],
    [{ x1: 3 } as object, {}, 'x1'],
  ])('what does not fit is told: %#', (changed, options, message) => {
    expect(() => optimizeThroughNetwork({ ...problem, ...changed }, options)).toThrow(message);
  });

  test('refuses a checkpoint of another problem', () => {
    let state: ThroughNetworkState | undefined;
    optimizeThroughNetwork(problem, { maxIter: 1, checkpoint: { save: (s) => void (state = s as never) } });
    expect(() => optimizeThroughNetwork({ ...problem, x0: [1] }, { resume: state })).toThrow('with 6 coordinates');
  });
});
