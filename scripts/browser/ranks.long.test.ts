/** The page of runs on ranks in Chromium: what is drawn is in the events, which can be one's own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventList, parseEventList, Scenes, threads } from '@southwell/distributed';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { canOpen, workbench } from './workbench.ts';

describe.skipIf(!canOpen)('the page of ranks in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { folder, open, choose, fill, accessible } = workbench();
  const timeOf = async (page: Page): Promise<number> => Number(await page.getAttribute('[data-time]', 'data-time'));
  /** The events that the page saves. */
  const saved = async (page: Page): Promise<EventList> => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("Save the events")')]);
    return parseEventList(readFileSync((await file.path())!, 'utf8'));
  };
  const seek = (page: Page, time: number) => page.getByRole('slider', { name: 'Time' }).fill(String(time));

  test('the example moves by itself, and what is drawn at any time is in its events', async () => {
    const { page, noise } = await open('/ranks');
    await page.waitForSelector('[data-message]', { timeout: 30_000 });
    await expect.poll(() => timeOf(page)).toBeGreaterThan(0);
    const list = await saved(page);
    const scenes = new Scenes(list);
    for (const part of [0.1, 0.33, 0.5, 0.77]) {
      await seek(page, part * list.seconds);
      const time = await timeOf(page);
      expect(Math.abs(time - part * list.seconds)).toBeLessThan(list.seconds / 500);
      const doing = await page
        .locator('[data-rank]')
        .evaluateAll((all) => all.map((g) => g.getAttribute('data-doing')));
      expect(doing).toEqual(scenes.at(time).ranks.map((rank) => rank.doing));
      const drawn = await page
        .locator('[data-message]')
        .evaluateAll((all) => all.map((dot) => Number(dot.getAttribute('data-message'))));
      expect(drawn).toEqual(scenes.flightsAt(time).map(({ index }) => index));
    }
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a run that was asked for plays by itself; hostile ranks are marked', async () => {
    const { page, noise } = await open('/ranks');
    await page.waitForSelector('[data-message]', { timeout: 30_000 });
    await choose(page, 'Aggregation', 'median');
    await choose(page, 'Attack', 'reverse');
    await fill(page, 'Hostile ranks', '2');
    await fill(page, 'Rounds', '61');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('.results[data-marks="62"]');
    const first = await timeOf(page);
    await expect.poll(() => timeOf(page)).toBeGreaterThan(first);
    await page.waitForSelector('strong:has-text("median, 2 hostile")');
    expect(await page.locator('.hostile-ring').count()).toBe(2);
    expect(await page.locator('.slow-ring').count()).toBe(1);
    // Both courses stay in the chart, and the form in the address.
    expect(await page.locator('.legend .key').count()).toBe(2);
    expect(page.url()).toContain('o.hostile=2');
    await fill(page, 'Hostile ranks', '4');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[role=alert]:has-text("4 of 8 ranks cannot be hostile")');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('by keyboard, and where motion is unwanted', async () => {
    const { page, noise } = await open('/ranks');
    await page.waitForSelector('[data-message]', { timeout: 30_000 });
    await page.focus('.play');
    await page.keyboard.press('Space');
    await page.waitForSelector('[data-playing=false]');
    const paused = await timeOf(page);
    await page.getByRole('slider', { name: 'Time' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => timeOf(page)).toBeGreaterThan(paused);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.click('button:has-text("Run")');
    await page.waitForFunction(() => document.querySelector<HTMLElement>('[data-time]')!.dataset.time === '0');
    expect(await page.getAttribute('.play', 'data-playing')).toBe('false');
    await page.click('button[aria-label="The next round"]');
    const { marks } = await saved(page);
    expect(await timeOf(page)).toBe(marks.find(([at]) => at > 0)![0]);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('an event list of one’s own, and files that are none', async () => {
    const { page, noise } = await open('/ranks');
    await page.waitForSelector('[data-message]', { timeout: 30_000 });
    const list = await saved(page);
    const path = join(folder, 'own.json');
    const ranks = list.ranks.map((rank, r) => ({ ...rank, hostile: r === 3, slowness: 1 }));
    writeFileSync(path, JSON.stringify({ ...list, title: 'a run of mine', ranks, marks: [] }));
    await page.setInputFiles('input[type=file] >> nth=0', path);
    await page.waitForSelector('strong:has-text("own.json")');
    expect(await page.locator('.slow-ring').count()).toBe(0);
    expect(await page.locator('[data-rank="3"] .hostile-ring').count()).toBe(1);
    // The same file again, which has changed: the input has forgotten it, or the browser would see no change.
    expect(await page.inputValue('input[type=file] >> nth=0')).toBe('');
    writeFileSync(path, JSON.stringify({ ...list, title: 'a later run', ranks, marks: [] }));
    await page.setInputFiles('input[type=file] >> nth=0', path);
    await page.waitForSelector('.title:has-text("a later run")');
    // What the program noted is drawn in its lane, and counted up to the time that is shown.
    const notes = [0.2, 0.4, 0.9].map((part) => [part * list.seconds, 2, 'cancelled']);
    writeFileSync(path, JSON.stringify({ ...list, title: 'a run with notes', ranks, marks: [], notes }));
    await page.setInputFiles('input[type=file] >> nth=0', path);
    await page.waitForSelector('.title:has-text("a run with notes")');
    expect(await page.locator('[data-note=cancelled]').count()).toBe(3);
    await seek(page, 0.5 * list.seconds);
    expect(await page.locator('tbody tr').nth(2).textContent()).toContain('cancelled 2');
    const other = join(folder, 'other.json');
    writeFileSync(other, '{"southwell": 1}');
    await page.setInputFiles('input[type=file] >> nth=0', other);
    await page.waitForSelector('[role=alert]:has-text("other.json: This JSON is not an event list")');
    // Anywhere on the page.
    const contents = JSON.stringify({ ...list, messages: [[0, 99, 1, 0, 0, 0, 0, 1]] });
    const transfer = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'dropped.json'));
      return data;
    }, contents);
    await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer });
    await page.waitForSelector(
      '[role=alert]:has-text("dropped.json: messages[0][1], to, of the event list must be a rank")',
    );
    // What was watched before stays.
    expect(await page.textContent('.title strong')).toBe('own.json');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a recorded run of real ranks', async () => {
    const module = new URL('../../packages/distributed/dist/events/testing.js', import.meta.url);
    const [list] = await threads<undefined, EventList | undefined>(module, { ranks: 2, name: 'recordedRun' });
    const path = join(folder, 'recorded.json');
    writeFileSync(path, JSON.stringify(list));
    const { page, noise } = await open('/ranks');
    await page.waitForSelector('[data-message]', { timeout: 30_000 });
    await page.setInputFiles('input[type=file] >> nth=0', path);
    await page.waitForSelector('.results[data-marks="2"]');
    expect(await saved(page)).toEqual(list);
    await page.click('.play');
    // In the middle of a message that takes long.
    const [, , , , began, , arrived] = list!.messages.toSorted((a, b) => b[6]! - b[4] - (a[6]! - a[4]))[0];
    await seek(page, (began + arrived!) / 2);
    const doing = await page.locator('[data-rank]').evaluateAll((all) => all.map((g) => g.getAttribute('data-doing')));
    expect(doing).toEqual(new Scenes(list!).at(await timeOf(page)).ranks.map((rank) => rank.doing));
    expect(await page.locator('[data-message]').count()).toBeGreaterThan(0);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('it can be read by everybody, on a phone and on a wide screen', () => accessible('/ranks'));
});
