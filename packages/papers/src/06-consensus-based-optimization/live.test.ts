import { expect, test } from 'vitest';
import { pauses } from '../pauses.ts';
import { libraryMethod, runSwarm } from './lab.ts';
import { canyon, START } from './landscape.ts';
import live from './live.ts';
import { locked } from './locked.ts';

test('the swarm of the first page is that of the experiment, step by step', async () => {
  const { particles, steps, alpha, noise } = locked.claims.canyon.sizes.quick;
  const run = live.run(noise, 60_000);
  let frames = 0;
  let next = run.next();
  for (; !next.done; next = run.next()) {
    expect(next.value.points).toHaveLength(particles);
    frames++;
  }
  const options = { particles, steps, alpha, noise, diffusion: 'isotropic' } as const;
  const pause = pauses({ size: 'quick', seed: 6 });
  const f = ([x, y]: Float64Array) => canyon(x, y);
  const { path } = await runSwarm(f, { kind: 'cbo', options }, START, 60_000, libraryMethod, pause);
  expect(frames).toBe(path.length);
  expect(next.value.path.map((p) => [p[0], p[1]])).toEqual(path.map(({ x, y }) => [x, y]));
  expect(next.value.reached).toBe(Math.hypot(path.at(-1)!.x, path.at(-1)!.y) <= 0.25);
});

test('without noise the swarm does not reach the minimum, nor does gradient descent', () => {
  const run = live.run(0, 60_000);
  let next = run.next();
  while (!next.done) next = run.next();
  expect(next.value.reached).toBe(false);
  expect(live.controlPath().reached).toBe(false);
});
