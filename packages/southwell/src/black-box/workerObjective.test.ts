import { afterAll, expect, test } from 'vitest';
import { minimize, minimizeAsync } from './minimize.ts';
import { workerObjective } from './workerObjective.ts';

const source = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const bowl = workerObjective(
  source(`export default ([x, y]) => {
  if (x > 100) process.exit(4);
  if (x > 50) throw new RangeError('too far');
  if (x < -100) for (;;);
  return (x - 1) ** 2 + (y + 2) ** 2;
}`),
);
afterAll(() => bowl.close());

test('the same search as in this thread, whatever the number of workers', async () => {
  const options = { dim: 2, lower: -5, upper: 5, seed: 1, budget: 200 };
  const here = minimize(([x, y]) => (x - 1) ** 2 + (y + 2) ** 2, options);
  for (const jobs of [1, 3]) {
    const there = await minimizeAsync(bowl, { ...options, jobs });
    expect(there.point).toEqual(here.point);
    expect(there.objective).toBe(here.objective);
  }
});

test('workers that never wait find the same minimum', async () => {
  const options = { dim: 2, lower: -5, upper: 5, seed: 1, asynchronous: true, target: 1e-9 };
  expect((await minimizeAsync(bowl, { ...options, jobs: 3 })).status).toBe('converged');
  const here = minimize(([x, y]) => (x - 1) ** 2 + (y + 2) ** 2, options);
  expect((await minimizeAsync(bowl, options)).point).toEqual(here.point);
});

test('an evaluation past its limit has failed, its worker ended, and the search goes on', async () => {
  // Never ends where x < −100: of the first points of a wide cloud some lie there.
  const options = { dim: 2, x0: [-100, 0], sigma: 20, seed: 1, budget: 12, jobs: 2, evaluationLimit: 1 };
  await expect(minimizeAsync(bowl, options)).rejects.toMatchObject({
    code: 'OBJECTIVE',
    message: expect.stringMatching(/failed at evaluation \d+: it took longer than 1 s/),
  });
  const skipped = await minimizeAsync(bowl, { ...options, onError: 'skip' });
  expect(skipped.evaluations).toBe(12);
  expect(skipped.point[0]).toBeGreaterThan(-100);
  // Promises that never settle are left behind.
  const hung = minimizeAsync(([x]) => (x > 0 ? x : new Promise<number>(() => {})), {
    ...{ dim: 1, lower: -1, upper: 1, seed: 1, budget: 8, jobs: 8, evaluationLimit: 0.2 },
    onError: 'skip',
  });
  expect((await hung).objective).toBeGreaterThan(0);
  await expect(minimizeAsync(() => 1, { dim: 1, evaluationLimit: 0 })).rejects.toThrow(
    /evaluationLimit must be above 0/,
  );
});

test('what it throws, and a worker that ends, reject one evaluation; others go on', async () => {
  const at = (x: number, y = 0) => bowl(Float64Array.of(x, y));
  const [a, b, c] = await Promise.allSettled([at(60), at(1, -2), at(200)]);
  expect(a).toMatchObject({ status: 'rejected', reason: { message: 'too far' } });
  expect(b).toEqual({ status: 'fulfilled', value: 0 });
  expect(c).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringMatching(/ended unexpectedly, with code 4/) },
  });
  expect(await at(2, -2)).toBe(1);
});

test('an abort ends an evaluation that would never end', async () => {
  const controller = new AbortController();
  const endless = bowl(Float64Array.of(-200, 0), controller.signal);
  setTimeout(() => controller.abort(), 50);
  await expect(endless).rejects.toThrow('Stopped on request.');
  await expect(bowl(Float64Array.of(1, 1), controller.signal)).rejects.toThrow('Stopped on request.');
});

test('a module that is none, and one without a function', async () => {
  for (const [url, why] of [
    ['file:///nowhere/f.mjs', /cannot be used: Cannot find module '\/nowhere\/f\.mjs'\.$/],
    [source('export const f = 1;'), /its default export is not a function/],
  ] as const) {
    const f = workerObjective(url);
    await expect(f(Float64Array.of(1))).rejects.toThrow(why);
    f.close();
  }
});
