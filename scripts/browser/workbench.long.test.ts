/** What each page of the workbench can do, beyond the one run of the quick test beside this one. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ReadOptions, readTable, writeCsv, writeLibsvm, writeNpy, writeParquet } from '@southwell/data/node';
import { experimentsOf, findRecord, firstSeed, paperStanding, releasedOf, releasedRuns } from '@southwell/papers';
import { runTask, taskOf } from '@southwell/tasks';
import { CscMatrix, DenseMatrix } from 'southwell';
import { simulateSem } from 'southwell/structure-learning';
import { describe, expect, test } from 'vitest';
import { canOpen, command, inNode, workbench } from './workbench.ts';

describe.skipIf(!canOpen)('the workbench in Chromium (needs /usr/bin/chromium and a build)', () => {
  const {
    accessible,
    asInNode,
    bundled,
    choose,
    field,
    fill,
    folder,
    goal,
    keptStep,
    newContext,
    open,
    race,
    ran,
    titles,
    url,
  } = workbench();

  test('the feed counts claims as the shell does: those of the release, then with runs of this browser', async () => {
    const { page, noise } = await open('/');
    const record = findRecord('16')!;
    const item = page.locator('.running li', { hasText: record.title });
    const results = await releasedOf(16);
    const released = paperStanding(record, releasedRuns(results), results).tally;
    const line = async () => [
      await item.locator('.marks').getAttribute('aria-label'),
      await item.locator('.mark').count(),
      await item.locator('.more-words').textContent(),
    ];
    const told = [released.outcomes, released.of, `${released.beside} · ${released.size}`];
    await expect.poll(line).toEqual(told);
    expect(await item.locator('.visually-hidden').textContent()).toBe(`Picture: ${record.picture?.says}`);
    // Run starts the experiment of the picture; what it gave counts, once, and is marked.
    await item.getByRole('button', { name: /^Run/ }).click();
    await page.waitForURL(/\/papers\/16/);
    await page.waitForSelector('.badge:text-is("done")', { timeout: 60_000 });
    for (let k = 0; k < 2; k++) {
      await page.goto(url('/'));
      await item.locator('.own-runs').waitFor();
      // What ships may come a moment after what is kept here.
      await expect.poll(line, { timeout: 5000 }).toEqual(told);
    }
    await choose(page, 'Verdict', 'yours');
    expect(await titles(page)).toEqual([record.title]);
    await page.goto(url('/results'));
    // Its run has a page, from the list of those that this browser keeps.
    await page.click(`td a:has-text("16 ${record.picture!.experiment}")`);
    await page.waitForURL(/\/runs\/here-/);
    await expect.poll(() => page.textContent('main'), { timeout: 5000 }).toMatch(/this browser/);
    await page.waitForSelector('.claims [data-claim]');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  // One experiment of each family.
  test.each([
    ['04-supervised-dictionary-learning', 'covariates'],
    ['05-transductive-clustering', 'passes'],
    ['06-consensus-based-optimization', 'gradient'],
    ['07-topological-swaps', 'orders'],
    ['14-online-orthogonal-dictionary', 'stored'],
    ['16-robust-alternating-completion', 'linear-errors'],
    ['17-colide', 'unequal'],
  ])('%s, %s: the numbers of Node to the last bit', async (slug, id) => {
    const { page, noise } = await open(`/papers/${slug}`);
    await asInNode(page, Number(slug.slice(0, 2)), id, 2);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('Stop ends a heavy run, and what was measured stays; a run goes on after a reload', async () => {
    const { page, noise } = await open('/papers/01-bcd-faster');
    await page.selectOption('main select >> nth=0', 'all');
    await page.selectOption('main select >> nth=1', 'full');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('section figure', { timeout: 30_000 });
    await page.click('button:has-text("Stop")');
    await page.waitForSelector('.status:has-text("stopped")');
    expect(await page.locator('section figure').count()).toBeGreaterThan(0);

    await page.selectOption('main select >> nth=1', 'quick');
    await page.click('button:has-text("Run again")');
    await page.waitForSelector('section >> nth=1', { timeout: 30_000 });
    await page.reload();
    // The first experiment was finished before the reload: it is there at once, and the others follow.
    await page.waitForSelector('section >> nth=2', { timeout: 30_000 });
    await page.click('button:has-text("Stop")');
    await page.waitForSelector('.status:has-text("stopped")');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a file of one’s own in every format gives the numbers of Node', async () => {
    // y = 3a − 2b + noise, by arithmetic alone.
    const n = 60;
    const a = Float64Array.from({ length: n }, (_, i) => ((i * 37) % 23) / 10);
    const b = Float64Array.from({ length: n }, (_, i) => ((i * 17) % 29) / 10);
    const c = Float64Array.from({ length: n }, (_, i) => ((i * 11) % 13) / 10);
    const y = Float64Array.from({ length: n }, (_, i) => 3 * a[i] - 2 * b[i] + ((i * 7) % 5) / 10);
    const csvText = `a,b,c,y\n${Array.from({ length: n }, (_, i) => `${a[i]},${b[i]},${c[i]},${y[i]}`).join('\n')}\n`;
    const matrix = DenseMatrix.create(n, 4);
    [a, b, c, y].forEach((v, j) => {
      matrix.column(j).set(v);
    });
    const sparse = CscMatrix.fromDense(DenseMatrix.fromRows(Array.from({ length: n }, (_, i) => [a[i], b[i], c[i]])));
    const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
    write('plain.csv', csvText);
    write('zipped.csv.gz', gzipSync(csvText));
    write('matrix.npy', writeNpy(matrix));
    write(
      'matrix.mtx',
      `%%MatrixMarket matrix array real general\n${n} 4\n${[a, b, c, y].map((v) => Array.from(v).join('\n')).join('\n')}\n`,
    );
    write('rows.svm', writeLibsvm(sparse, y));
    write('table.parquet', writeParquet({ a, b, y }));

    const { page, noise } = await open('/data');
    for (const name of ['plain.csv', 'zipped.csv.gz', 'matrix.npy', 'matrix.mtx', 'rows.svm', 'table.parquet']) {
      expect((await readTable(join(folder, name))).rows, name).toBe(n);
      await page.setInputFiles('input[type=file]', join(folder, name));
      await page.waitForSelector(`h2:has-text("${name}")`);
      await fill(page, 'alpha', '0.01');
      await page.click('button:has-text("Run")');
      await page.waitForSelector('[data-status]', { timeout: 20_000 });
      expect(await page.getAttribute('[data-status]', 'data-status'), name).toBe('converged');
      const kept = await page.locator('tbody tr td:first-child').allTextContents();
      expect(kept.length, name).toBeGreaterThan(2);
    }
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('bundled data: the model that is saved predicts as one fitted in Node; the report opens', async () => {
    const { page, noise } = await open('/data');
    await bundled(page, 'diabetes');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[data-status=converged], [data-status=completed]', { timeout: 30_000 });
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Save model.json")'),
    ]);
    const model = JSON.parse(readFileSync((await saved.path())!, 'utf8'));
    const file = join(folder, 'node.json');
    expect(await page.textContent('.command code')).toBe(
      'npx southwell fit bundled:diabetes --target y --cv 10 --rule 1se --standardize --save model.json --coefficients coefficients.csv --report report.html',
    );
    const args = ['fit', 'bundled:diabetes', '--standardize', '--cv', '10', '--rule', '1se', '--seed', '0'];
    const r = spawnSync(process.execPath, [command, ...args, '-q', '--save', file]);
    expect(r.status, String(r.stderr)).toBe(0);
    const node = JSON.parse(readFileSync(file, 'utf8'));
    expect(model.values).toEqual(node.values);
    expect(model.intercept).toBe(node.intercept);
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Save report.html")'),
    ]);
    expect(readFileSync((await report.path())!, 'utf8')).toMatch(/<title>Lasso of .*diabetes/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('bad files get a sentence and the page goes on', async () => {
    const files: Record<string, [string | Uint8Array, RegExp]> = {
      'empty.csv': ['', /empty/i],
      'ragged.csv': ['a,b\n1,2\n3\n', /line 3/],
      'junk.parquet': [Uint8Array.from({ length: 300 }, (_, i) => (i * 89) % 256), /./],
      'cut.npy': [
        writeNpy(
          DenseMatrix.fromRows([
            [1, 2],
            [3, 4],
          ]),
        ).slice(0, 90),
        /./,
      ],
      'bad.mtx': ['%%MatrixMarket matrix array real general\n2 2\n1\n2\n', /./],
    };
    const { page, noise } = await open('/data');
    for (const [name, [content, sentence]] of Object.entries(files)) {
      writeFileSync(join(folder, name), content);
      await page.setInputFiles('input[type=file]', join(folder, name));
      await page.waitForSelector('[role=alert]');
      const said = (await page.textContent('[role=alert]'))!;
      expect(said, name).toMatch(sentence);
      expect(said).not.toMatch(/undefined|\bat \w+ \(/);
    }
    await bundled(page, 'diabetes');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a network trains in a worker to the bits of Node, goes on after a reload, and Stop keeps the best so far', async () => {
    const { page, noise } = await open('/data');
    await bundled(page, 'diabetes');
    await goal(page, 'training');
    await fill(page, 'Epochs', '6');
    const predicted = await ran(page, 'predicted.csv');
    expect(predicted).toBe(await inNode('train', { target: 'y', epochs: 6 }, 'out'));
    expect(await page.textContent('.command code')).toMatch(
      /^npx southwell train bundled:diabetes --target y --epochs 6 /,
    );
    expect(await page.textContent('main')).toMatch(/R² 0\.\d+ on 44 validation rows/);
    await fill(page, 'Epochs', '100000');
    await fill(page, 'Validation fraction', '0');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('text=/epoch \\d+\\/100000, .* left: loss/');
    const epoch = async () => Number(/epoch (\d+)\/100000/.exec((await page.textContent('main')) ?? '')?.[1]);
    await expect.poll(() => keptStep(page), { timeout: 15_000 }).toBeGreaterThan(13 * 50);
    const kept = await keptStep(page);
    await page.reload();
    await page.waitForSelector('text=/it goes on from what was kept/');
    await page.waitForSelector('text=/epoch \\d+\\/100000, .* left: loss/');
    expect(await epoch()).toBeGreaterThan(kept / 13 - 1);
    await page.click('button:has-text("Stop")');
    await page.waitForSelector('[data-status=aborted]', { timeout: 5000 });
    expect(await keptStep(page)).toBe(0);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a text is dropped and trained on to the bits of Node, with a sample; images in idx know their size', async () => {
    const { page, noise } = await open('/data');
    const story =
      'Once upon a time there was a king, who had a castle.\nThe castle had a moat, and a bridge.\nNobody came.\n';
    const path = join(folder, 'story.txt');
    writeFileSync(path, story.repeat(12));
    await page.setInputFiles('input[type=file]', path);
    await page.waitForSelector('h2:has-text("story.txt")');
    await goal(page, 'training');
    for (const [name, value] of [
      ['Epochs', '2'],
      ['Context', '16'],
      ['Width', '12'],
      ['Blocks', '1'],
    ] as const)
      await fill(page, name, value);
    const predicted = await ran(page, 'predicted.csv');
    const asked = { data: path, predicts: 'characters', epochs: 2, context: 16, width: 12, blocks: 1 };
    const read = (_?: string, options?: ReadOptions) => readTable(path, options);
    const tools = { read, signal: new AbortController().signal, progress: () => {} };
    const task = taskOf('train');
    const result = (await runTask(task, asked, tools)) as unknown as { predictions: Record<string, unknown[]> };
    expect(predicted).toBe(new TextDecoder().decode(writeCsv(result.predictions as never)));
    expect(await page.textContent('.command code')).toMatch(
      /^npx southwell train story\.txt --predicts characters --context 16 --width 12 --blocks 1 --epochs 2 /,
    );
    expect(await page.textContent('main')).toMatch(
      /perplexity \d.* bits per character, on \d+ characters of the validation set/,
    );
    expect(await page.textContent('main')).toMatch(/A sample/);

    const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 40, 0, 0, 0, 4, 0, 0, 0, 5]);
    writeFileSync(
      join(folder, 'i-idx3-ubyte'),
      Buffer.concat([header, Buffer.from(Array.from({ length: 800 }, (_, k) => (k * 7) % 200))]),
    );
    writeFileSync(
      join(folder, 'labels.csv'),
      `kind\n${Array.from({ length: 40 }, (_, i) => 'ab'[i % 2]).join('\n')}\n`,
    );
    await page.setInputFiles('input[type=file]', join(folder, 'i-idx3-ubyte'));
    await page.waitForSelector('h2:has-text("i-idx3-ubyte")');
    await fill(page, 'Epochs', '1');
    await field(page, 'Labels').locator('input').setInputFiles(join(folder, 'labels.csv'));
    await ran(page, 'predicted.csv');
    expect(await page.textContent('.command code')).toMatch(/--labels labels\.csv --image 4x5 /);
    expect(await page.textContent('main')).toMatch(/16, 32 filters of 3 × 3/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('Stop of a fit whose folds run in threads keeps what there is', async () => {
    const { page, noise } = await open('/data');
    await bundled(page, 'spambase');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('progress');
    await page.click('button:has-text("Stop")');
    await page.waitForSelector('[data-status=aborted]', { timeout: 5000 });
    expect(await page.textContent('main')).toMatch(/Stopped: this is the best so far/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('supervised dictionaries, stochastic correlations and rivals of completion, with columns and options chosen', async () => {
    const { page, noise } = await open('/data');
    await bundled(page, 'diabetes');
    const box = (group: string, name: string) =>
      page.locator(`fieldset:has(legend:text-matches("^${group}"))`).getByLabel(name, { exact: true });
    await goal(page, 'factorisation');
    await choose(page, 'Task', 'factor dictionary');
    await choose(page, 'Method', 'supervised');
    await choose(page, 'Labels', 'sex');
    await box('Covariates', 'age').check();
    await box('Leave out', 'y').check();
    await fill(page, 'Reconstruction weight', '0.5');
    expect(await page.textContent('.command code')).toBe(
      'npx southwell factor dictionary bundled:diabetes -k 2 --method supervised --target sex --covariates age --xi 0.5 --drop y --out-codes codes.csv --out-dictionary dictionary.csv --save model.json',
    );
    const codes = await ran(page, 'codes.csv');
    const asked = { method: 'supervised', k: 2, target: 'sex', covariates: ['age'], xi: 0.5, drop: ['y'] };
    expect(codes).toBe(await inNode('factor dictionary', asked, 'outCodes'));
    expect(await page.textContent('main')).toMatch(/Coefficients of atoms and covariates/);

    await choose(page, 'Task', 'factor cca');
    await choose(page, 'Method', 'stochastic');
    await fill(page, 'Ridge', '0.1');
    await page.click('summary:has-text("More options")');
    await fill(page, 'Epochs', '3');
    const variates = await ran(page, 'scores.csv');
    const groups = { x: ['age', 'sex', 'bmi', 'map', 'tc', 'ldl'], y: ['hdl', 'tch', 'ltg', 'glu', 'y'] };
    const cca = { ...groups, components: 2, method: 'stochastic', ridge: 0.1, epochs: 3, standardize: true };
    expect(variates).toBe(await inNode('factor cca', cca, 'outScores'));

    await choose(page, 'Task', 'factor complete');
    await choose(page, 'Method', 'soft-impute');
    await fill(page, 'Rank', '2');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('p:has-text("Rank 2 by soft-impute")', { timeout: 30_000 });
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a race: every method, one certificate', async () => {
    const { page, noise } = await open('/race');
    await fill(page, 'Rows', '80');
    await fill(page, 'Columns', '120');
    await fill(page, 'Seconds', '1');
    const rows = await race(page);
    expect(new Set(rows.map((row) => row[3])).size).toBeLessThan(4);
    await fill(page, 'Seconds', '0.2');
    for (const family of ['clustering', 'structure-learning', 'black-box']) {
      await choose(page, 'Family', family);
      await race(page);
    }
    writeFileSync(
      join(folder, 'own.csv'),
      `a,b,y\n${Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 7}`).join('\n')}\n`,
    );
    await choose(page, 'Family', 'linear-models');
    await choose(page, 'Data', 'file');
    await page.setInputFiles('input[type=file]', join(folder, 'own.csv'));
    expect(await race(page)).toHaveLength(6);
    expect(await page.textContent('[data-status]')).toMatch(/40 rows, 2 columns/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('races of factorisation: every problem, and what must come out', async () => {
    const { page, noise } = await open('/race');
    await choose(page, 'Family', 'factorisation');
    await fill(page, 'Seconds', '0.2');
    const measures = async (problem: string, sizes: Readonly<Record<string, string>>) => {
      await choose(page, 'Problem', problem);
      for (const [title, value] of Object.entries(sizes)) await fill(page, title, value);
      return new Map((await race(page)).map(([method, , value, extra]) => [method, [Number(value), Number(extra)]]));
    };
    const completed = await measures('completion', {
      Rows: '60',
      Columns: '50',
      Rank: '2',
      'Observed fraction': '0.5',
    });
    expect(completed.get('als')![0]).toBeLessThan(1e-3);

    const svd = await measures('svd', { Rows: '300', Columns: '120', Rank: '5' });
    const [truncated, ...randomised] = [...svd.values()];
    expect(truncated[0]).toBeLessThan(1e-10);
    // More powers, smaller residuals, down to rounding; none has a smaller error than the exact triplets.
    const residuals = randomised.map(([residual]) => Math.max(residual, 1e-13));
    expect(residuals).toEqual([...residuals].sort((a, b) => b - a));
    expect(residuals[0]).toBeGreaterThan(residuals[1]);
    for (const [, error] of randomised) expect(error).toBeGreaterThanOrEqual(truncated[1]);

    const nmf = await measures('nmf', { Rows: '80', Columns: '40', Rank: '3', Noise: '0' });
    expect(nmf.get('squares, random initialisation')![0]).toBeLessThan(0.05);

    // Time enough, on a machine that does other work, for each method to leave its start.
    await fill(page, 'Seconds', '3');
    const atoms = await measures('dictionaries', { Rows: '300', Columns: '8', Atoms: '8' });
    const objectives = [...atoms.values()].map(([objective]) => objective);
    expect(Math.max(...objectives)).toBeLessThan(2 * Math.min(...objectives));

    const cca = await measures('cca', { Rows: '600', Columns: '8', Pairs: '1' });
    const exact = cca.get('exact')!;
    // No other directions have a larger correlation on the rows that were learned from.
    for (const [, extra] of cca.values()) expect(extra).toBeGreaterThanOrEqual(exact[1] * (1 - 1e-2));
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a race of graphs on one’s own file, without and with known edges', async () => {
    const X = simulateSem(
      DenseMatrix.fromRows([
        [0, 2, 0],
        [0, 0, -1.5],
        [0, 0, 0],
      ]),
      { n: 400, variances: 1, seed: 1 },
    );
    const line = (i: number) => `${X.get(i, 0)},${X.get(i, 1)},${X.get(i, 2)},row ${i}`;
    writeFileSync(
      join(folder, 'chain.csv'),
      `first,second,third,name\n${Array.from({ length: X.rows }, (_, i) => line(i)).join('\n')}\n`,
    );
    writeFileSync(join(folder, 'chain-edges.csv'), 'from,to\nfirst,second\nsecond,third\n');
    writeFileSync(join(folder, 'wrong-edges.csv'), 'from,to\nfirst,fourth\n');
    const { page, noise } = await open('/race');
    await choose(page, 'Family', 'structure-learning');
    await choose(page, 'Problem', 'own-graph');
    await fill(page, 'Seconds', '0.3');
    await page.click('button:has-text("Race")');
    // Without a file nothing runs.
    expect(await page.evaluate(() => document.activeElement?.matches('input[type=file]:invalid'))).toBe(true);
    await field(page, 'File,').locator('input').setInputFiles(join(folder, 'chain.csv'));
    const likelihoods = await race(page);
    expect(await page.textContent('[data-status]')).toMatch(/320 rows to learn from, 80 held out/);
    // Normal noise of variance 1: ½ log 2πe = 1.419 a variable, and a little for what was estimated.
    const topo = Number(likelihoods.at(-1)![2]);
    expect(topo).toBeGreaterThan(3.8);
    expect(topo).toBeLessThan(4.8);
    expect(Math.min(...likelihoods.map((row) => Number(row[2])))).toBeGreaterThan(topo - 0.05);
    // A graph without edges is much less likely.
    await fill(page, 'Threshold', '100');
    const empty = await race(page);
    for (const [, , value, edges] of empty) {
      expect(edges).toBe('0');
      expect(Number(value)).toBeGreaterThan(topo + 1);
    }

    await choose(page, 'Problem', 'known-graph');
    await field(page, 'File,').locator('input').setInputFiles(join(folder, 'chain.csv'));
    await field(page, 'File of known').locator('input').setInputFiles(join(folder, 'wrong-edges.csv'));
    await page.click('button:has-text("Race")');
    await page.waitForSelector('[data-status=failed]:has-text("names fourth")');
    await field(page, 'File of known').locator('input').setInputFiles(join(folder, 'chain-edges.csv'));
    const known = await race(page);
    expect(known.at(-1)!.slice(2)).toEqual(['0', '2']);
    expect(await page.textContent('[data-status]')).toMatch(/2 edges/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('a paper: form, command and status of the run that is shown, after a reload too; the focus stays', async () => {
    const { page, noise } = await open('/papers/01-bcd-faster');
    const button = page.locator('form button[type=submit]');
    const code = page.locator('.command code');
    const seed = field(page, 'Seed').locator('input');
    await page.selectOption('main select >> nth=0', 'figure-4');
    const [first] = (await experimentsOf(1)).find((e) => e.id === 'figure-4')!.parameters!;
    const parameter = page.locator('.fields label').filter({ hasText: first.title }).locator('input');
    const value = '20';
    await parameter.fill(value);
    await seed.fill('3');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.status .badge:text-is("done")', { timeout: 60_000 });
    expect(await page.evaluate(() => document.activeElement?.matches('form button[type=submit]'))).toBe(true);
    const asked = `figure-4, quick size, seed 3, ${first.name} = ${value}`;
    const command = `npx southwell papers run 01 --experiment figure-4 --seed 3 --set ${first.name}=${value}`;
    const shown = async () => {
      await page.waitForSelector('section .plot svg, section table, section figure');
      // After a reload the form is filled as soon as the experiments are loaded.
      await page.waitForSelector(`.status:has-text("${asked}")`);
      expect(await code.textContent()).toBe(command);
      expect([await seed.inputValue(), await parameter.inputValue()]).toEqual(['3', value]);
      expect(new URL(page.url()).search).toBe(`?experiment=figure-4&size=quick&seed=3&set.${first.name}=${value}`);
    };
    await shown();
    await page.reload();
    await shown();
    // Without a word in the address the last run comes back as well.
    await page.goto(url('/papers/01-bcd-faster'));
    await shown();

    // An empty number is the usual one, and reaches no command.
    await seed.fill('');
    await parameter.fill('');
    expect(await code.textContent()).toBe(
      `npx southwell papers run 01 --experiment figure-4 --seed ${firstSeed((await releasedOf(1))?.seen)}`,
    );
    await page.waitForSelector('text=form differs from the run shown');
    // The address asks for another run than the one that was kept: that one is told of, not shown.
    await page.reload();
    await page.waitForSelector(`.status:has-text("Your last run here: ${asked}")`);
    expect(await page.locator('.results section').count()).toBe(0);
    await page.click('button:has-text("Show it")');
    await shown();
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('your data: an example on the empty page; form, file and result are kept over navigation and reload', async () => {
    const { page, noise } = await open('/data');
    await page.waitForSelector('.example');
    await page.waitForSelector('[data-status]', { timeout: 30_000 });
    writeFileSync(
      join(folder, 'kept.csv'),
      `a,b\n${Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5}`).join('\n')}\n`,
    );
    await page.setInputFiles('input[type=file]', join(folder, 'kept.csv'));
    await page.waitForSelector('h2:has-text("kept.csv")');
    expect(await page.locator('.example').count()).toBe(0);
    await goal(page, 'clustering');
    await fill(page, 'Clusters', '3');
    const clusters = await ran(page, 'clusters.csv');
    const command = await page.textContent('.command code');
    expect(command).toContain('cluster kept.csv -k 3');
    const headline = await page.textContent('p:has([data-status])');
    const again = async () => {
      expect(await page.textContent('p:has([data-status])')).toBe(headline);
      expect(await page.textContent('.command code')).toBe(command);
    };
    await page.click('nav >> text=Race');
    await page.click('nav >> text=Your data');
    await again();
    await page.reload();
    await page.waitForSelector('[data-status]');
    await again();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Save clusters.csv")'),
    ]);
    expect(saved.suggestedFilename()).toBe('kept-cluster-clusters.csv');
    expect(readFileSync((await saved.path())!, 'utf8')).toBe(clusters);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test.each(['/', '/papers/01-bcd-faster', '/data', '/race', '/results', '/style', '/subscribe'])(
    '%s: accessible on a phone in light and on a wide screen in dark, never wider than the window',
    (path) => accessible(path),
  );

  test('works offline once it has been opened, and says what else does not; all of it on request', async () => {
    const context = await newContext();
    const { page } = await open('/', { context });
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.waitForSelector('footer button:has-text("Keep all")');
    await context.setOffline(true);
    await page.goto(url('/'));
    await page.waitForSelector('.feed .title');
    await page.goto(url('/race'));
    await page.waitForSelector('h1:has-text("could not be loaded")');
    expect(await page.locator('main li').allTextContents()).toEqual(['southwell: papers that run']);
    await context.setOffline(false);
    await page.goto(url('/'));
    await page.click('footer button:has-text("Keep all")');
    await page.waitForSelector('footer:has-text("All pages are kept")', { timeout: 30_000 });
    await context.setOffline(true);
    await page.goto(url('/papers/01-bcd-faster'));
    await page.waitForSelector('button:has-text("Run")');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('.status .badge:text-is("done")', { timeout: 30_000 });
    await context.close();
  });

  test('the first page runs an experiment, whose parameter decides how it ends', async () => {
    const { page, noise } = await open('/');
    const swarm = page.locator('figure li').first();
    await page.waitForSelector('canvas');
    await expect.poll(() => swarm.textContent(), { timeout: 30_000 }).toMatch(/reached it in 1 of 1 run/);
    // Without noise the swarm stays where it began, as gradient descent does.
    const slider = page.locator('figure input[type=range]');
    await slider.fill('0');
    await expect.poll(() => swarm.textContent(), { timeout: 30_000 }).toMatch(/reached it in 0 of [12] run/);
    expect(await page.locator('figure li').nth(1).textContent()).toMatch(/gets stuck/);
    await page.click('figure button:has-text("Pause")');
    const still = await swarm.textContent();
    await page.waitForTimeout(3500);
    expect(await swarm.textContent()).toBe(still);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('what a message advises is a button, and a link has the form', async () => {
    const { page, noise } = await open('/data?task=isotonic&o.target=effect');
    expect(await page.inputValue('input[name=goal]:checked')).toBe('isotonic');
    const csv = `dose,effect\n${Array.from({ length: 30 }, (_, i) => (i === 4 ? `,${i}` : `${i},${i + (i % 3)}`)).join('\n')}\n`;
    await page.setInputFiles('.drop input >> nth=0', {
      name: 'doses.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    });
    await page.waitForSelector('h2:has-text("doses.csv")');
    expect(await field(page, 'Target').locator('select').inputValue()).toBe('effect');
    await page.click('button:has-text("Run")');
    await page.waitForSelector('[role=alert]:has-text("has no value in row 5")');
    await page.click('[role=alert] button');
    await page.waitForSelector('[data-status=converged]', { timeout: 20_000 });
    expect(await page.textContent('.results')).toMatch(/1 of 30 rows lack a value and were left out/);
    expect(noise).toEqual([]);
    await page.context().close();
  });
});
