import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone, complete, type Phases, type Request, simulate, threads } from '@southwell/distributed';
import { decodeCheckpoint, encodeCheckpoint, type Iterate, Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { type Compressor, identity, topK } from '../compressors/index.ts';
import {
  type Client,
  type CompressedSgdOptions,
  type CompressedSgdState,
  compressedSgd,
  compressedSgdProgram,
  type FeedbackMethod,
  feedbackClient,
  feedbackClientStep,
  feedbackDirection,
  feedbackServer,
  feedbackServerStep,
} from './index.ts';
import { type Case, points, unlikeClients } from './testing.ts';

const METHODS: readonly FeedbackMethod[] = ['econtrol', 'ec', 'ec-ideal', 'd-ec', 'ef21', 'ef21-sgdm', 'csgd', 'sgd'];
const distance = (x: Float64Array, y: Float64Array) => Math.hypot(...x.map((v, i) => v - y[i]));
const zeros = (d: number) => new Float64Array(d);

test('the quadratic problem has the optimum and the gradients that its formulas say', () => {
  const { clients, optimum } = unlikeClients(4, 3);
  const [mean, g, at] = [zeros(3), zeros(3), Float64Array.of(1, -2, 3)];
  const random = new Random();
  for (const client of clients) {
    client.gradient(optimum, g, random);
    for (const [j, x] of g.entries()) {
      mean[j] += x;
      expect(x).toBeCloseTo(client.atOptimum![j], 11);
    }
    client.gradient(at, g, random);
    const slopes = g.slice();
    for (let j = 0; j < 3; j++) {
      const value = (h: number) => client.gradient(at.with(j, at[j] + h), g, random)!;
      expect((value(1e-4) - value(-1e-4)) / 2e-4).toBeCloseTo(slopes[j], 5);
    }
  }
  for (const x of mean) expect(x).toBeCloseTo(0, 10);
});

test('with all entries sent, every method but those with momentum is gradient descent', () => {
  const { clients } = unlikeClients(3, 4);
  const naive = zeros(4);
  for (let t = 0; t < 30; t++) {
    const sum = zeros(4);
    const g = zeros(4);
    for (const client of clients) {
      client.gradient(naive, g, new Random());
      for (let j = 0; j < 4; j++) sum[j] += g[j] / 3;
    }
    for (let j = 0; j < 4; j++) naive[j] -= 0.3 * sum[j];
  }
  const reached = (options: Partial<CompressedSgdOptions>) =>
    compressedSgd(clients, zeros(4), { compressor: identity(), stepSize: 0.3, maxIter: 30, ...options });
  for (const eta of [0, 0.3, 1]) {
    const { point, metrics } = reached({ eta });
    expect(distance(point, naive)).toBeLessThan(1e-11);
    expect(metrics).toEqual({ errorNorm: expect.closeTo(0, 30), estimateGap: expect.closeTo(0, 10) });
  }
  for (const method of ['ec', 'd-ec', 'ef21', 'csgd', 'sgd', 'ec-ideal'] as const)
    expect(distance(reached({ method }).point, naive)).toBeLessThan(1e-11);
  expect(distance(reached({ method: 'ef21-sgdm' }).point, naive)).toBeGreaterThan(1);
});

test('without feedback of errors, EControl is EF21, to the bit', () => {
  const { clients } = unlikeClients(5, 12, { sigma: 1 });
  const run = (method: FeedbackMethod) =>
    compressedSgd(clients, zeros(12), { method, eta: 0, compressor: 'top-k=2', stepSize: 0.1, maxIter: 50 }).point;
  expect(run('econtrol')).toEqual(run('ef21'));
  expect(run('econtrol')).not.toEqual(run('ec'));
});

test('with η = 1 and estimates held at zero, EControl sends what error feedback sends, which a plain loop gives', () => {
  const d = 10;
  const [controlled, plain] = [
    { method: 'econtrol', eta: 1, compressor: topK(2) } as const,
    { method: 'ec', compressor: topK(2) } as const,
  ];
  const [a, b] = [feedbackClient(controlled, zeros(d)), feedbackClient(plain, zeros(d))];
  const random = new Random(4);
  const [error, restored] = [zeros(d), zeros(d)];
  for (let t = 0; t < 40; t++) {
    const g = Float64Array.from({ length: d }, () => random.normal());
    a.estimate.fill(0);
    const message = feedbackClientStep(controlled, a, g, random);
    expect(message).toEqual(feedbackClientStep(plain, b, g, random));
    expect(a.error).toEqual(b.error);
    // Seide et al.: what was not sent is added to the next gradient.
    const wanted = g.map((x, j) => error[j] + x);
    topK(2).restore(topK(2).compress(wanted, random), restored);
    expect(message).toEqual(topK(2).compress(wanted, random));
    for (let j = 0; j < d; j++) error[j] += g[j] - restored[j];
    expect(b.error).toEqual(error);
  }
});

test('the estimates that were sent add up to the gradients less the error, and the server has their mean', () => {
  const [d, n] = [6, 3];
  const options = { method: 'econtrol', eta: 0.25, compressor: topK(2, { values: 'f64' }) } as const;
  const random = new Random(7);
  // Multiples of 2⁻¹⁰, for which all sums are exact.
  const draw = () => Float64Array.from({ length: d }, () => (random.integer(4096) - 2048) / 1024);
  const firsts = Array.from({ length: n }, draw);
  const clients = firsts.map((first) => feedbackClient(options, first));
  const server = feedbackServer(
    options,
    zeros(d),
    firsts.map((first) => identity().compress(first, random)),
  );
  const sums = firsts.map(() => zeros(d));
  for (let t = 0; t < 12; t++) {
    const gradients = firsts.map(draw);
    const messages = clients.map((client, i) => feedbackClientStep(options, client, gradients[i], random));
    const before = server.x.slice();
    const direction = feedbackServerStep(options, server, messages, 0.5);
    expect(direction).toEqual(server.estimate);
    for (let j = 0; j < d; j++) {
      const mean = clients.reduce((sum, client) => sum + client.estimate[j], 0) / n;
      expect(server.estimate[j]).toBeCloseTo(mean, 12);
      expect(server.x[j]).toBe(before[j] - 0.5 * server.estimate[j]);
      for (const [i, client] of clients.entries()) {
        sums[i][j] += gradients[i][j] - client.estimate[j];
        expect(client.error[j]).toBeCloseTo(sums[i][j], 12);
      }
    }
  }
});

test.each(['top-k=0.1', 'top-k=0.7', 'rand-k=0.2:unscaled', 'sign', 'low-rank=1', 'identity'])(
  'rounds with %s that write the next states beside the present ones have the bits of those in place',
  (compressor) => {
    // More entries than are selected by sorting.
    const [d, n] = [3000, 3];
    const random = new Random(5);
    const draw = () => Float32Array.from({ length: d }, () => random.normal() ** 3);
    for (const method of METHODS) {
      const options = { method, compressor, eta: 0.3 };
      const firsts = Array.from({ length: n }, draw);
      const messages = firsts.map((first) => identity().compress(Float64Array.from(first), random));
      const [own, beside] = [0, 1].map(() => firsts.map((first) => feedbackClient(options, first)));
      const server = feedbackServer(options, zeros(d), messages);
      let [now, next] = [0, 1].map(() => feedbackServer(options, zeros(d), messages));
      let spare = feedbackClient(options, firsts[0]);
      for (let round = 0; round < 3; round++) {
        const gradients = firsts.map(draw);
        const sent = gradients.map((gradient, i) => {
          const before = structuredClone(beside[i]);
          const message = feedbackClientStep(options, beside[i], gradient, new Random(round), spare);
          expect(beside[i]).toEqual(before);
          [beside[i], spare] = [spare, beside[i]];
          expect(message).toEqual(feedbackClientStep(options, own[i], Float64Array.from(gradient), new Random(round)));
          return message;
        });
        expect(beside).toEqual(own);
        const before = structuredClone(now);
        const found = feedbackDirection(options, now, sent, next);
        const whole = 'indices' in found ? zeros(d) : found.slice();
        if ('indices' in found) found.indices.forEach((i, k) => void (whole[i] = found.values[k]));
        expect(now).toEqual(before);
        [now, next] = [next, now];
        expect(feedbackServerStep(options, server, sent, 0.1)).toEqual(whole);
        expect(now.estimate).toEqual(server.estimate);
      }
    }
  },
);

test('a state stays as it is if the gradient is not finite', () => {
  for (const method of METHODS) {
    const options = { method, compressor: 'top-k=1' };
    const client = feedbackClient(options, Float64Array.of(1, 2));
    const before = structuredClone(client);
    expect(() => feedbackClientStep(options, client, Float64Array.of(1, Number.NaN), new Random())).toThrow(
      'Entry 1 of the 2 to compress is NaN',
    );
    expect(client).toEqual(before);
  }
});

/** C(v) = δ v, as doubles. */
const shrink = (share: number): Compressor => ({
  ...identity(),
  name: `shrink=${share}`,
  delta: () => 1 - (1 - share) ** 2,
  compress: (v, random) =>
    identity().compress(
      v.map((x) => share * x),
      random,
    ),
});

test('with a linear compressor, convergence is what the spectral radius of a 3 × 3 matrix says', () => {
  const client: Client = {
    gradient(x, into) {
      into[0] = x[0];
      return x[0] ** 2 / 2;
    },
  };
  const multiply = (A: number[][], B: number[][]) =>
    A.map((row) => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0)));
  let [stable, unstable] = [0, 0];
  // Without feedback the matrix has an eigenvalue of one for e, which x does not see.
  for (const share of [0.1, 0.5])
    for (const stepSize of [0.03, 0.1, 0.3, 1, 3])
      for (const eta of [0.1, 0.5, 1]) {
        // Rows: x, e, h after a round.
        const h = [share, share * eta, 1 - share];
        const e = [1 - share, 1 - share * eta, share - 1];
        let power = [[1 - stepSize * h[0], -stepSize * h[1], -stepSize * h[2]], e, h];
        // Log of ‖M^1024‖ by ten squarings.
        let log = 0;
        for (let k = 0; k < 10; k++) {
          power = multiply(power, power);
          const size = Math.max(...power.flat().map(Math.abs));
          power = power.map((row) => row.map((v) => v / size));
          log = 2 * log + Math.log(size);
        }
        const rate = log / 1024;
        const { point, status } = compressedSgd([client], [1], {
          ...{ compressor: shrink(share), eta, stepSize, maxIter: 1500 },
        });
        if (rate < -0.01) {
          stable++;
          expect(Math.abs(point[0])).toBeLessThan(1e-4);
        } else if (rate > 0.01) {
          unstable++;
          expect(status === 'diverged' || Math.abs(point[0]) > 1e4).toBe(true);
        }
      }
  // The other five are too near to 1 to tell.
  expect([stable, unstable]).toEqual([18, 7]);
});

test('error feedback stalls on unlike clients; EControl, EF21 and error feedback with ideal gradients do not', () => {
  const { clients, optimum } = unlikeClients(5, 20);
  const gap = (method: FeedbackMethod) => {
    const { point } = compressedSgd(clients, zeros(20), { method, compressor: 'top-k=2', stepSize: 0.1, maxIter: 800 });
    return (distance(point, optimum) / distance(zeros(20), optimum)) ** 2;
  };
  for (const method of ['econtrol', 'ef21', 'ec-ideal', 'sgd'] as const) expect(gap(method)).toBeLessThan(1e-12);
  expect(gap('ec')).toBeGreaterThan(1e-5);
});

test('own steps of clients with whole gradients are federated averaging', () => {
  const { clients } = unlikeClients(3, 4);
  const naive = zeros(4);
  const g = zeros(4);
  for (let t = 0; t < 20; t++) {
    const mean = zeros(4);
    for (const client of clients) {
      const y = naive.slice();
      for (let k = 0; k < 5; k++) {
        client.gradient(y, g, new Random());
        for (let j = 0; j < 4; j++) y[j] -= 0.1 * g[j];
      }
      for (let j = 0; j < 4; j++) mean[j] += y[j] / 3;
    }
    naive.set(mean);
  }
  const options = { method: 'sgd', localSteps: 5, stepSize: 0.5, maxIter: 20 } as const;
  expect(distance(compressedSgd(clients, zeros(4), options).point, naive)).toBeLessThan(1e-11);
  const smaller = compressedSgd(clients, zeros(4), { ...options, localStepSize: 0.01 }).point;
  expect(distance(smaller, naive)).toBeGreaterThan(0.1);
});

const cases: readonly Case[] = METHODS.map((method) => ({
  options: { method, compressor: 'rand-k=3:unscaled', stepSize: 0.05, seed: 3, localSteps: 2 },
  rounds: 12,
}));

test('the bits are the same for any number of ranks, whose messages are counted by their phases', () => {
  for (const input of cases) {
    const wanted = complete(alone(points(input)));
    expect(wanted).toHaveLength(13 * 12);
    for (const ranks of [2, 5, 7]) {
      const { results } = complete(simulate(points(input), { ranks, latency: 1e-4, jitter: 1e-4 }));
      for (const found of results) expect(found).toEqual(wanted);
    }
  }
  const traffic: Phases[] = [];
  const { clients } = unlikeClients(5, 12);
  const program = function* (comm: Parameters<typeof compressedSgdProgram>[0]) {
    const running = compressedSgdProgram(comm, clients, zeros(12), { compressor: topK(2), stepSize: 0.1 });
    let step = running.next();
    let last: Iterate<Float64Array, number | undefined> | undefined;
    while (!step.done && !(last && last.iteration === 9)) {
      if ('iteration' in step.value) {
        last = step.value;
        step = running.next();
      } else step = running.next(yield step.value as Request);
    }
    traffic[comm.rank] = yield* comm.traffic();
    return last!.work.bytesSent!;
  };
  const { results } = complete(simulate(program, { ranks: 5 }));
  for (const phases of traffic.slice(1)) {
    expect(phases['first gradients'].bytes).toBe(1 + 8 * 12);
    // Tag, count, one byte of indices or two with a parameter, two values: of ten or eleven rounds, of which the first sends nothing.
    const { messages, bytes } = phases.messages;
    expect(messages).toBeGreaterThanOrEqual(10);
    expect(bytes / (messages - 1)).toBeGreaterThan(9);
    expect(bytes / (messages - 1)).toBeLessThanOrEqual(12);
  }
  expect(new Set(results).size).toBe(1);
  const [, ...others] = traffic;
  const received = others.reduce((sum, phases) => sum + phases['first gradients'].bytes, 0) * (5 / 4);
  expect(results[0]).toBeGreaterThan(received);
  expect(results[0]).toBeLessThanOrEqual(received + 9 * 5 * 12);
});

const module = new URL('../../../dist/distributed-methods/feedback/testing.js', import.meta.url);
const built = existsSync(fileURLToPath(module));

describe.skipIf(!built)('beside one process (needs a build)', () => {
  test('threads give the same bits', async () => {
    const input = cases[0];
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
    const input = cases[3];
    const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const folder = mkdtempSync(join(tmpdir(), 'southwell-feedback-'));
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

test('a run goes on from a checkpoint with the same bits, with as many ranks as before only', () => {
  const { clients } = unlikeClients(4, 9, { sigma: 1 });
  for (const method of METHODS) {
    const options = { method, compressor: 'low-rank=1', stepSize: 0.05, seed: 2 } as const;
    const whole = compressedSgd(clients, zeros(9), { ...options, maxIter: 20 });
    let saved: CompressedSgdState | undefined;
    const save = (state: unknown) => void (saved = state as CompressedSgdState);
    compressedSgd(clients, zeros(9), { ...options, maxIter: 7, checkpoint: { save } });
    const text = encodeCheckpoint({ method, problem: '', iteration: 7, state: saved });
    const { state: resume } = decodeCheckpoint<CompressedSgdState>(text);
    const rest = compressedSgd(clients, zeros(9), { ...options, maxIter: 20, resume });
    expect(rest.point).toEqual(whole.point);
    expect(rest.work).toEqual(whole.work);
    expect(() => compressedSgd(clients, zeros(9), { ...options, stepSize: 0.1, resume })).toThrow(/other settings/);
    const again = (comm: Parameters<typeof compressedSgdProgram>[0]) =>
      compressedSgdProgram(comm, clients, zeros(9), { ...options, resume });
    expect(() => complete(simulate(again, { ranks: 2 }))).toThrow(
      /The checkpoint is of rank 0 of 1, but this is rank [01] of 2. Resume with as many ranks as before/,
    );
  }
});

test('ranks that differ in an option end by a sentence before the first round', () => {
  const { clients } = unlikeClients(4, 9);
  const run = (own: (rank: number) => Partial<CompressedSgdOptions>, count = (_: number) => 4) =>
    complete(
      simulate(
        (comm) =>
          compressedSgdProgram(comm, clients.slice(0, count(comm.rank)), zeros(9), { stepSize: 1, ...own(comm.rank) }),
        { ranks: 3 },
      ),
    );
  expect(() => run((r) => ({ compressor: r === 2 ? 'sign' : 'top-k=0.1', eta: 0.1 }))).toThrow(
    'The ranks disagree on compressor: rank 2 has sign, rank 0 has top-k=0.1. Give all ranks the same options.',
  );
  expect(() => run((r) => ({ method: r === 1 ? 'ec' : 'ef21' }))).toThrow(/on method: rank 1 has ec, rank 0 has ef21/);
  expect(() =>
    run(
      () => ({}),
      (r) => 4 - (r > 0 ? 1 : 0),
    ),
  ).toThrow(/on the number of clients: rank 1 has 3/);
});

test('gradients that are not finite are an error that names the client, or end the run as diverged', () => {
  const bad = (from: number): Client => {
    let calls = 0;
    return {
      gradient(x, into) {
        into.set(x);
        if (++calls > from) into[1] = Number.NaN;
        return 1;
      },
    };
  };
  const run = (from: number) =>
    compressedSgd([bad(99), bad(from)], [1, 1], { stepSize: 0.1, compressor: 'top-k=1', maxIter: 20 });
  expect(() => run(0)).toThrow('Client 1, round 0: Entry 1 of the 2 to compress is NaN.');
  const { status, next, point, iterations } = run(5);
  expect([status, iterations]).toEqual(['diverged', 4]);
  expect(next).toMatch(/^Client 1, round 4: Entry 1 of the 2/);
  expect(point.every(Number.isFinite)).toBe(true);
  const { status: too } = compressedSgd([bad(9999)], [1, 1], { stepSize: 30, method: 'sgd', maxIter: 5000 });
  expect(too).toBe('diverged');
});

test('a run ends when the direction is short enough, and counts what it sent', () => {
  const { clients, optimum } = unlikeClients(5, 20);
  const { status, point, work, iterations, objective } = compressedSgd(clients, zeros(20), {
    ...{ compressor: 'top-k=2', stepSize: 0.3, tol: 1e-9 },
  });
  expect(status).toBe('converged');
  expect(distance(point, optimum)).toBeLessThan(1e-6);
  const value = clients.reduce((sum, client) => sum + client.gradient(optimum, zeros(20), new Random())! / 5, 0);
  expect(objective).toBeCloseTo(value, 6);
  expect(work.oracleCalls).toBe(5 * (iterations + 1));
  // Whole first gradients, and two values of 32 bits with their indices.
  expect(work.bytesSent).toBeGreaterThan(5 * 161 + 5 * (iterations - 1) * 10);
  expect(work.bytesSent).toBeLessThanOrEqual(5 * 161 + 5 * iterations * 12);
  expect(work.bytesReceived).toBe(8 * 20 * 5 * iterations);
});

const one: Client = { gradient: (x, into) => void into.set(x) as undefined };

test.each<[string, () => unknown, RegExp]>([
  ['no clients', () => compressedSgd([], [1], { stepSize: 1 }), /at least one client/],
  ['no entries', () => compressedSgd([one], [], { stepSize: 1 }), /has no entries/],
  ['NaN', () => compressedSgd([one], [1, Number.NaN], { stepSize: 1 }), /Entry 1 of the start is NaN/],
  ['no step size', () => compressedSgd([one], [1], {} as { stepSize: 1 }), /stepSize is required/],
  ['a step of 0', () => compressedSgd([one], [1], { stepSize: 0 }), /stepSize must be a finite number above 0/],
  ['a bad schedule', () => compressedSgd([one], [1], { stepSize: () => -1 }), /stepSize gives -1 for round 0/],
  ['no client', () => compressedSgd([{} as Client], [1], { stepSize: 1 }), /Client 0 of 1 has no function 'gradient'/],
  [
    'a method that needs the optimum',
    () => compressedSgd([one], [1], { stepSize: 1, method: 'ec-ideal' }),
    /Client 0 needs 'atOptimum', the 1 entries of its gradient at the minimum/,
  ],
  [
    'no default of eta',
    () => compressedSgd([one], [1, 2, 3, 4], { stepSize: 1, compressor: 'rand-k=1' }),
    /eta has no default for rand-k=1, which does not contract vectors of 4 entries/,
  ],
  ['eta', () => compressedSgd([one], [1], { stepSize: 1, eta: 2 }), /eta must be from 0 to 1, but is 2/],
  ['a name', () => compressedSgd([one], [1], { stepSize: 1, compressor: 'topk' }), /did you mean 'top-k'/],
  [
    'schedules with own steps',
    () => compressedSgd([one], [1], { stepSize: () => 1, localSteps: 2 }),
    /localStepSize is required/,
  ],
  [
    'lengths',
    () => feedbackClientStep({}, feedbackClient({}, zeros(2)), zeros(3), new Random()),
    /3 entries in place of 2/,
  ],
  ['no messages', () => feedbackServerStep({}, feedbackServer({ method: 'ec' }, [1], []), [], 1), /there are none/],
  ['no first gradients', () => feedbackServer({}, [1], []), /econtrol needs the first gradient/],
])('%s is refused', (_, call, message) => {
  expect(call).toThrow(message);
});
