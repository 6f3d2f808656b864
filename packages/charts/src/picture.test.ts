import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { chartSvg } from './draw.ts';
import { colourMap, pngUrl, pooled } from './field.ts';
import { figureHtml, figureScripts } from './figure.ts';
import { adaptiveFile, svgFile } from './file.ts';
import { blocksOf, cappedText, pictureSvg } from './picture.ts';

const image = (width: number, height: number, values = Array.from({ length: width * height }, (_, k) => k)) =>
  ({ type: 'image', width, height, values }) as const;
const sizeOf = (svg: string) => (/viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []).slice(1).map(Number);

describe('fields', () => {
  test('are pixels of a colour map that is bright where values are large', () => {
    const values = [0, 1, 2, NaN];
    const url = pngUrl({ width: 2, height: 2, values }, colourMap(values));
    const { data, width, height, channels } = decode(Buffer.from(url.split(',')[1], 'base64'));
    expect([width, height, channels]).toEqual([2, 2, 3]);
    const light = [0, 1, 2].map((k) => data[3 * k] + data[3 * k + 1] + data[3 * k + 2]);
    expect(light[0]).toBeLessThan(light[1]);
    expect(light[1]).toBeLessThan(light[2]);
    expect([...data.slice(9)]).toEqual([128, 128, 128]);
  });

  test('of both signs diverge about zero', () => {
    const map = colourMap([-1, 4]);
    expect([map.low, map.high, map.diverging]).toEqual([-4, 4, true]);
    expect(Math.min(...map.at(0))).toBeGreaterThan(230);
    const [red, , blue] = map.at(4);
    expect(red).toBeGreaterThan(blue);
    expect(colourMap([3, 3]).at(3)).toHaveLength(3);
    expect(colourMap([]).at(NaN)).toEqual([128, 128, 128]);
  });

  test('are capped where they are long, which is said', () => {
    const tall = image(16, 637);
    expect(blocksOf(tall)).toEqual([1, 2]);
    expect(cappedText(tall)).toBe('Each cell is the mean of 2 rows.');
    expect(cappedText(image(200, 40))).toBe('Cells are drawn higher than wide.');
    expect(cappedText(image(40, 40))).toBeUndefined();
    const [width, height] = sizeOf(pictureSvg(tall, 'tall', { width: 416 }));
    expect(width).toBe(416);
    expect(height).toBeLessThan(520);
    // Every cell, on request.
    expect(sizeOf(pictureSvg(tall, 'tall', { width: 416, long: true }))[1]).toBeGreaterThan(637);
    expect(pooled({ width: 2, height: 3, values: [1, 3, 3, 5, 7, 9] }, 2, 2).values).toEqual([3, 8]);
  });
});

test.each([
  ['an empty image', image(0, 0)],
  ['an image of one value', image(1, 1, [2])],
  [
    'axes',
    { ...image(3, 2), x: { label: 'column', at: ['a', 2, null] }, y: { label: 'row', from: 0, to: 1 }, value: 'J' },
  ],
  ['an axis of one value', { ...image(3, 2), x: { label: 'x', from: 1, to: 1 } }],
  ['no nodes', { type: 'graph', nodes: [], edges: [] }],
  [
    'a directed graph',
    {
      type: 'graph',
      nodes: [
        { x: 0, y: 0, label: 'cause <b>' },
        { x: 1, y: 1, label: 'effect' },
        { x: 1, y: 1 },
      ],
      edges: [
        { from: 0, to: 1, directed: true },
        { from: 1, to: 2, directed: true, group: 1 },
      ],
      groups: ['found', 'missing'],
    },
  ],
  ['no points', { type: 'scatter', xLabel: 'x', yLabel: 'y', points: [] }],
  [
    'points and lines',
    {
      type: 'scatter',
      xLabel: 'x',
      yLabel: 'y',
      points: [
        { x: 1, y: NaN },
        { x: 1, y: 1, group: 9, marked: true },
      ],
      lines: [{ x: [0, 1, NaN], y: [0, 1, 2], shade: 0.5 }],
      below: 'Lines.',
    },
  ],
] as const)('a picture is sound with %s', (_, picture) => {
  for (const options of [{ width: 300 }, { width: 248, small: true }, { width: 640, whole: true }]) {
    const svg = pictureSvg(picture, 'a <title>', options);
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<b>/);
  }
});

describe('files and pages', () => {
  const spec = {
    ...{ title: 'A </script> chart', x: { label: 'x' }, y: { label: 'y' } },
    series: ['a', 'b'].map((name) => ({ name, x: [0, 1], y: [0, Number.NaN] })),
  };
  test('a file has its colours on white, a title and a size', () => {
    const file = svgFile(chartSvg(spec, { width: 320, whole: true }));
    expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="344"[\s\S]*<\/svg>\n$/);
    expect(file).not.toContain('var(');
    expect(file).toContain('fill="#ffffff"');
    expect(file).toContain('A &lt;/script&gt; chart');
  });

  test('an image for pages has both schemes', () => {
    const file = adaptiveFile(chartSvg(spec, { width: 248, small: true }));
    expect(file).toContain('prefers-color-scheme: dark');
    expect(file).toContain('var(--c0)');
    expect(sizeOf(file)).toEqual([248, 144]);
  });

  test('a figure has a drawing without scripts, and nothing in it ends one', () => {
    expect(figureHtml('one', spec)).toMatch(/data-chart="one"><svg[\s\S]*<ul class="legend">/);
    const scripts = figureScripts({ one: spec }, 'run("</script>")');
    expect(scripts.match(/<\/script>/g)).toHaveLength(2);
    expect(scripts).not.toContain('NaN');
  });
});
