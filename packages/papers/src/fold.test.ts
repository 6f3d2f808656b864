import { expect, test } from 'vitest';
import type { ExperimentEvent } from './experiment.ts';
import { emptyRun, fold, keptCurves, type RunState } from './fold.ts';
import { experimentsOf } from './index.ts';

const folded = (events: readonly ExperimentEvent[], state = emptyRun): RunState => events.reduce(fold, state);
const points = (x: readonly number[], more: object = {}): ExperimentEvent => ({
  kind: 'points',
  panel: 'p',
  series: 's',
  x,
  y: x.map((v) => v * v),
  ...more,
});

/** What the events hold, each kind gathered by itself. */
function gathered(events: readonly ExperimentEvent[]) {
  const curves = new Map<
    string,
    { panel: string; series: string; x: number[]; y: number[]; work: Record<string, number[]> }
  >();
  for (const e of events) {
    if (e.kind !== 'points') continue;
    const key = JSON.stringify([e.panel, e.series]);
    const curve = curves.get(key) ?? { panel: e.panel, series: e.series, x: [], y: [], work: {} };
    curves.set(key, curve);
    curve.x.push(...e.x);
    curve.y.push(...e.y);
    for (const [name, values] of Object.entries(e.work ?? {})) (curve.work[name] ??= []).push(...values);
  }
  return {
    verdicts: events.flatMap((e) => (e.kind === 'verdict' ? e.verdict : [])),
    tables: events.filter((e) => e.kind === 'table'),
    curves: [...curves.values()],
  };
}

test('a real run has events of every kind, and folded they are all there', async () => {
  const experiment = (await experimentsOf(16)).find((e) => e.id === 'linear-errors')!;
  const events: ExperimentEvent[] = [];
  for await (const event of experiment.run({ size: 'quick', seed: 1 })) events.push(event);
  const kinds = [...new Set(events.map((e) => e.kind))];
  expect(kinds.sort()).toEqual(['picture', 'points', 'progress', 'table', 'verdict']);
  const state = folded(events);
  const { verdicts, tables, curves } = gathered(events);
  expect(verdicts).toHaveLength(1);
  expect(curves.length).toBeGreaterThan(1);
  expect(state.verdicts).toEqual(verdicts);
  expect(state.tables).toEqual(tables);
  expect(keptCurves(state)).toEqual(curves);
  const titles = events.flatMap((e) => (e.kind === 'picture' ? e.title : []));
  expect(state.pictures.map((p) => p.title)).toEqual([...new Set(titles)]);
  const last = events.findLast((e) => e.kind === 'progress')!;
  expect(state).toMatchObject({ label: last.label, fraction: last.fraction });
});

test('a fold leaves the state before as it was', () => {
  const first = folded([points([0, 1])]);
  const copy = structuredClone(first);
  folded(
    [points([2]), { kind: 'progress', label: 'l', fraction: 1 }, { kind: 'table', title: '', columns: [], rows: [] }],
    first,
  );
  expect(first).toEqual(copy);
  expect(emptyRun.curves).toEqual([]);
});

test('a picture of the same title takes the place of the last', () => {
  const picture = (title: string, v: number): ExperimentEvent => ({
    kind: 'picture',
    title,
    picture: { type: 'image', width: 1, height: 1, values: [v] },
  });
  const { pictures } = folded([picture('a', 1), picture('b', 2), picture('a', 3)]);
  expect(pictures).toEqual([picture('a', 3), picture('b', 2)]);
});

test('curves hold a bounded number of points, evenly spread, ends among them, and work as long as x', () => {
  const n = 100_001;
  let state = emptyRun;
  let most = 0;
  for (let from = 0; from < n; from += 777) {
    const x = Array.from({ length: Math.min(777, n - from) }, (_, k) => from + k);
    state = fold(state, points(x, { work: { seconds: x.map((v) => v / 2) } }));
    const [curve] = state.curves;
    most = Math.max(most, curve.x.length);
    expect(curve.x[curve.x.length - 1]).toBe(x[x.length - 1]);
  }
  expect(most).toBeLessThanOrEqual(16_384);
  const [curve] = keptCurves(state);
  expect(curve.x).toHaveLength(2000);
  expect([curve.x[0], curve.x[1999]]).toEqual([0, n - 1]);
  curve.x.forEach((x, k) => {
    expect(curve.y[k]).toBe(x * x);
    expect(curve.work.seconds[k]).toBe(x / 2);
    // 50 on average; what grows keeps every eighth.
    if (k > 0) expect(Math.abs(x - curve.x[k - 1] - 50)).toBeLessThanOrEqual(10);
  });
});

test('a point at a time gives the same as all at once', () => {
  const x = Array.from({ length: 20_000 }, (_, k) => k);
  const slowly = folded(x.map((v) => points([v])));
  expect(slowly.curves).toEqual(folded([points(x)]).curves);
});

test('work that an event does not tell is not a number', () => {
  const { curves } = folded([points([0]), points([1], { work: { bytes: [5] } }), points([2])]);
  expect(curves[0].work).toEqual({ bytes: [Number.NaN, 5, Number.NaN] });
});

test('a curve that begins anew has the new points alone', () => {
  const state = folded([points([1, 2]), points([5], { restart: true }), points([6])]);
  expect(state.curves.map((c) => c.x)).toEqual([[5, 6]]);
});
