import { expect, test } from 'vitest';
import fewShot from './experiments/few-shot.ts';

test('an abort ends a run within a twentieth of a second or so of work', async () => {
  const controller = new AbortController();
  const run = fewShot.run({ size: 'quick', seed: 1, signal: controller.signal });
  await run.next();
  controller.abort(new Error('enough'));
  await expect(
    (async () => {
      for await (const _ of run);
    })(),
  ).rejects.toThrow('enough');
});
