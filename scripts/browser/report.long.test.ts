import { describe, expect, test } from 'vitest';
import { canReport, fitReport, reportsOf } from './report.ts';

const charts: Record<string, readonly string[]> = {
  cv: ['paths', 'cv', 'convergence'],
  path: ['paths', 'convergence'],
  one: ['convergence'],
  constant: [],
  '01-bcd-faster': Array.from({ length: 7 }, (_, k) => `chart-${k}`),
  index: [],
};

describe.skipIf(!canReport)('the report in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { show, looksRight } = reportsOf([
    // Errors down to 1e-26.
    ['papers', 'run', '01', '--experiment', 'superlinear,active-set,figure-13'],
    ['papers', 'report', '--out', '.'],
    fitReport('cv', 'bundled:spambase', '--standardize', '--cv', '3', '--n-alphas', '30', '--rule', '1se'),
    fitReport('path', 'bundled:diabetes', '--path'),
    fitReport('one', 'bundled:diabetes', '--alpha', '1'),
    fitReport('constant', 'bundled:diabetes', '--alpha', '1e9'),
  ]);

  test.each(
    Object.keys(charts).flatMap((name) =>
      (['light', 'dark'] as const).flatMap((scheme) => [1100, 360].map((width) => [name, scheme, width] as const)),
    ),
  )('%s, %s, %i wide: drawn, within the page, silent', (name, scheme, width) =>
    looksRight(name, scheme, width, charts[name]),
  );

  test('pointing and arrow keys read a line and a score; leaving returns the hint', async () => {
    const { page, noise } = await show('cv', 'light', 1100);
    const over = async (id: string) => {
      await page.locator(`#${id}`).scrollIntoViewIfNeeded();
      return (await page.locator(`#${id}`).boundingBox())!;
    };
    const text = (id: string) => page.locator(`figure:has(#${id}) .read`).textContent();
    const paths = await over('paths');
    let read = '';
    for (let y = 4; y < paths.height && !/: \S+ \S+$/.test(read); y += 12) {
      await page.mouse.move(paths.x + 0.7 * paths.width, paths.y + y);
      read = (await text('paths'))!;
    }
    expect(read).toMatch(/^alpha, log scale \(weaker →\) [\d.·⁻⁰-⁹]+: \S+ −?[\d.·⁻⁰-⁹]+$/);
    const cv = await over('cv');
    await page.mouse.move(cv.x + cv.width / 2, cv.y + cv.height / 2);
    expect(await text('cv')).toMatch(/^alpha, .*: log-loss [\d.]+ \([\d.]+ to [\d.]+\)$/);
    // By keyboard, from the first point to the next.
    await page.mouse.move(5, 5);
    await page.locator('#cv').press('Home');
    const first = await text('cv');
    await page.locator('#cv').press('ArrowRight');
    expect(await text('cv')).toMatch(/^alpha, .*: log-loss [\d.]+/);
    expect(await text('cv')).not.toBe(first);
    await page.locator('#cv').press('Escape');
    expect(await text('cv')).toBe('Lower is better.');
    expect(noise).toEqual([]);
    await page.close();
  });

  test('pointing reads a curve of a paper', async () => {
    const { page, noise } = await show('01-bcd-faster', 'dark', 1100);
    await page.locator('#chart-0').scrollIntoViewIfNeeded();
    const plot = (await page.locator('#chart-0').boundingBox())!;
    let read = '';
    for (let y = 4; y < plot.height && !/^iterations \d+: /.test(read); y += 12) {
      await page.mouse.move(plot.x + 0.5 * plot.width, plot.y + y);
      read = (await page.locator('figure:has(#chart-0) .read').textContent())!;
    }
    expect(read).toMatch(/^iterations [\d.]+: \S.* [\d.\u2009]+/);
    expect(noise).toEqual([]);
    await page.close();
  });

  test('colours and width may change while it is open', async () => {
    const { page, noise } = await show('cv', 'light', 1100);
    const width = () => page.evaluate(`document.querySelector('#paths svg').clientWidth`);
    const shot = () => page.locator('#paths').screenshot();
    const [wide, light] = [await width(), await shot()];
    await page.emulateMedia({ colorScheme: 'dark' });
    expect((await shot()).equals(light)).toBe(false);
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(`document.querySelector('#paths svg').clientWidth < ${wide}`);
    expect(noise).toEqual([]);
    await page.close();
  });
});
