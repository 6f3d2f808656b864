/** The page of models in Chromium: a model runs as in Node, a bound is edited, what cannot be met is named. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLp, toSource, writeNl } from '@southwell/data';
import { runTask, tasks } from '@southwell/tasks';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { canOpen, workbench } from './workbench.ts';

const task = tasks.find(({ page }) => page === 'models')!;
const plant = `Maximize
 gain: 3 juice + 5 jam
Subject To
 fruit: juice + 2 jam <= 14
 hours: 3 juice + jam <= 18
End
`;

/** Sums of random weights that are to be met exactly: no solver ends soon. */
function longSearch(): string {
  let state = 7;
  const weight = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return 1 + (state % 97);
  };
  const names = Array.from({ length: 50 }, (_, j) => `b${j}`);
  const rows = Array.from({ length: 6 }, (_, i) => {
    const weights = names.map(weight);
    const half = Math.floor(weights.reduce((a, b) => a + b) / 2);
    return ` r${i}: ${names.map((name, j) => `${weights[j]} ${name}`).join(' + ')} = ${half}`;
  });
  return `Minimize\n cost: b0\nSubject To\n${rows.join('\n')}\nBinary\n ${names.join(' ')}\nEnd\n`;
}

describe.skipIf(!canOpen)('the page of models in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { folder, open, accessible } = workbench();
  const saved = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const drop = (page: Page, ...files: string[]) => page.setInputFiles('.drop input[type=file]', files);
  const ended = (page: Page, status: string) => page.waitForSelector(`[data-status=${status}]`, { timeout: 20_000 });
  const edit = async (page: Page, label: string, value: string) => {
    const input = page.locator(`input[aria-label="${label}"]`);
    await input.fill(value);
    await input.blur();
  };

  test('a dropped model runs as in Node; a bound that is edited, or dragged, changes the optimum; undo; reload', async () => {
    const { page, noise } = await open('/models?model=bundled:chain.nl');
    await ended(page, 'converged');
    // As AMPL writes it, with the files of its names.
    const { nl, row, col } = writeNl(readLp(plant));
    await drop(page, saved('plant.nl', nl as string), saved('plant.row', row), saved('plant.col', col));
    await page.waitForSelector('h2:has-text("plant.nl")');
    await ended(page, 'converged');
    const inNode = (await runTask(task, { model: 'plant.lp' } as never, {
      read: () => Promise.reject(new Error('no table')),
      file: async () => toSource(new TextEncoder().encode(plant), 'plant.lp'),
      signal: new AbortController().signal,
      progress: () => {},
    })) as unknown as { objective: number; rows: ReadonlyArray<{ multiplier: number }> };
    const optimum = async () => Number(/[\d.]+$/.exec((await page.textContent('.value'))!)![0]);
    await expect.poll(optimum).toBeCloseTo(inNode.objective, 6);
    expect(await page.locator('#prices + p + ul .name').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('fruit'), expect.stringContaining('hours')]),
    );
    expect(await page.locator('.drawing > svg').getAttribute('aria-label')).toMatch(/fruit.*hours|hours.*fruit/);

    await edit(page, 'upper bound of fruit', '15');
    await page.waitForSelector('.change');
    const price = inNode.rows[0].multiplier;
    await expect.poll(optimum).toBeCloseTo(inNode.objective + price, 6);
    expect(await page.textContent('.change')).toMatch(
      new RegExp(
        `^fruit: the upper bound is 15 instead of 14\\..*change of \\+${price}; the price predicted \\+${price}\\..*from the solution before`,
      ),
    );
    expect(await page.locator('.command code').textContent()).toContain("'fruit<=15'");
    await page.click('button:has-text("Undo")');
    await expect.poll(optimum).toBeCloseTo(inNode.objective, 6);

    const { x, y, width, height } = (await page.locator('.drawing [data-row="0"]').first().boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 - 30, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await page.waitForSelector('.change');
    const dragged = await optimum();
    expect(Math.abs(dragged - inNode.objective)).toBeGreaterThan(0.01);
    await page.reload();
    await ended(page, 'converged');
    await expect.poll(optimum).toBe(dragged);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('what cannot be met is named, and can be mended; damaged files and long runs end in sentences', async () => {
    const { page, noise } = await open('/models?model=bundled:canteen.lp');
    await ended(page, 'infeasible');
    expect(await page.textContent('section:has(#failure)')).toMatch(/protein.*budget|budget.*protein/);
    await edit(page, 'upper bound of budget', '3.2');
    await ended(page, 'converged');
    expect(new URL(page.url()).searchParams.get('bound')).toBe('budget<=3.2');

    await drop(page, saved('cut.lp', 'Minimize\n cost: 3 x +\nSubject'));
    await page.waitForSelector('[role=alert]:has-text("cut.lp")');
    await drop(page, saved('long.lp', longSearch()));
    await page.waitForSelector('[role=region][aria-label=Iterations] td');
    await page.click('button:has-text("Stop")');
    await page.waitForSelector('text=Stopped');
    await page.waitForSelector('button:has-text("Run")');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('it can be read by everybody, on a phone and on a wide screen', () => accessible('/models'));
});
