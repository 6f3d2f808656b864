/** Every chart and picture that ships, at the widths of phones, pages and wide screens, and in the feed. */
import { chartSvg, declarations, LIGHT, pictureSvg } from '@southwell/charts';
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
});
