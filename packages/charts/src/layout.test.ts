import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chartSvg } from './draw.ts';
import { spread } from './labels.ts';
import { layoutOf } from './layout.ts';
import type { ChartSpec, Series } from './spec.ts';
import { fitted, textWidth, tickText, wrapped } from './text.ts';

const spec = (series: readonly Series[], more: Partial<ChartSpec> = {}): ChartSpec => ({
  ...{ title: 'A chart', x: { label: 'steps' }, y: { label: 'error' }, series },
  ...more,
});
const curve = (name: string, y: ReadonlyArray<number | null>, x = y.map((_, k) => k)): Series => ({ name, x, y });

const word = fc.string({ minLength: 1, maxLength: 40 });
const value = fc.oneof(
  fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
  fc.constantFrom(0, 1, NaN, Infinity, -Infinity, 1e300, -1e300, 1e-300, 5e-324),
);
const seriesOf = fc.record({
  name: word,
  x: fc.array(value, { maxLength: 12 }),
  y: fc.array(value, { minLength: 12, maxLength: 12 }),
});
const anyChart = fc.record({
  series: fc.array(seriesOf, { maxLength: 40 }),
  width: fc.integer({ min: 120, max: 1400 }),
  logX: fc.boolean(),
  logY: fc.boolean(),
  small: fc.boolean(),
  labels: fc.tuple(word, word),
});

describe('a layout, whatever is drawn', () => {
  test('has labels that are neither cut nor over another, and ticks that are round, inside and apart', () => {
    fc.assert(
      fc.property(anyChart, ({ series, width, logX, logY, small, labels: [xLabel, yLabel] }) => {
        const drawn = spec(series, { x: { label: xLabel, log: logX }, y: { label: yLabel, log: logY } });
        const layout = layoutOf(drawn, { width, small });
        const { box, size, labels = [], x, y } = layout;
        const sorted = labels.toSorted((a, b) => a.at - b.at);
        sorted.forEach((label, k) => {
          expect(label.at - label.height / 2).toBeGreaterThanOrEqual(box.top - 6);
          expect(label.at + label.height / 2).toBeLessThanOrEqual(box.bottom + 6);
          if (k > 0)
            expect(label.at - sorted[k - 1].at).toBeGreaterThan((label.height + sorted[k - 1].height) / 2 - 0.01);
          for (const line of label.lines) expect(box.right + 9 + textWidth(line, size)).toBeLessThanOrEqual(width);
        });
        for (const scale of [x, y]) {
          const values = scale.ticks.map((t) => t.value);
          for (const v of values) {
            expect(v).toBeGreaterThanOrEqual(scale.low - Math.abs(scale.low) * 1e-9);
            expect(v).toBeLessThanOrEqual(scale.high + Math.abs(scale.high) * 1e-9);
          }
          expect(new Set(scale.ticks.map((t) => t.text)).size).toBe(values.length);
        }
        const places = x.ticks
          .map(({ value: v, text }) => [x.at(v), textWidth(text, size)] as const)
          .sort((a, b) => a[0] - b[0]);
        places.forEach(([at, wide], k) => {
          if (k > 0) expect(at - wide / 2).toBeGreaterThan(places[k - 1][0] + places[k - 1][1] / 2);
        });
        expect(chartSvg(drawn, { width, small, whole: true })).not.toMatch(
          /"[^"]*(NaN|Infinity|undefined)[^"]*"(?=[^<]*>)[^<]*d="/,
        );
      }),
    );
  });

  test('blocks are moved apart within their bounds, in their order', () => {
    const blocks = fc.array(
      fc.record({ y: fc.double({ noNaN: true, min: -50, max: 350 }), height: fc.integer({ min: 1, max: 30 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(blocks, (list) => {
        const places = spread(list, 0, 300);
        const total = list.reduce((sum, b) => sum + b.height, 0);
        expect(places === undefined).toBe(total > 300);
        if (!places) return;
        const order = list.map((_, k) => k).sort((a, b) => places[a] - places[b]);
        order.forEach((k, n) => {
          const { height } = list[k];
          expect(places[k] - height / 2).toBeGreaterThan(-1e-6);
          expect(places[k] + height / 2).toBeLessThan(300 + 1e-6);
          if (n === 0) return;
          const before = order[n - 1];
          expect(places[k] - places[before]).toBeGreaterThan((height + list[before].height) / 2 - 1e-6);
          expect(list[before].y).toBeLessThanOrEqual(list[k].y);
        });
      }),
    );
    // Where all have room, none is moved.
    expect(
      spread(
        [
          { y: 20, height: 10 },
          { y: 40, height: 10 },
        ],
        0,
        100,
      ),
    ).toEqual([20, 40]);
  });
});

test.each<[string, readonly Series[]]>([
  ['no curve', []],
  ['no point', [curve('a', [])]],
  ['one point', [curve('a', [3])]],
  ['a constant', [curve('a', [3, 3, 3])]],
  ['zeros', [curve('a', [0, 0])]],
  ['nothing finite', [curve('a', [NaN, Infinity, null])]],
  ['gaps', [curve('a', [1, NaN, 3, null, 5])]],
  ['the largest and the smallest numbers', [curve('a', [1e300, -1e300, 1e308, -1e308]), curve('b', [1e-300, 5e-324])]],
  ['forty curves', Array.from({ length: 40 }, (_, k) => curve(`curve ${k}`, [k, 2 * k]))],
  ['very long names', [curve('x'.repeat(500), [1, 2]), curve('several words '.repeat(60), [1, 2])]],
  ['markup in names', [curve('<b>&"\'\u0000', [1, 2])]],
])('a drawing is sound with %s, on any axes', (_, series) => {
  for (const log of [false, true]) {
    for (const width of [120, 320, 1200]) {
      const drawn = spec(series, { y: { label: 'error', log }, x: { label: 'steps', log } });
      const svg = chartSvg(drawn, { width, whole: true });
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|<b>/);
      expect(svg).not.toContain('\u0000');
    }
  }
});

test('labels beside long ticks leave room for the curves', () => {
  const drawn = spec([curve('#+<<0', [0, -1.923076923076923e-73], [0])], { y: { label: '' }, x: { label: '' } });
  const { box, size, labels = [] } = layoutOf(drawn, { width: 120, small: true });
  expect(labels).toHaveLength(1);
  expect(box.right + 9 + textWidth(labels[0].lines[0], size)).toBeLessThanOrEqual(120);
  expect(box.right - box.left).toBeGreaterThanOrEqual(20);
});

describe('ranges and ticks', () => {
  const ranges = (y: readonly number[], log = false) => {
    const { low, high } = layoutOf(spec([curve('a', y)], { y: { label: '', log } }), { width: 600 }).y;
    return [low, high];
  };
  test('shares end at one, values of one sign at zero, others beyond the data', () => {
    expect(ranges([0.1, 0.5, 0.97])).toEqual([0, 1]);
    expect(ranges([0.93, 0.98])[1]).toBe(1);
    expect(ranges([0.1, 0.5])[0]).toBe(0);
    expect(ranges([-3, -0.2])[1]).toBe(0);
    const [low, high] = ranges([50, 60]);
    expect(low).toBeLessThan(50);
    expect(low).toBeGreaterThan(49);
    expect(high).toBeLessThan(61);
  });

  test('ticks of a logarithmic axis are powers of ten, or parts of them where these are few', () => {
    const texts = (low: number, high: number, width = 700) =>
      layoutOf(spec([curve('a', [1, 1], [low, high])], { x: { label: '', log: true } }), { width }).x.ticks.map(
        (t) => t.text,
      );
    expect(texts(1e-12, 1)).toEqual(expect.arrayContaining(['10⁻⁸', '1']));
    expect(texts(1, 1000)).toEqual(['1', '10', '100', '1000']);
    expect(texts(1, 30)).toEqual(expect.arrayContaining(['1', '2', '10', '20']));
    expect(texts(1e-26, 1e-24, 320).length).toBeGreaterThan(1);
  });

  test('ticks of whole numbers are whole numbers', () => {
    const { x, y } = layoutOf(spec([curve('a', [0.5, 0.75], [1, 2])]), { width: 600 });
    expect(x.ticks.map((t) => t.text)).toEqual(['1', '2']);
    expect(y.ticks.length).toBeGreaterThan(2);
  });

  test('numbers beside ticks', () => {
    expect([0, 0.25, 20_000, 1e6, 3e-7, -1500, 10].map((v) => tickText(v))).toEqual([
      '0',
      '0.25',
      '20\u2009000',
      '10⁶',
      '3·10⁻⁷',
      '−1500',
      '10',
    ]);
  });
});

test('texts are broken between words and shortened in the middle', () => {
  fc.assert(
    fc.property(word, fc.integer({ min: 12, max: 200 }), fc.integer({ min: 1, max: 3 }), (words, width, most) => {
      expect(textWidth(fitted(words, width, 12), 12)).toBeLessThanOrEqual(width);
      const lines = wrapped(words, width, 12, most);
      expect(lines.length).toBeLessThanOrEqual(most);
      for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(width);
    }),
  );
  expect(wrapped('least squares (DAGMA)', 90, 10, 3)).toEqual(['least squares', '(DAGMA)']);
  expect(wrapped('sparse updates, 90 %', 80, 10, 3)).toEqual(['sparse', 'updates, 90 %']);
  expect(fitted('sparse weights, 90 %', 90, 12)).toMatch(/^sparse.*…, 90 %$/);
});

test('the same names keep their colours whatever is shown', () => {
  const live = { ...curve('b', [1, 2]), colour: 1 };
  const ghost = { ...curve('b', [2, 3]), colour: 1, style: 'ghost' as const };
  const { curves } = layoutOf(spec([ghost, live]), { width: 600 });
  expect(curves.map((c) => c.colour)).toEqual(['--c1', '--c1']);
  // An earlier course has the label until there is a new one.
  for (const shown of [[ghost, live], [ghost], [ghost, { ...live, x: [], y: [] }]]) {
    expect(layoutOf(spec(shown), { width: 600 }).labels?.map((l) => l.name)).toEqual(['b']);
  }
});
