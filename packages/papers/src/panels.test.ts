import { describe, expect, test } from 'vitest';
import { chartOf, experimentsOf, records, releasedOf, stateOf } from './index.ts';
import { axisText, declares, type Panel, panelOf, shownOf, shownPanels } from './panels.ts';

const axes = { x: { label: 'step' }, y: { label: 'error', unit: 'm', log: true } } as const;
const panel: Panel = {
  ...axes,
  title: 'A, τ = {τ}',
  series: ['new', { id: 'old, own code', name: 'old' }, 'start {number}'],
  control: 'old, own code',
};
const experiment = { panels: [{ ...axes, title: 'first', series: ['a'] }, panel] };

test('a family is named by what its members have in common', () => {
  expect(panelOf(experiment, 'A, τ = 5')).toBe(panel);
  expect(panelOf(experiment, 'first')).toBe(experiment.panels[0]);
  for (const title of ['A, τ', 'B, τ = 5', 'the first', 'first, again'])
    expect(panelOf(experiment, title)).toBeUndefined();
  expect(panelOf({ panels: [{ ...panel, title: '{a} and {b}, both' }] }, 'x and y, both')).toBeDefined();
  expect(panelOf({ panels: [{ ...panel, title: 'ab{x}ba' }] }, 'aba')).toBeUndefined();
  const families = [
    { ...panel, title: '{data}' },
    { ...panel, title: '{data}, by draw' },
  ];
  expect(panelOf({ panels: families }, 'Digits, by draw')).toBe(families[1]);
  expect(declares(panel, 'start 12')).toBe(true);
  expect(declares(panel, 'old')).toBe(false);
});

test('a declared curve keeps its colour whatever else has arrived; the others follow as they come', () => {
  const shown = (...names: string[]) => [...shownOf(panel, names)].map(([id, how]) => [id, how.name, how.colour]);
  expect(shown('start 7', 'old, own code')).toEqual([
    ['old, own code', 'old', 1],
    ['start 7', 'start 7', 2],
  ]);
  expect(shown('start 7', 'unknown', 'new').map(([, , colour]) => colour)).toEqual([0, 2, 3]);
  expect(shownOf(panel, ['old, own code']).get('old, own code')?.control).toBe(true);
});

test('panels come in the order of their declarations, and what is not declared comes last', () => {
  const of = (title: string, series: string) => ({ panel: title, series, x: [1], y: [2] });
  const curves = [
    of('before', 'z'),
    of('A, τ = 9', 'start 1'),
    of('A, τ = 5', 'new'),
    of('A, τ = 9', 'new'),
    of('first', 'a'),
  ];
  const shown = shownPanels(experiment, curves);
  expect(shown.map((p) => p.title)).toEqual(['first', 'A, τ = 9', 'A, τ = 5', 'before']);
  expect(shown[1].curves.map((c) => [c.name, c.x])).toEqual([
    ['new', [1]],
    ['start 1', [1]],
  ]);
  expect(axisText(shown[1].y)).toBe('error (m)');
  expect(shownPanels(undefined, curves)[0]).toMatchObject({ title: 'before', x: { label: 'x' } });
});

describe.each(records.filter((r) => stateOf(r) === 'runs').map((r) => [r.slug, r] as const))('%s', (_, record) => {
  test('no two panels or series of an experiment have one name, and controls are among the series', async () => {
    for (const { panels } of await experimentsOf(record.number)) {
      expect(panels.length).toBeGreaterThan(0);
      expect(new Set(panels.map((p) => p.title)).size).toBe(panels.length);
      for (const { series, control, x, y } of panels) {
        const ids = series.map((one) => (typeof one === 'string' ? one : one.id));
        const names = series.map((one) => (typeof one === 'string' ? one : one.name));
        expect(ids.every((id) => typeof id === 'string' && id !== '')).toBe(true);
        for (const list of [ids, names]) expect(new Set(list).size).toBe(list.length);
        if (control !== undefined) expect(ids.some((id) => declares({ ...panel, series: [id] }, control))).toBe(true);
        for (const { label } of [x, y]) expect(label).toMatch(/\S/);
      }
    }
  });

  test('its released picture has axes, names and colours of its panel, all by their own names, the control among them', async () => {
    const picture = (await releasedOf(record.number))?.picture;
    expect(picture?.says).toBe(record.picture?.says);
    if (picture?.kind !== 'chart') return;
    const own = (await experimentsOf(record.number)).find((e) => e.id === record.picture?.experiment)!;
    expect(picture).toEqual(chartOf(record, own, picture.curves));
    const declared = panelOf(own, record.picture!.title)!;
    const ids = declared.series.map((one) => (typeof one === 'string' ? one : one.id));
    const drawn = picture.curves.map((c) => c.series);
    expect(ids).toEqual(expect.arrayContaining(drawn));
    if (record.picture?.series) expect([...drawn].sort()).toEqual([...record.picture.series].sort());
    if (declared.control !== undefined) expect(drawn).toContain(declared.control);
  });
});
