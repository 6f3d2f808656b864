import { expect, test } from 'vitest';
import { records, stateOf } from './index.ts';
import { expectVerdicts, quickestExperiments } from './testing.ts';

/** A paper of most families and what is quick; the others are in quickest.long.test.ts. */
const { quick, long } = await quickestExperiments();

test.each(quick.map((one) => [one.record.slug, one.experiment.id, one] as const))(
  '%s: %s decides its claims as released',
  (_, __, one) => expectVerdicts(one),
  300_000,
);

test('every paper that runs is in one of the suites', () => {
  const running = records.filter((r) => stateOf(r) === 'runs');
  const slugs = [...quick, ...long].map(({ record }) => record.slug);
  expect(slugs.sort()).toEqual(running.map((r) => r.slug).sort());
});
