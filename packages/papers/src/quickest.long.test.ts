import { test } from 'vitest';
import { expectVerdicts, quickestExperiments } from './testing.ts';

/** The papers that quickest.test.ts leaves out. Whole papers: southwell papers run NN. */
const { others } = await quickestExperiments();

test.each(others.map((one) => [one.record.slug, one.experiment.id, one] as const))(
  '%s: %s decides its claims as released',
  (_, __, one) => expectVerdicts(one),
);
