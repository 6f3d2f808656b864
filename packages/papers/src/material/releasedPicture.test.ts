import { expect, test } from 'vitest';
import { type ExperimentEvent, emptyRun, fold } from '../index.ts';
import { parseReleased } from '../verdicts/released.ts';
import { pictureOf } from './releasedPicture.ts';

const panels = [
  {
    title: 'panel',
    x: { label: 'step' },
    y: { label: 'error', log: true as const },
    series: [{ id: 'a', name: 'long' }, 'b'],
  },
];
const told = (series?: readonly string[]) => ({
  picture: { experiment: 'e', title: 'panel', says: 'It falls.', ...(series && { series }) },
});
const points = (series: string, y: readonly number[]): ExperimentEvent => ({
  kind: 'points',
  panel: 'panel',
  series,
  x: y.map((_, k) => k),
  y,
});
const falling = Array.from({ length: 1000 }, (_, k) => 2 ** (-k / 50));
const state = [points('a', falling), points('b', [1, 0, Number.NaN, 0.25])].reduce(fold, emptyRun);

test('curves are thinned to forty points, the ends among them; what a log axis cannot draw is left out', () => {
  const picture = pictureOf(told(), { panels }, state);
  if (picture?.kind !== 'chart') throw new Error('It is a chart.');
  const [a, b] = picture.curves;
  expect(picture.says).toBe('It falls.');
  expect(a.x.length).toBeLessThanOrEqual(41);
  expect([a.x[0], a.x.at(-1)]).toEqual([0, 999]);
  expect([...a.x].sort((p, q) => p - q)).toEqual(a.x);
  for (const [i, k] of a.x.entries()) expect(a.y[i]).toBeCloseTo(falling[k], 3);
  expect(picture.axes).toEqual({ x: 'step', y: 'error', logX: false, logY: true });
  expect(a.name).toBe('long');
  expect(b).toEqual({ series: 'b', name: 'b', colour: 1, x: [0, 3], y: [1, 0.25] });
});

test('it has all curves that are named, or all of its panel', () => {
  expect(pictureOf(told(['b', 'a']), { panels }, state)).toMatchObject({
    curves: [{ name: 'long' }, { name: 'b' }],
  });
  expect(pictureOf(told(['a', 'c']), { panels }, state)).toBeUndefined();
  expect(pictureOf({}, { panels }, state)).toBeUndefined();
});

test('an image has means over blocks', () => {
  const values = Array.from({ length: 80 * 120 }, (_, i) => Math.floor(i / 80));
  const image: ExperimentEvent = {
    kind: 'picture',
    title: 'panel',
    picture: { type: 'image', width: 80, height: 120, values },
  };
  const found = pictureOf(told(), { panels }, fold(emptyRun, image));
  if (found?.kind !== 'picture' || found.picture.type !== 'image') throw new Error('It is an image.');
  const { width, height, values: small } = found.picture;
  expect([width, height, small.length]).toEqual([26, 40, 26 * 40]);
  expect([small[0], small.at(-1)]).toEqual([0, 255]);
});

test('what is read of a file has its sizes and seeds, and numbers that are not finite', () => {
  const text =
    '{"format":1,"version":"1","date":"2026-01-01","runs":[{"experiment":"e","size":"quick","seed":4,"verdicts":[{"claim":"c","outcome":"holds","measured":[{"quantity":"q","value":"Infinity","bar":"≥ 1","ok":true}]}]}]}';
  expect(parseReleased(text).runs[0].verdicts[0]).toMatchObject({
    size: 'quick',
    seed: 4,
    measured: [{ value: Number.POSITIVE_INFINITY }],
  });
});
