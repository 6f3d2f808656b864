/** Each page of the workbench once; the long test beside this one does the rest. */
import { spawnSync } from 'node:child_process';
import { experimentsOf, findRecord } from '@southwell/papers';
import { runExperiment } from '@southwell/papers/node';
import { describe, expect, test } from 'vitest';
import { canOpen, command, inNode, workbench } from './workbench.ts';

describe.skipIf(!canOpen)('the workbench in Chromium (needs /usr/bin/chromium and a build)', () => {
  const { bundled, choose, fill, finish, goal, open, ran, results, url } = workbench();

  test('results: a matrix whose cells lead to claims; totals filter it; two runs side by side', async () => {
    for (const seed of [6, 7]) {
      const record = findRecord('43')!;
      const experiment = (await experimentsOf(43)).find((e) => e.id === 'cylinder')!;
      results.push(await runExperiment(record, experiment, { size: 'quick', seed }));
    }
    const { page, noise } = await open('/results');
    await page.waitForSelector('.cell');
    const rows = page.locator('[aria-label="Papers and claims"] tbody tr');
    const all = await rows.count();
    await page.click('.totals button:has-text("does not hold")');
    await expect.poll(() => rows.count()).toBeLessThan(all);
    expect(page.url()).toMatch(/outcome=does/);
    await page.click('td a:has-text("43 cylinder") >> nth=0');
    await page.waitForSelector('h1:has-text("round hall")');
    await page.selectOption('label:has-text("Compare with") select', { index: 1 });
    await page.waitForSelector('[aria-label="What differs"] td:has-text("seed")');
    expect(await page.locator('[aria-label=Measured] tbody tr').count()).toBeGreaterThan(3);
    await page.goto(url('/runs/nothing'));
    await page.waitForSelector('text=There is no run');
    await page.goto(url('/results'));
    await page.click('#main .cell >> nth=0');
    await page.waitForURL(/\/papers\/01-bcd-faster.*#claim-/);
    expect(noise.filter((line) => !/404/.test(line))).toEqual([]);
    await page.context().close();
  });

  test('clusters, graphs and components of one’s own data are those of Node', async () => {
    const { page, noise } = await open('/data');
    // What is no table has a page of its own.
    expect(await page.locator('a.goal').getAttribute('href')).toBe('/models');
    await bundled(page, 'diabetes');
    await goal(page, 'clustering');
    await fill(page, 'Clusters', '4');
    const clusters = await ran(page, 'clusters.csv');
    expect(clusters).toBe(await inNode('cluster', { k: 4, standardize: true }, 'out'));
    expect(await page.locator('figure .points circle').count()).toBe(442);
    expect(await page.textContent('.command code')).toBe(
      'npx southwell cluster bundled:diabetes -k 4 --standardize --out clusters.csv --report report.html --save model.json',
    );

    await goal(page, 'structure-learning');
    await choose(page, 'Method', 'topo');
    const edges = await ran(page, 'edges.csv');
    expect(edges).toBe(await inNode('graph learn', { method: 'topo' }, 'out'));

    await goal(page, 'factorisation');
    await fill(page, 'Components', '3');
    const scores = await ran(page, 'scores.csv');
    expect(scores).toBe(await inNode('factor svd', { components: 3, center: true, standardize: true }, 'outScores'));
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a race prints the command that repeats it, and is kept over navigation and reload', async () => {
    const { page, noise } = await open('/race?problem=clustering&o.rows=300&o.k=4&limit=0.2&racers=kmeans,soft');
    await page.click('button:has-text("Race")');
    await page.waitForSelector('[data-status=done]', { timeout: 30_000 });
    const rows = await finish(page);
    expect(rows).toHaveLength(2);
    const line = (await page.textContent('.command code'))!;
    expect(line).toBe('npx southwell race clustering --rows 300 --k 4 --racers kmeans,soft --limit 0.2');
    const r = spawnSync(process.execPath, [command, ...line.split(' ').slice(2), '--json']);
    const { finish: there } = JSON.parse(String(r.stdout)) as { finish: { title: string; value: number }[] };
    const known = new Map(there.map((f) => [f.title, f.value.toPrecision(4)]));
    for (const [method, , value] of rows) expect(value).toBe(known.get(method));

    await page.click('nav >> text=Your data');
    await page.click('nav >> text=Race');
    expect(await finish(page)).toEqual(rows);
    await page.reload();
    expect(await finish(page)).toEqual(rows);
    expect(await page.textContent('.command code')).toBe(line);
    await fill(page, 'Seconds', '');
    expect(await page.textContent('.command code')).toBe(line.replace(' --limit 0.2', ''));
    expect(noise).toEqual([]);
    await page.context().close();
  });
});
