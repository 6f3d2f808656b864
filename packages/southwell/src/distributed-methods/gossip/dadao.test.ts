import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone, type Communicator, complete, type Request, simulate, threads } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { completeGraph, cycleGraph, gridGraph, pathGraph, randomGeometricGraph, starGraph } from '../graphs/index.ts';
import { type DadaoState, dadao, dadaoConstants, dadaoProgram, PoissonEvents } from './index.ts';
import { DadaoNodes } from './nodes.ts';
import { timingOf } from './problem.ts';
import { type Case, points, quadratics } from './testing.ts';

/** The exponential of t times the 6 × 6 matrix of the flow, by squaring a Taylor series. */
function flowMatrix(t: number, { alpha, theta, nu }: ReturnType<typeof dadaoConstants>): number[][] {
  const M = [
    [-alpha / 2, alpha / 2, 0, 0, 0, 0],
    [alpha / 2, -alpha / 2, 0, 0, 0, 0],
    [0, 0, -alpha, alpha, 0, 0],
    [0, -theta * nu, -theta, 0, -theta, 0],
    [0, 0, 0, 0, -alpha, alpha],
    [0, 0, 0, 0, alpha / 2, -alpha / 2],
  ];
  const times = (A: number[][], B: number[][]) =>
    A.map((row) => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0)));
  const halvings = 30;
  const small = M.map((row) => row.map((m) => (m * t) / 2 ** halvings));
  let power = M.map((_, i) => M.map((__, j) => Number(i === j)));
  // The difference from the identity is squared, (I + D)² = I + 2D + D², so that no digits are lost.
  let D = M.map((row) => row.map(() => 0));
  for (let k = 1; k <= 6; k++) {
    power = times(power, small).map((row) => row.map((v) => v / k));
    D = D.map((row, i) => row.map((v, j) => v + power[i][j]));
  }
  for (let k = 0; k < halvings; k++) {
    const square = times(D, D);
    D = D.map((row, i) => row.map((v, j) => 2 * v + square[i][j]));
  }
  return D.map((row, i) => row.map((v, j) => v + Number(i === j)));
}

const filled = (nodes: DadaoNodes, seed = 3) => {
  const random = new Random(seed);
  for (let k = 0; k < nodes.values.length; k++) nodes.values[k] = random.normal();
  return nodes;
};

test('the flow is the exponential of its matrix, and composes', () => {
  for (const kappa of [1, 10, 1e4]) {
    const constants = dadaoConstants(1 / kappa, 1, 0.3);
    for (const t of [1e-3, 0.7, 20, 3000]) {
      const nodes = filled(new DadaoNodes(2, 2, constants));
      const before = nodes.values.slice();
      nodes.flow(1, t);
      expect(nodes.values.subarray(0, 12)).toEqual(before.subarray(0, 12));
      const E = flowMatrix(t, constants);
      for (let v = 0; v < 6; v++) {
        for (let j = 0; j < 2; j++) {
          const wanted = E[v].reduce((sum, e, w) => sum + e * before[12 + 2 * w + j], 0);
          expect(nodes.values[12 + 2 * v + j]).toBeCloseTo(wanted, 8);
        }
      }
      const steps = filled(new DadaoNodes(2, 2, constants));
      for (const part of [0.1, 0.25, 0.9, 1]) steps.flow(1, part * t);
      const x = new Float64Array(2);
      steps.xAt(1, t, x);
      for (let k = 12; k < 24; k++) expect(steps.values[k]).toBeCloseTo(nodes.values[k], 11);
      expect([...x]).toEqual([...steps.x(1)]);
    }
  }
});

test('the solution is a fixed point of the flow and of both jumps', () => {
  const { local, optimum, mu, L } = quadratics(4, 3);
  const constants = dadaoConstants(mu, L, 0.4);
  const nodes = new DadaoNodes(4, 3, constants);
  const gradient = new Float64Array(3);
  const gradients = local.map(({ gradient: of }) => {
    const g = new Float64Array(3);
    of(optimum, g, new Random(0));
    return g;
  });
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 3; j++) {
      const y = gradients[i][j] - constants.nu * optimum[j];
      const z = -gradients[i][j];
      [optimum[j], optimum[j], y, y, z, z].forEach((v, k) => {
        nodes.values[6 * 3 * i + 3 * k + j] = v;
      });
    }
  }
  const before = nodes.values.slice();
  const [a, b] = [new Float64Array(3), new Float64Array(3)];
  for (let k = 0; k < 4; k++) nodes.flow(k, 2.5);
  local[2].gradient(nodes.x(2), gradient, new Random(0));
  nodes.descend(2, gradient);
  nodes.message(0, a);
  nodes.message(3, b);
  nodes.mix(0, a, b);
  nodes.mix(3, b, a);
  for (let k = 0; k < before.length; k++) expect(nodes.values[k]).toBeCloseTo(before[k], 10);
});

test('it converges on graphs of all kinds, with as many gradients, and communications at the rate of the graph', () => {
  const counts = [starGraph(9), gridGraph(3, 3), cycleGraph(9), pathGraph(9), completeGraph(9)].map((graph) => {
    const problem = { ...quadratics(9, 3), graph };
    const { status, trace, point } = dadao(problem, { optimum: problem.optimum, tol: 1e-8, maxIter: 2000, seed: 4 });
    expect(status).toBe('converged');
    for (let j = 0; j < 3; j++) expect(point.mean[j]).toBeCloseTo(problem.optimum[j], 2);
    const { gradients, communications, time } = trace.at(-1)!.metrics!;
    const { total } = timingOf([graph], 'uniform');
    expect(Math.abs(communications - total * time)).toBeLessThan(5 * Math.sqrt(total * time));
    expect(Math.abs(gradients - 9 * time)).toBeLessThan(5 * Math.sqrt(9 * time));
    return gradients;
  });
  expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.3);
});

test('without the optimum the gradient at the mean is the certificate; one node, many graphs, and rates of choice', () => {
  const common = { tol: 1e-6, maxIter: 3000 };
  const solve = (n: number, graph: Parameters<typeof dadao>[0]['graph'], options = {}) => {
    const { optimum, ...problem } = quadratics(n, 2);
    const found = dadao({ ...problem, graph }, { ...common, ...options });
    expect(found.status).toBe('converged');
    expect(found.certificate!.kind).toBe('gradientNorm');
    for (let j = 0; j < 2; j++) expect(found.point.mean[j]).toBeCloseTo(optimum[j], 3);
    return found;
  };
  solve(1, starGraph(1));
  solve(
    7,
    [1, 2, 3].map((seed) => randomGeometricGraph(7, { seed, radius: 0.3 })),
  );
  const uniform = solve(8, pathGraph(8));
  const optimal = solve(8, pathGraph(8), { rates: 'optimal' });
  expect(optimal.objective).toBeCloseTo(uniform.objective!, 3);
  solve(6, cycleGraph(6), { rates: [1, 1, 1, 1, 1, 0] });
});

test('means over nodes of Z and Z̃ stay 0', () => {
  const problem = { ...quadratics(6, 2), graph: gridGraph(2, 3) };
  let state: DadaoState | undefined;
  dadao(problem, {
    maxIter: 40,
    onIterate: ({ checkpoint }) => {
      state = checkpoint!() as DadaoState;
    },
  });
  const { values, since } = state!;
  const nodes = new DadaoNodes(6, 2, dadaoConstants(problem.mu, problem.L, timingOf([problem.graph], 'uniform').chi1));
  nodes.values.set(values);
  nodes.since.set(since);
  const end = Math.max(...since);
  for (let k = 0; k < 6; k++) nodes.flow(k, end);
  for (const v of [8, 9, 10, 11]) {
    let [sum, size] = [0, 0];
    for (let k = 0; k < 6; k++) {
      sum += nodes.values[12 * k + v];
      size += Math.abs(nodes.values[12 * k + v]);
    }
    expect(Math.abs(sum)).toBeLessThan(1e-12 * size);
  }
});

test('events are Poisson: counts in unit intervals have equal mean and variance, and shares are those of the rates', () => {
  const graph = starGraph(4);
  const events = new PoissonEvents([{ graph, rates: [1, 0, 4] }], 7);
  const intervals = 4000;
  const perInterval = new Float64Array(intervals);
  const links = [0, 0, 0];
  const nodes = [0, 0, 0, 0];
  for (events.next(); events.time < intervals; events.next()) {
    perInterval[Math.floor(events.time)]++;
    if (events.link >= 0) links[events.link]++;
    else nodes[events.node]++;
  }
  const mean = perInterval.reduce((a, c) => a + c, 0) / intervals;
  const variance = perInterval.reduce((a, c) => a + (c - mean) ** 2, 0) / (intervals - 1);
  // Five standard deviations of both estimates.
  expect(Math.abs(mean - 9)).toBeLessThan(5 * Math.sqrt(9 / intervals));
  expect(Math.abs(variance - 9)).toBeLessThan(5 * 9 * Math.sqrt(2 / intervals));
  expect(links[1]).toBe(0);
  expect(Math.abs(links[2] - 4 * intervals)).toBeLessThan(5 * Math.sqrt(4 * intervals));
  for (const count of nodes) expect(Math.abs(count - intervals)).toBeLessThan(5 * Math.sqrt(intervals));
});

test('graphs follow each other: links are those of the graph at the time', () => {
  const sequence = [pathGraph(3), starGraph(3)].map((graph, g) => ({ graph, rates: [g, 1] }));
  const events = new PoissonEvents(sequence, 1, 0.1);
  for (events.next(); events.time < 50; events.next()) {
    const which = Math.floor(events.time / 0.1 + 1e-9) % 2;
    if (Math.abs(events.time / 0.1 - Math.round(events.time / 0.1)) < 1e-9) continue;
    expect(events.graph).toBe(sequence[which].graph);
    if (which === 0) expect(events.link).not.toBe(0);
  }
});

const cases: readonly Case[] = [
  { nodes: 7, settings: { seed: 3 }, iterates: 12 },
  { nodes: 8, settings: { seed: 5, interval: 0.3, rates: 'optimal', averages: true }, iterates: 30 },
  { nodes: 8, settings: { seed: 6, optimum: [1, 2, 3], gradientSeconds: 0.01 }, iterates: 10 },
];

test('the bits are the same for any number of ranks, and for any intervals between iterates', () => {
  for (const input of cases) {
    const wanted = complete(alone(points(input)));
    expect(wanted).toHaveLength(3 * input.nodes);
    for (const ranks of [2, 3, 8, 11]) {
      const { results } = complete(
        simulate(points(input), { ranks, latency: 1e-3, jitter: 1e-2, stragglers: { 1: 5 } }),
      );
      for (const found of results) expect(found).toEqual(wanted);
    }
  }
  const [plain] = cases;
  const often = { ...plain, settings: { ...plain.settings, interval: 0.25 }, iterates: 48 };
  expect(complete(alone(points(often)))).toEqual(complete(alone(points(plain))));
  const other = { ...plain, settings: { seed: 4 } };
  expect(complete(alone(points(other)))).not.toEqual(complete(alone(points(plain))));
});

test('a rank waits only for the partners of its own nodes', () => {
  // Rank 0 computes for long; ranks 3 and 4, the nodes next to each other at the far end of a path, go on meanwhile.
  const problem = { ...quadratics(5, 2), graph: pathGraph(5) };
  function* program(comm: Communicator): Generator<Request, void, unknown> {
    const running = dadaoProgram(comm, problem, { seed: 2, interval: 4, gradientSeconds: 0.01 });
    let reports = 0;
    for (let step = running.next(); !step.done && reports < 2; ) {
      if ('iteration' in step.value) {
        reports++;
        step = running.next();
      } else step = running.next(yield step.value);
    }
  }
  const { trace } = complete(simulate(program, { ranks: 5, latency: 1e-6, stragglers: { 0: 1000 } }));
  const early = trace.filter(
    ({ tag, context, from, to, sent }) => context % 3 === 0 && tag === 1 && sent < 5 && from > 2 && to > 2,
  );
  expect(early.length).toBeGreaterThan(2);
});

test('a run goes on from a checkpoint with the same bits', () => {
  const problem = { ...quadratics(5, 2, { noise: 0.5 }), graph: cycleGraph(5) };
  const options = { seed: 8, averages: true, optimum: problem.optimum };
  const whole = dadao(problem, { ...options, maxIter: 30 });
  let state: DadaoState | undefined;
  dadao(problem, {
    ...options,
    maxIter: 11,
    onIterate: ({ iteration, checkpoint }) => {
      if (iteration === 10) state = checkpoint!() as DadaoState;
    },
  });
  const resumed = dadao(problem, { ...options, maxIter: 30, resume: state });
  expect(resumed.point).toEqual(whole.point);
  expect(() => dadao(problem, { ...options, seed: 9, maxIter: 3, resume: state })).toThrow('other settings');
});

test('stochastic gradients: averages are nearer to the minimum than points', () => {
  const problem = { ...quadratics(4, 2, { noise: 3 }), graph: completeGraph(4) };
  const { point } = dadao(problem, { averages: true, maxIter: 6000, interval: 1 });
  const far = (x: Float64Array) => x.reduce((sum, v, j) => sum + (v - problem.optimum[j]) ** 2, 0);
  const mean = (of: readonly Float64Array[]) => of.reduce((sum, x) => sum + far(x), 0) / of.length;
  expect(mean(point.averages!)).toBeLessThan(mean(point.x));
});

test('bad input', () => {
  const { optimum, ...problem } = quadratics(3, 2);
  const solve = (more: object, options = {}) =>
    dadao({ ...problem, graph: pathGraph(3), ...more }, { maxIter: 2, ...options });
  expect(() => solve({ graph: pathGraph(4) })).toThrow('has 4 nodes, and there are 3 functions');
  expect(() => solve({ graph: { n: 3, from: [0], to: [1] } })).toThrow('not connected');
  expect(() => solve({ mu: 0 })).toThrow('mu is 0');
  expect(() => solve({ L: 0.01 })).toThrow('at least mu');
  expect(() => solve({ L: Number.POSITIVE_INFINITY })).toThrow('L is Infinity');
  expect(() => solve({ start: [] })).toThrow('no entries');
  expect(() => solve({ start: [1, Number.NaN] })).toThrow('Entry 1 of the start');
  expect(() =>
    solve({
      start: [
        [1, 2],
        [1, 2],
      ],
    }),
  ).toThrow('3 nodes, and 2 points');
  expect(() => solve({}, { rates: [1, 0] })).toThrow('not connected');
  expect(() => solve({}, { rates: [1, -1] })).toThrow('rates are finite and not negative');
  expect(() => solve({}, { optimum: [1] })).toThrow('1 entries');
  expect(() => solve({}, { interval: 0 })).toThrow('interval');
  expect(() => solve({ local: [{}, {}, {}] })).toThrow("Function 0 of 3 has no function 'gradient'");
  expect(() => new PoissonEvents([], 1)).toThrow('no graph');
  // Curvatures far above L.
  const steep = quadratics(3, 2, { mu: 1e5, L: 1e6 });
  const { status, next } = dadao({ ...steep, graph: pathGraph(3), mu: 0.1, L: 1 }, { maxIter: 3000 });
  expect([status, next]).toEqual(['diverged', expect.stringContaining('L may be too small')]);
  expect(optimum).toHaveLength(2);
});

const module = new URL('../../../dist/distributed-methods/gossip/testing.js', import.meta.url);
const built = existsSync(fileURLToPath(module));

describe.skipIf(!built)('beside one process (needs a build)', () => {
  test('threads give the same bits', async () => {
    const [, input] = cases;
    const found = await threads<Case, number[]>(module, { ranks: 2, input });
    const wanted = complete(alone(points(input)));
    expect(found).toEqual([wanted, wanted]);
  });

  const hasMpi = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout?.includes('Open MPI') ?? false;
  const hasKoffi = (() => {
    try {
      createRequire(import.meta.url)('koffi');
      return true;
    } catch {
      return false;
    }
  })();
  test.skipIf(!hasMpi || !hasKoffi)('MPI gives the same bits (needs Open MPI and koffi)', () => {
    const [input] = cases;
    const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const folder = mkdtempSync(join(tmpdir(), 'southwell-gossip-'));
    const told = join(folder, 'rank');
    const node = [process.execPath, '--conditions=modules', fileURLToPath(module), 'mpi', JSON.stringify(input), told];
    const { status, stderr } = spawnSync('mpirun', [...flags, ...node], { encoding: 'utf8', timeout: 60_000 });
    expect(status, stderr).toBe(0);
    const found = [0, 1].map((rank) => JSON.parse(readFileSync(`${told}-${rank}.json`, 'utf8')));
    const wanted = complete(alone(points(input)));
    expect(found).toEqual([wanted, wanted]);
    rmSync(folder, { recursive: true });
  });
});
