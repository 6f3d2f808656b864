import { readFileSync } from 'node:fs';
import { records, stateOf } from '@southwell/papers';
import { describe, expect, test } from 'vitest';
import { canOpen, workbench } from './workbench.ts';

describe.skipIf(!canOpen)('the workbench in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { asInNode, choose, open, titles, url } = workbench();

  test('the feed: all papers, newest first; search forgives mistakes; filters; the keyboard', async () => {
    const { page, noise } = await open('/');
    expect(await titles(page)).toHaveLength(55);
    for (const [group, state] of [
      ['.running', 'runs'],
      ['.planned', 'not-yet'],
    ] as const) {
      const times = page.locator(`.feed ${group} time`);
      const dates = await times.evaluateAll((all) => all.map((t) => t.getAttribute('datetime')));
      expect(dates).toHaveLength(records.filter((r) => stateOf(r) === state).length);
      expect(dates).toEqual([...dates].sort().reverse());
    }
    // Short enough to be looked through, and no summary is more than three lines.
    const runs = records.filter((r) => stateOf(r) === 'runs').length;
    const most = 260 * runs + 75 * (55 - runs);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(most);
    const lines = await page
      .locator('.summary')
      .evaluateAll((all) => all.map((p) => p.clientHeight / Number.parseFloat(getComputedStyle(p).lineHeight)));
    for (const n of lines) expect(Math.round(n)).toBeLessThanOrEqual(3);
    for (const [typed, found] of [
      ['cordinate decsent', /Block Coordinate Descent/],
      ['colide', /CoLiDE/],
      ['matrx completion', /Completion/i],
      ['17', /CoLiDE/],
      ['1712.08859', /^Let's Make Block Coordinate Descent/],
      ['nutini 2017', /^Let's Make Block Coordinate Descent/],
    ] as const) {
      await page.fill('input[type=search]', typed);
      // The search is loaded with the first word.
      await expect.poll(async () => (await titles(page)).slice(0, 5).join('\n'), { message: typed }).toMatch(found);
    }
    await page.fill('input[type=search]', 'qqqq');
    await page.waitForSelector('text=Nothing matches');
    await page.fill('input[type=search]', '');
    await page.selectOption('main select >> nth=0', 'structure-learning');
    expect((await titles(page)).length).toBeLessThan(10);
    expect(new URL(page.url()).search).toBe('?family=structure-learning');
    await page.selectOption('main select >> nth=0', '');
    await choose(page, 'Since', '2025');
    const late = records.filter((r) => r.date >= '2025').map((r) => r.title.trim());
    expect((await titles(page)).map((t) => late.filter((title) => t.includes(title)).length)).toEqual(
      late.map(() => 1),
    );
    await choose(page, 'Since', '');

    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/papers\//);
    await page.goBack();
    expect(await titles(page)).toHaveLength(55);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('subscribing: a form where the server takes it, its answer in words; else the command', async () => {
    const { page, noise } = await open('/subscribe');
    expect(await page.locator('.command').textContent()).toContain('southwell digest --to');
    expect(await page.locator('a[href$=".atom"]').count()).toBe(2);
    const asked: string[] = [];
    await page.route('**/api/subscribe', (route) => {
      if (route.request().method() === 'GET') return route.fulfill({ json: { open: true } });
      asked.push(route.request().postData() ?? '');
      return route.fulfill({ json: { message: 'A mail is on its way to you.' } });
    });
    await page.reload();
    await page.fill('input[type=email]', 'you@example.org');
    await page.click('summary:has-text("All families")');
    await page.check('input[value=bilevel]');
    await page.click('button:has-text("Subscribe")');
    await page.waitForSelector('text=A mail is on its way to you.');
    expect(asked.map((body) => JSON.parse(body))).toEqual([{ email: 'you@example.org', families: ['bilevel'] }]);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a paper runs to its verdict, with the numbers of Node to the last bit', async () => {
    const { page, noise } = await open('/papers/01-bcd-faster');
    await asInNode(page, 1, 'figure-4', 3);
    // One chart first, the others folded.
    await expect.poll(() => page.locator('section .plot > svg:visible').count()).toBe(1);
    // By keyboard: nearer, and back to the whole.
    const seen = () =>
      page
        .locator('section .plot')
        .first()
        .evaluate((plot) => plot.innerHTML);
    const drawn = await seen();
    for (const [name, same] of [
      ['Zoom in', false],
      ['Later part', false],
      ['Zoom out', true],
    ] as const) {
      await page.locator(`section button[aria-label="${name}"]`).first().press('Enter');
      await expect.poll(async () => (await seen()) === drawn).toBe(same);
    }
    // By keyboard: the values at the first and at the last point.
    const plot = page.locator('section .plot').first();
    const said = page.locator('section figure p[aria-live]').first();
    for (const key of ['Home', 'End']) {
      await plot.press(key);
      await expect.poll(() => said.textContent()).toMatch(/^\S.* [\d.\u2009]+: \S/);
      expect(await page.locator('section .legend .value').count()).toBeGreaterThan(0);
    }
    // By pointer, until it leaves.
    const { x, y, width, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + width / 3, y + height / 2);
    await page.waitForSelector('section .plot .reading circle');
    await page.mouse.move(x + width / 3, y - 40);
    await expect.poll(() => page.locator('section .plot .reading').count()).toBe(0);
    await page.click('summary:has-text("more charts")');
    await page.waitForSelector('section .plot > svg:visible >> nth=1');
    expect(await page.locator('.command code').textContent()).toBe(
      'npx southwell papers run 01 --experiment figure-4 --seed 3',
    );
    const [svg] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('figure >> nth=0 >> button:has-text("SVG")').click(),
    ]);
    expect(readFileSync((await svg.path())!, 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('while a paper runs, the released chart shows through, its names stay, and a bar says how long it takes', async () => {
    const { page, noise } = await open('/papers/51-locality-weight-sharing');
    const names = () => page.locator('figure >> nth=0 >> .legend .key').allTextContents();
    await expect.poll(async () => (await names()).map((name) => name.trim())).toEqual(['CNN', 'LCN', 'FCN']);
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[role=progressbar], progress');
    await page.waitForSelector('section .plot > svg');
    await expect.poll(() => page.textContent('.status')).toMatch(/about \d+ (s|min) left/);
    expect((await names()).map((name) => name.trim())).toEqual(['CNN', 'LCN', 'FCN']);
    const share = () => page.locator('progress').evaluate((bar) => (bar as HTMLProgressElement).value);
    const before = await share();
    await expect.poll(share).toBeGreaterThan(before);
    // What there is after a moment stays when the run is stopped.
    await page.waitForSelector('.status .latest');
    await page.click('button:has-text("Stop")');
    await page.waitForSelector('.badge:text-is("stopped")');
    expect(await page.locator('section .plot > svg:visible').count()).toBeGreaterThan(0);
    await page.goto(url('/results'));
    await page.click('td a:has-text("51 growth")');
    await page.waitForSelector('h1:has-text("How samples grow")');
    expect(await page.textContent('main')).toMatch(/stopped before its end/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('claims are rows: what was measured, on which seeds, and what would make them fail; tabs by the arrow keys', async () => {
    const { page, noise } = await open('/papers/17-colide');
    await page.waitForSelector('.claims [data-claim]');
    const row = page.locator('#claim-one-weight');
    await expect.poll(() => row.textContent()).toMatch(/10 of 10 hold.*exceeds 0\.8 × that of least squares/s);
    expect(await row.locator('svg circle').count()).toBeGreaterThan(0);
    await page.click('summary:has-text("With nothing learned")');
    expect(await page.textContent('[aria-label=Nulls]')).toMatch(/with least squares in its place/);
    await page.click('summary:has-text("4 not checked")');
    await page.focus('[role=tab][aria-selected=true]');
    await page.keyboard.press('ArrowLeft');
    expect(await page.textContent('[role=tab][aria-selected=true]')).toBe('In your code');
    expect(await page.locator('[role=tabpanel]:visible').textContent()).toMatch(/import/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a paper that does not run yet says so, and an unknown one', async () => {
    const { page, noise } = await open('/papers/55-neural-contextual-bandits');
    expect(await page.textContent('main')).toMatch(/does not run yet/);
    expect(await page.locator('button:has-text("Run")').count()).toBe(0);
    await page.goto(url('/papers/nothing'));
    await page.waitForSelector('text=There is no paper');
    expect(noise).toEqual([]);
    await page.context().close();
  });
});
