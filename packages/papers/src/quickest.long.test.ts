import { test } from 'vitest';
import { expectVerdicts, quickestExperiments } from './testing.ts';

/** The papers that quickest.test.ts leaves out. All experiments of a paper: southwell papers run NN. */
const { long } = await quickestExperiments();

test.each(long.map((one) => [one.record.slug, one.experiment.id, one] as const))(
  '%s: %s decides its claims as released',
  (_, __, one) => expectVerdicts(one),
  300_000,
);
