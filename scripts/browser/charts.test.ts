/** Every chart and picture that ships, at the widths of phones, pages and wide screens, and in the feed. */
import { chartSvg, DARK, declarations, LIGHT, pictureSvg } from '@southwell/charts';
import { type ReleasedPicture, records, releasedOf } from '@southwell/papers';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch, textFaults } from './chromium.ts';

function svgOf(picture: ReleasedPicture, width: number, small: boolean): string {
  if (picture.kind === 'picture') return pictureSvg(picture.picture, picture.says, { width, small });
  const { says: title, axes, curves: series } = picture;
  const [x, y] = [
    { label: axes.x, log: axes.logX },
    { label: axes.y, log: axes.logY },
  ];
  return chartSvg({ title, x, y, series }, { width, small });
}

describe.skipIf(!hasChromium)('shipped charts in Chromium (needs /usr/bin/chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test.each([
    [320, false],
    [720, false],
    [1200, false],
    [248, true],
  ])('%i px wide: no text is cut or over another', async (width, small) => {
    const drawn: string[] = [];
    for (const { number, slug } of records) {
      const picture = (await releasedOf(number))?.picture;
      if (picture) drawn.push(`<figure id="${slug}">${svgOf(picture, width, small)}</figure>`);
    }
    expect(drawn.length).toBeGreaterThan(20);
    const page = await browser.newPage({ viewport: { width: width + 40, height: 900 } });
    await page.setContent(`<style>:root { ${declarations(LIGHT)} } figure { margin: 8px }</style>${drawn.join('')}`);
    for (const id of await page.$$eval('figure', (figures) => figures.map((figure) => figure.id))) {
      expect(await textFaults(page, `[id="${id}"] > svg`), id).toEqual([]);
    }
    await page.close();
  });

  test('the colours of files are those of the page', async () => {
    const page = await browser.newPage();
    const { readFile } = await import('node:fs/promises');
    const css = await readFile(new URL('../../packages/workbench/app/styles.css', import.meta.url), 'utf8');
    for (const [theme, colours] of Object.entries({ light: LIGHT, dark: DARK })) {
      await page.setContent(`<html data-theme="${theme}"><style>${css}</style></html>`);
      const seen = await page.evaluate((names) => {
        const style = getComputedStyle(document.documentElement);
        return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
      }, Object.keys(colours));
      expect(seen).toEqual(colours);
    }
    await page.close();
  });
});
