import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlaps, thinned } from './curves.ts';
import { layoutOf } from './layout.ts';
import { Reader, readingText } from './read.ts';
import type { ChartSpec, Series } from './spec.ts';

const chart = (series: readonly Series[]): ChartSpec => ({
  title: '',
  x: { label: 'steps' },
  y: { label: '' },
  series,
});

describe('many points', () => {
  test('keep the ends and extremes of each column, in order', () => {
    const y = fc.array(fc.double({ noNaN: true, min: 0, max: 100 }), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(y, (list) => {
        const points = list.map((v, k) => ({ x: k / 20, y: v }));
        const few = thinned(points);
        expect(few[0]).toBe(points[0]);
        expect(few.at(-1)).toBe(points.at(-1));
        expect(Math.max(...few.map((p) => p.y))).toBe(Math.max(...list));
        expect(Math.min(...few.map((p) => p.y))).toBe(Math.min(...list));
        expect(few.length).toBeLessThanOrEqual(4 * Math.ceil(list.length / 20));
        expect([...few].sort((a, b) => a.x - b.x)).toEqual(few);
      }),
    );
  });

  test('are joined in the order of x', () => {
    const { curves } = layoutOf(chart([{ name: 'a', x: [3, 1, 2], y: [1, 2, 3] }]), { width: 600 });
    const xs = curves[0].points.map((p) => p.x);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
  });
});

describe('curves that coincide', () => {
  const line = (n: number, y: (x: number) => number) => Array.from({ length: n }, (_, k) => ({ x: k, y: y(k) }));
  test('are counted, whatever their points', () => {
    const one = line(300, (x) => 100 + Math.sin(x / 20) * 50);
    const same = one.filter((_, k) => k % 3 === 0).map(({ x, y }) => ({ x, y: y + 0.4 }));
    const apart = one.map(({ x, y }) => ({ x, y: y + 4 }));
    const crossing = line(300, (x) => x);
    expect(overlaps([one, same, apart, crossing, one])).toEqual([0, 1, 0, 0, 2]);
    expect(overlaps([[], one.slice(0, 1), one])).toEqual([0, 0, 0]);
    // They share too little to be taken for each other.
    expect(overlaps([one, one.slice(0, 40)])).toEqual([0, 0]);
  });

  test('are dashed so that both are seen', () => {
    const x = Array.from({ length: 50 }, (_, k) => k);
    const series = ['a', 'b'].map((name) => ({ name, x, y: x }));
    const { curves } = layoutOf(chart(series), { width: 600 });
    expect(curves.map((c) => c.dash.length > 0)).toEqual([false, true]);
  });
});

describe('reading', () => {
  const series = [
    { name: 'a', x: [0, 10, 20], y: [1, 2, 3], low: [0, 1, 2], high: [2, 3, 4] },
    { name: 'b', x: [5, 15], y: [7, null] },
    { name: 'old', x: [0, 20], y: [9, 9], style: 'ghost' as const },
  ];
  const reader = new Reader(chart(series));
  const same = (x: number) => x;
  test('gives the last value of each curve that has not ended', () => {
    expect(reader.read(5)).toEqual({
      x: 5,
      values: [
        { place: 0, name: 'a', y: 1, low: 0, high: 2 },
        { place: 1, name: 'b', y: 7 },
      ],
    });
    expect(reader.read(12).values.map((v) => v.name)).toEqual(['a']);
    expect(reader.read(-1).values).toEqual([]);
  });

  test('moves from point to point', () => {
    expect(reader.nearest(6, same, 6)).toBe(5);
    expect([reader.next(0, 1, 1, same), reader.next(10, -1, 1, same), reader.next(20, 1, 1, same)]).toEqual([
      5,
      5,
      undefined,
    ]);
    expect(reader.ends()).toEqual([0, 20]);
    expect(new Reader(chart([])).ends()).toBeUndefined();
  });

  test('is said in words: all of a few curves, of many the one at which is pointed', () => {
    expect(readingText(reader.read(5), 'steps')).toBe('steps 5: a 1 (0 to 2), b 7');
    const values = Array.from({ length: 9 }, (_, k) => ({ place: k, name: `c${k}`, y: k }));
    expect(readingText({ x: 0.12345, values, nearest: 8 }, 't')).toBe('t 0.1235: c8 8');
    expect(readingText({ x: 1, values: [] }, 't')).toBe('t 1: no value');
  });
});
