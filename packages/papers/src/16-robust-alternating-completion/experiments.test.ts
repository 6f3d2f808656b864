import { expect, test } from 'vitest';
import linearErrors from './experiments/linear-errors.ts';

test('an abort ends a run', async () => {
  const controller = new AbortController();
  const run = linearErrors.run({ size: 'quick', seed: 1, signal: controller.signal });
  await run.next();
  controller.abort(new Error('enough'));
  await expect(
    (async () => {
      for await (const _ of run);
    })(),
  ).rejects.toThrow('enough');
});
