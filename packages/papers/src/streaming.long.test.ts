import { expect, test } from 'vitest';
import { resolveContext } from './experiment.ts';
import { experimentsOf, records, stateOf } from './index.ts';

/** Maximum number of events, most of them progress, before the first that a chart or a picture shows. */
const FIRST = 8;

/** The experiment that a paper's page offers first. */
const running = records.filter((record) => stateOf(record) === 'runs');

test.each(running.map((record) => [record.slug, record] as const))(
  '%s: the run of its picture shows something before its first arm has ended',
  async (_, record) => {
    const experiments = await experimentsOf(record.number);
    const experiment = experiments.find((e) => e.id === record.picture?.experiment) ?? experiments[0];
    const before: string[] = [];
    for await (const event of experiment.run(resolveContext(experiment, { size: 'quick', seed: 1 }))) {
      if (event.kind === 'picture' || (event.kind === 'points' && event.x.length > 0)) break;
      before.push(event.kind);
    }
    expect(before.length).toBeLessThan(FIRST);
  },
  120_000,
);
