/** The numbers that the README gives are those of the released results. */
import { readFileSync } from 'node:fs';
import { paperStanding, records, releasedOf, releasedRuns, stateOf } from '@southwell/papers';
import { expect, test } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');

test('papers that run, claims, and those that hold', async () => {
  const running = records.filter((record) => stateOf(record) === 'runs');
  const tallies = await Promise.all(
    running.map(async (record) => {
      const released = await releasedOf(record.number);
      return paperStanding(record, releasedRuns(released), released).tally;
    }),
  );
  const claims = tallies.reduce((sum, { of }) => sum + of, 0);
  const holding = tallies
    .flatMap(({ parts }) => parts)
    .reduce((sum, { outcome, claims: own }) => sum + (outcome === 'holds' ? own : 0), 0);
  expect(readme).toContain(
    `${running.length} of ${records.length} papers run here; of their ${claims} claims, ${holding} hold.`,
  );
});

test('the speed is that of the page of benchmarks', () => {
  const page = readFileSync(new URL('../docs/benchmarks.md', import.meta.url), 'utf8');
  const [, mean, tasks, worst] = /Geometric mean ([\d.]+) \(CPU\).*? over (\d+) tasks; no ratio above ([\d.]+)\./.exec(
    page,
  )!;
  expect(readme).toContain(`On ${tasks} tasks`);
  expect(readme).toContain(`is ${mean} times that of the fastest`);
  expect(readme).toContain(`on the worst task it is ${worst} times`);
});
