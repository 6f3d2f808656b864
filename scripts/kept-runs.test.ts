import { emptyRun, fold } from '@southwell/papers';
import { expect, test } from 'vitest';
import { revived } from '../packages/workbench/app/lib/kept.ts';

const verdict = { claim: 'c', outcome: 'holds', measured: [], size: 'quick', seed: 1 } as const;
const curve = { x: [0, 1], y: [2, 3], work: { seconds: [0, 0.5] } };

test('runs that a browser kept by panels come back as folded ones', () => {
  const earlier = {
    id: 'scale',
    panels: [
      { title: 'p', curves: [{ name: 's', ...curve }] },
      { title: 'q', curves: [{ name: 's', ...curve }] },
    ],
    tables: [],
    pictures: [],
    verdicts: [verdict],
    seconds: 2,
  };
  const { id, seconds, state } = revived(earlier);
  expect([id, seconds]).toEqual(['scale', 2]);
  const again = ['p', 'q']
    .map((panel) => ({ kind: 'points', panel, series: 's', ...curve }) as const)
    .reduce(fold, { ...emptyRun, verdicts: [verdict] });
  expect(state).toEqual(again);
  expect(revived({ id, state })).toEqual({ id, state });
});
