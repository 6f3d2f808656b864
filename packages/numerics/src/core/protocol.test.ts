import { expect, test } from 'vitest';
import { SouthwellError } from './errors.ts';
import { type Iterate, run, runAsync } from './protocol.ts';
import { finished } from './status.ts';

/** Counts, and gives its memory back when it is left. */
function* counting(last: number): Generator<Iterate<Float64Array>, void, undefined> {
  const memory = Float64Array.of(0);
  try {
    for (let iteration = 0; ; iteration++) {
      memory[0] = iteration;
      const done = iteration === last ? 'converged' : undefined;
      yield { iteration, objective: -iteration, work: {}, done, snapshot: () => memory.slice() };
    }
  } finally {
    memory.fill(Number.NaN);
  }
}

test.each([
  ['by itself', {}, 'converged', 5],
  ['at the limit of iterations', { maxIter: 3 }, 'iteration-limit', 3],
  ['at the limit of time', { timeLimit: 0 }, 'time-limit', 0],
  ['when stopped', { signal: AbortSignal.abort() }, 'aborted', 0],
] as const)('the point is taken before the method gives its memory back: ended %s', async (_, options, status, at) => {
  for (const solution of [run(counting(5), options), await runAsync(counting(5), options)]) {
    expect(solution).toMatchObject({ status, iterations: at, objective: -at });
    expect([...solution.point]).toEqual([at]);
    expect(solution.trace).toHaveLength(at + 1);
  }
});

test('completed is what a planned number of steps ends with, converged what a certificate proves', () => {
  function* planned(last: number, relative?: number): Generator<Iterate<number>> {
    for (let iteration = 0; iteration <= last; iteration++) {
      yield {
        iteration,
        objective: 1,
        certificate: relative === undefined ? undefined : { kind: 'dualityGap', value: relative, relative },
        work: { epochs: iteration },
        done: iteration === last ? 'completed' : undefined,
        snapshot: () => iteration,
      };
    }
  }
  expect(run(planned(3))).toMatchObject({ status: 'completed', point: 3, work: { epochs: 3 }, next: undefined });
  expect(run(planned(3, 1e-9), { tol: 1e-6 })).toMatchObject({ status: 'converged', point: 0 });
  expect(finished('completed') && finished('converged')).toBe(true);
  expect(run(planned(3), { maxIter: 1 })).toMatchObject({ status: 'iteration-limit', next: /more iterations/ });
  expect(finished('iteration-limit')).toBe(false);
});

test('a method without an objective, with metrics and a clock of its own', async () => {
  async function* simulation(): AsyncGenerator<Iterate<string, undefined>> {
    for (let iteration = 0; iteration <= 4; iteration++) {
      await Promise.resolve();
      const metrics = { regret: iteration ** 2 };
      const done = iteration === 4 ? 'completed' : undefined;
      const simulatedSeconds = 10 * iteration;
      yield {
        iteration,
        objective: undefined,
        metrics,
        work: {},
        simulatedSeconds,
        done,
        snapshot: () => `${iteration}`,
      };
    }
  }
  const solution = await runAsync(simulation());
  expect(solution).toMatchObject({ point: '4', status: 'completed', simulatedSeconds: 40, metrics: { regret: 16 } });
  expect(solution.objective).toBeUndefined();
  expect(solution.trace.map((t) => t.metrics?.regret)).toEqual([0, 1, 4, 9, 16]);
});

test('a family has certificates and counters of its own, which the runner takes as they are', () => {
  function* tree(): Generator<Iterate<number>> {
    for (let iteration = 0; ; iteration++) {
      const relative = 1 / 2 ** iteration;
      const work = { nodes: iteration, environmentSteps: 10 * iteration };
      const certificate = { kind: 'boundGap', value: 3 * relative, relative };
      yield { iteration, objective: 1, certificate, work, snapshot: () => iteration };
    }
  }
  expect(run(tree(), { tol: 0.3 })).toMatchObject({
    status: 'converged',
    certificate: { kind: 'boundGap', value: 0.75 },
    work: { nodes: 2, environmentSteps: 20 },
  });
});

/** Grows until it overflows, or throws at `broken`. */
function* growing(broken = Number.POSITIVE_INFINITY, mayFail = true): Generator<Iterate<number>> {
  let x = 1;
  for (let iteration = 0; ; iteration++) {
    if (iteration === broken) throw new SouthwellError('NUMERICAL', 'The matrix became singular.');
    const point = x;
    yield {
      iteration,
      objective: x,
      work: {},
      mayFail,
      done: Number.isFinite(x) ? undefined : 'diverged',
      snapshot: () => point,
    };
    x *= 1e10;
  }
}

test('a run that diverges answers with a finite point, and what to try', () => {
  const solution = run(growing());
  expect(solution.status).toBe('diverged');
  expect(Number.isFinite(solution.point)).toBe(true);
  expect(solution.objective).toBe(solution.point);
  expect(solution.certificate).toBeUndefined();
  expect(solution.next).toMatch(/similar magnitudes/);
  expect(run(growing(Number.POSITIVE_INFINITY, false)).point).toBe(Number.POSITIVE_INFINITY);
});

test('NaN is divergence even where the method does not say so', () => {
  function* lost(): Generator<Iterate<number>> {
    for (let iteration = 0; ; iteration++)
      yield {
        iteration,
        objective: iteration < 5 ? -iteration : Number.NaN,
        work: {},
        mayFail: true,
        snapshot: () => iteration,
      };
  }
  expect(run(lost())).toMatchObject({ status: 'diverged', point: 3, objective: -3 });
});

test('a method that throws: before there is a point the error, later the last point that was kept', async () => {
  expect(() => run(growing(0))).toThrow('became singular');
  expect(() => run(growing(3, false))).toThrow('became singular');
  for (const solution of [run(growing(3)), await runAsync(growing(3))]) {
    expect(solution).toMatchObject({ status: 'failed', error: { message: 'The matrix became singular.' } });
    expect(solution.point).toBe(1e10);
  }
  function* bug(): Generator<Iterate<number>> {
    yield { iteration: 0, objective: 0, work: {}, mayFail: true, snapshot: () => 0 };
    throw new TypeError('a bug');
  }
  expect(() => run(bug())).toThrow('a bug');
});

/** A sum of random numbers, with its state at every tenth step. */
function* summing(last: number, resume?: { iteration: number; x: number }): Generator<Iterate<number>> {
  let x = resume?.x ?? 0;
  for (let iteration = resume?.iteration ?? 0; ; ) {
    const point = x;
    const at = iteration;
    yield {
      iteration,
      objective: x,
      work: {},
      done: iteration === last ? 'completed' : undefined,
      snapshot: () => point,
      ...(iteration % 10 === 0 && { checkpoint: () => ({ iteration: at, x: point }) }),
    };
    if (iteration === last) return;
    iteration++;
    x += Math.sin(iteration) / 3;
  }
}

test('a run that goes on from a checkpoint has the bits of one that was not cut', () => {
  const whole = run(summing(95));
  let state: unknown;
  const cut = run(summing(95), { maxIter: 47, checkpoint: { save: (s) => (state = s) } });
  expect(cut.status).toBe('iteration-limit');
  const rest = run(summing(95, state as { iteration: number; x: number }));
  expect(rest.trace[0].iteration).toBe(40);
  expect(rest).toMatchObject({ point: whole.point, iterations: 95, status: 'completed' });
});

test('checkpoints are no more frequent than asked for, and one is taken at the end', () => {
  const taken: number[] = [];
  run(summing(1000), { maxIter: 100, checkpoint: { every: 3600, save: (_, iteration) => taken.push(iteration) } });
  expect(taken).toEqual([0, 100]);
});

test('the trace of a million iterates stays small and keeps both ends in order', () => {
  function* long(): Generator<Iterate<number>> {
    for (let iteration = 0; ; iteration++) yield { iteration, objective: -iteration, work: {}, snapshot: () => 0 };
  }
  const { trace } = run(long(), { maxIter: 1e6 });
  expect(trace.length).toBeLessThanOrEqual(10_001);
  expect(trace.length).toBeGreaterThan(4000);
  expect(trace[0].iteration).toBe(0);
  expect(trace.at(-1)!.iteration).toBe(1e6);
  expect(trace.every((t, k) => k === 0 || t.iteration > trace[k - 1].iteration)).toBe(true);
});

test('a method that waits for ever is left at an abort and at the time limit, with what it has shown last', async () => {
  let shown = 0;
  async function* waiting(): AsyncGenerator<Iterate<number>> {
    yield {
      iteration: 0,
      get objective() {
        return shown;
      },
      work: {},
      snapshot: () => shown,
      checkpoint: () => shown,
    };
    shown = 7;
    await new Promise(() => {});
  }
  const kept: unknown[] = [];
  const checkpoint = { save: (state: unknown) => void kept.push(state) };
  const timed = await runAsync(waiting(), { timeLimit: 0.02, checkpoint });
  expect([timed.status, timed.point, timed.objective, kept.at(-1)]).toEqual(['time-limit', 7, 7, 7]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 10);
  expect((await runAsync(waiting(), { signal: controller.signal })).status).toBe('aborted');
  expect((await runAsync(waiting(), { signal: AbortSignal.abort() })).status).toBe('aborted');
});

test('a method that fails after it was left is nobody’s failure', async () => {
  let reject = (_: Error) => {};
  async function* waiting(): AsyncGenerator<Iterate<number>> {
    yield { iteration: 0, objective: 0, work: {}, snapshot: () => 0 };
    await new Promise((_, no) => {
      reject = no;
    });
  }
  const { status } = await runAsync(waiting(), { timeLimit: 0.01 });
  reject(new Error('late'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(status).toBe('time-limit');
});
