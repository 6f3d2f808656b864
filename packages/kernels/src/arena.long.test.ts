import { expect, test } from 'vitest';
import { Arena } from './index.ts';
import { engines } from './testing.ts';

test.each(engines)('200 arenas of 64 MiB, one after another, do not exhaust the machine (%s)', async (engine) => {
  for (let k = 0; k < 200; k++) {
    const arena = new Arena({ engine });
    const block = arena.f64Block(2 ** 23);
    block.view[2 ** 23 - 1] = k;
    expect(block.view[2 ** 23 - 1]).toBe(k);
    block.free();
    if (k % 20 === 19) await new Promise((resolve) => setTimeout(resolve)); // dropped memories go between tasks
  }
});
