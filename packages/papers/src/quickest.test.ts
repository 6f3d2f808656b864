import { expect, test } from 'vitest';
import { records, stateOf } from './index.ts';
import { expectVerdicts, quickestExperiments } from './testing.ts';

/** One paper of each family; the others are in quickest.long.test.ts. */
const { families, others } = await quickestExperiments();

test.each(families.map((one) => [one.record.slug, one.experiment.id, one] as const))(
  '%s: %s decides its claims as released',
  (_, __, one) => expectVerdicts(one),
);

test('every paper that runs is in one suite', () => {
  const running = records.filter((r) => stateOf(r) === 'runs');
  const slugs = [...families, ...others].map(({ record }) => record.slug);
  expect(slugs.sort()).toEqual(running.map((r) => r.slug).sort());
  expect(families.map(({ record }) => record.family).sort()).toEqual([...new Set(running.map((r) => r.family))].sort());
});
