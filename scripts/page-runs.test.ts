// What the page derives of runs without a browser: lines of measured values, comparisons, the matrix of claims.
import { barOf, type Measurement, paperStanding, records, releasedOf, releasedRuns, stateOf } from '@southwell/papers';
import { expect, test } from 'vitest';
import { differences, measuredPairs } from '../packages/workbench/app/lib/comparison.ts';
import { filtered, matches, matrixRow, totals } from '../packages/workbench/app/lib/matrix.ts';
import { measuredLine } from '../packages/workbench/app/lib/measuredLine.ts';

const measured = (value: number, bar: string, more: Partial<Measurement> = {}): Measurement => ({
  quantity: 'error',
  value,
  bar,
  ok: true,
  ...more,
});

test('a value is on the side of its bar on which it is', () => {
  for (const [value, bar] of [
    [0.2, '≤ 0.3'],
    [0.3, '≥ 0.2'],
    [-4, '< −1.5'],
    [1e-9, '≤ 0.01'],
    [5, '≤ 5'],
  ] as const) {
    const line = measuredLine(measured(value, bar))!;
    const { limit } = barOf({ bar })!;
    expect(Math.sign(line.value - line.bar)).toBe(Math.sign(value - limit));
    for (const at of [line.value, line.bar]) expect(at).toBeGreaterThan(0);
    for (const at of [line.value, line.bar]) expect(at).toBeLessThan(1);
  }
  expect(measuredLine(measured(0.2, '≤ 0.3'))!.meets).toBe('left');
  expect(measuredLine(measured(0.2, '> 0.3'))!.meets).toBe('right');
});

test('intervals, also without an end; what is not a number has no line', () => {
  const spread = { draws: 4, undecided: true };
  const line = measuredLine(measured(2, '≤ 3', { spread: { ...spread, interval: [1, 4] } }))!;
  expect(line.interval![0]).toBeLessThan(line.value);
  expect(line.interval![1]).toBeGreaterThan(line.bar);
  const open = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
  expect(measuredLine(measured(2, '≤ 3', { spread: { ...spread, interval: open } }))!.interval).toEqual([0, 1]);
  expect(measuredLine(measured(Number.POSITIVE_INFINITY, '≤ 3'))).toBeUndefined();
  expect(measuredLine(measured(1, 'in words'))).toBeUndefined();
});

const run = (id: string, more: object = {}) =>
  ({
    ...{ id, date: '2026-11-30T10:00:00Z', paper: 1, slug: '01-bcd-faster', experiment: 'figure-5', size: 'quick' },
    ...{ seed: 1, set: {}, seconds: 2, status: 'complete', verdicts: [] },
    ...more,
  }) as unknown as Parameters<typeof differences>[0];

test('two runs side by side: what differs, and their measurements by claim and quantity', () => {
  expect(differences(run('a'), run('b'))).toEqual([]);
  expect(differences(run('a', { set: { steps: 30 } }), run('b', { seed: 2 }))).toEqual([
    ['seed', '1', '2'],
    ['steps', '30', '–'],
  ]);
  const verdict = (values: Record<string, number>) => ({
    verdicts: [
      {
        ...{ claim: 'c', outcome: 'holds', size: 'quick', seed: 1 },
        measured: Object.entries(values).map(([quantity, value]) => measured(value, '≤ 1', { quantity })),
      } as const,
    ],
  });
  expect(measuredPairs(verdict({ error: 0.5, rank: 2 }), verdict({ error: 0.7, size: 3 }))).toEqual([
    { claim: 'c', quantity: 'error', values: [0.5, 0.7], bars: ['≤ 1', '≤ 1'] },
    { claim: 'c', quantity: 'rank', values: [2, undefined], bars: ['≤ 1', undefined] },
    { claim: 'c', quantity: 'size', values: [undefined, 3], bars: [undefined, '≤ 1'] },
  ]);
});

test('the matrix: a cell for each claim of the paper, totals, filters, and what runs since the release have changed', async () => {
  for (const record of records.filter((r) => stateOf(r) === 'runs')) {
    const released = await releasedOf(record.number);
    const before = paperStanding(record, releasedRuns(released), released);
    const row = matrixRow(record, before, before, released?.ledger);
    const paper = row.cells.filter((c) => !c.ours);
    expect(row.cells.every((c) => c.was === undefined)).toBe(true);
    // The same numbers as in the feed.
    expect(paper.map((c) => c.outcome)).toEqual(before.tally.each);
    expect(totals([row]).filter(({ outcome }) => outcome !== 'no verdict')).toEqual(
      before.tally.parts.map(({ outcome, claims }) => ({ outcome, claims })),
    );
    expect(row.cells.length - paper.length).toBe(before.tally.ours.of);
    const none = paperStanding(record, [], released);
    const changed = matrixRow(record, none, before, released?.ledger);
    for (const [k, cell] of changed.cells.entries())
      expect(cell.was).toBe(cell.outcome === row.cells[k].outcome ? undefined : row.cells[k].outcome);
    expect(filtered([row, changed], {})).toEqual([row, changed]);
    expect(filtered([row, changed], { changed: true })).toEqual([changed]);
    expect(filtered([row, changed], { family: record.family })).toEqual([row, changed]);
    expect(filtered([row], { family: record.family === 'geometry' ? 'control' : 'geometry' })).toEqual([]);
    expect(row.cells.filter((c) => matches(c, { outcome: 'holds' })).every((c) => c.outcome === 'holds')).toBe(true);
  }
});
