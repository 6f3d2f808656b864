/** Searches over a module, killed and resumed. */
import { existsSync, readFileSync } from 'node:fs';
import { decodeCheckpoint } from '@southwell/numerics/core';
import type { SearchState } from 'southwell/black-box';
import { expect } from 'vitest';
import type { workshop } from '../testing.ts';

/**
 * Checks that a search that was killed and resumed is bit-identical to an uninterrupted one, and evaluates no point
 * twice.
 */
export async function goesOnAfterKill(
  { at, file, killed, southwell }: ReturnType<typeof workshop>,
  method: string,
  more: readonly string[],
): Promise<void> {
  const log = `${method}.txt`;
  file(
    `${method}.mjs`,
    `import { appendFileSync } from 'node:fs';
export default async ([x, y]) => {
  appendFileSync('${log}', '.');
  await new Promise((done) => setTimeout(done, 8));
  return (x - 1) ** 2 + (y + 2) ** 4;
};
`,
  );
  const args = ['minimize', '--module', `${method}.mjs`, '--method', method, '--budget', '350', '--lower', '-5,-5'];
  const run = [...args, '--upper', '5,5', '--target', '-1', '--json', ...more];
  const asked = () => readFileSync(at(log), 'utf8').length;
  const whole = JSON.parse(southwell(...run).out);
  const all = asked();
  const kept = ['--checkpoint', `${method}.ck`];
  const values = () =>
    existsSync(at(`${method}.ck`))
      ? decodeCheckpoint<SearchState>(readFileSync(at(`${method}.ck`), 'utf8')).state.values.length
      : 0;
  // Written at the start, when there are no values yet, and every two seconds.
  expect(await killed([...run, ...kept], () => values() > 0)).toBe(true);
  const before = asked();
  const resumed = southwell(...run, ...kept, '--resume');
  const rest = JSON.parse(resumed.out);
  expect([rest.x, rest.value, rest.evaluations, rest.status]).toEqual([
    whole.x,
    whole.value,
    whole.evaluations,
    whole.status,
  ]);
  expect(resumed.code).toBe(3);
  expect(asked() - before).toBeLessThan(all);
}
