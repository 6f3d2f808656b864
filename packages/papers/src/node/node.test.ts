import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { type Experiment, type ExperimentEvent, verdict } from '../experiment.ts';
import { experimentsOf, filesOf, findRecord, type MeasuredClaim, type Part } from '../index.ts';
import { missingParts, openStore, parseResult, type RunResult, runExperiment, stringifyResult } from '../node.ts';

const base = mkdtempSync(join(tmpdir(), 'southwell-results-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());
let folders = 0;
const fresh = () => join(base, `store-${folders++}`, 'results');

const record = findRecord('01')!;
const claim: MeasuredClaim = {
  id: 'level',
  sentence: 'The level is low.',
  quantity: 'level',
  measures: { level: { quantity: 'level', '≤': 1 } },
};

/** Yields `points` points, a table and a verdict whose value is the parameter; turns the event loop before each. */
const made = (points = 10, events: readonly ExperimentEvent[] = []): Experiment => ({
  id: 'made',
  title: 'Made',
  panels: [{ title: '{panel}', x: { label: 'k' }, y: { label: 'y' }, series: ['{series}'] }],
  parameters: [{ name: 'level', title: 'Level', default: { quick: 1, full: 2 }, min: 0, max: 10 }],
  claims: [claim],
  async *run(context) {
    for (let k = 0; k < points; k++) {
      yield { kind: 'points', panel: 'p', series: 's', x: [k], y: [k * k], work: { seconds: [k / 2] } };
      if (k % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      context.signal?.throwIfAborted();
    }
    yield* events;
    yield { kind: 'table', title: 't', columns: ['a', 'b'], rows: [['x', Number.POSITIVE_INFINITY]] };
    yield verdict(claim, context, { level: context.parameters!.level });
  },
});
const settings = { size: 'quick', seed: 3 } as const;

describe('runs', () => {
  test('hold what the experiment gave, and where', async () => {
    const events: string[] = [];
    const r = await runExperiment(record, made(), { ...settings, onEvent: (e) => events.push(e.kind) });
    expect(events).toEqual([...Array(10).fill('points'), 'table', 'verdict']);
    expect(r).toMatchObject({
      paper: 1,
      slug: '01-bcd-faster',
      experiment: 'made',
      size: 'quick',
      seed: 3,
      set: {},
      status: 'complete',
    });
    expect(r.verdicts).toMatchObject([{ claim: claim.id, outcome: 'holds', seed: 3 }]);
    expect(r.curves).toHaveLength(1);
    expect(r.curves[0].y).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    expect(r.curves[0].work.seconds[9]).toBe(4.5);
    expect(r.machine.cores).toBeGreaterThan(0);
    expect(r.versions.node).toBe(process.versions.node);
    if (existsSync(fileURLToPath(new URL('../../../../.git', import.meta.url)))) {
      expect(r.commit).toMatch(/^[0-9a-f]{12,}(-dirty)?$/);
    }
    expect(Number.isFinite(Date.parse(r.date))).toBe(true);
  });

  test('take parameters, and say which there are', async () => {
    const r = await runExperiment(record, made(), { ...settings, set: { level: 2 } });
    expect(r.set).toEqual({ level: 2 });
    expect(r.verdicts[0].outcome).toBe('does not hold');
    await expect(runExperiment(record, made(), { ...settings, set: { lever: 2 } })).rejects.toThrow(
      'made has no parameter "lever"; it has level.',
    );
    await expect(runExperiment(record, made(), { ...settings, set: { level: 11 } })).rejects.toThrow(
      'must be a number from 0 to 10, but is 11',
    );
  });

  test('thin long curves evenly, ends kept', async () => {
    const [curve] = (await runExperiment(record, made(5003), settings)).curves;
    expect(curve.x).toHaveLength(2000);
    expect([curve.x[0], curve.x[1999]]).toEqual([0, 5002]);
    for (let k = 0; k < 2000; k++) {
      expect(curve.y[k]).toBe(curve.x[k] ** 2);
      expect(curve.work.seconds[k]).toBe(curve.x[k] / 2);
      if (k > 0) expect([2, 3]).toContain(curve.x[k] - curve.x[k - 1]);
    }
  });

  test('stop when told and keep what there was; other errors pass through', async () => {
    for (const heeds of [true, false]) {
      const controller = new AbortController();
      const experiment = made(1000);
      const deaf: Experiment = { ...experiment, run: (c) => experiment.run({ ...c, signal: undefined }) };
      const r = await runExperiment(record, heeds ? experiment : deaf, {
        ...settings,
        signal: controller.signal,
        onEvent: (e) => e.kind === 'points' && e.x[0] === 300 && controller.abort(),
      });
      expect(r.status).toBe('stopped');
      expect(r.verdicts).toEqual([]);
      expect(r.curves[0].x).toHaveLength(301);
    }
    const broken: Experiment = {
      ...made(),
      // biome-ignore lint/correctness/useYield: it fails before there is anything to yield
      async *run() {
        throw new Error('broken');
      },
    };
    await expect(runExperiment(record, broken, settings)).rejects.toThrow('broken');
  });

  test('files that are not shipped are read from a folder; without it a sentence says what is missing', async () => {
    const part: Part = { id: 'odd', title: 'Odd numbers', files: ['a.bin', 'b.bin'], from: 'a shop' };
    let bytes: number[] = [];
    const reading: Experiment = {
      ...made(),
      needs: { quick: [part] },
      async *run(context) {
        const files = await filesOf(part, context);
        bytes = part.files.flatMap((name) => [...files.get(name)!]);
      },
    };
    const folder = fresh();
    mkdirSync(join(folder, 'odd'), { recursive: true });
    writeFileSync(join(folder, 'odd', 'a.bin'), Uint8Array.of(1, 3));
    const lacks = /Odd numbers \(a\.bin and b\.bin in a folder named odd, from a shop\)/;
    expect(missingParts(reading, 'quick', undefined)).toMatch(lacks);
    expect(missingParts(reading, 'quick', folder)).toMatch(/odd lacks b\.bin\.$/);
    expect(missingParts(reading, 'full', undefined)).toBeUndefined();
    await expect(runExperiment(record, reading, { ...settings, parts: folder })).rejects.toThrow(lacks);
    vi.stubEnv('SOUTHWELL_PARTS', undefined);
    await expect(runExperiment(record, reading, settings)).rejects.toThrow(lacks);
    writeFileSync(join(folder, 'odd', 'b.bin'), Uint8Array.of(5));
    vi.stubEnv('SOUTHWELL_PARTS', folder);
    await runExperiment(record, reading, settings);
    expect(bytes).toEqual([1, 3, 5]);
    expect(missingParts(reading, 'quick', folder)).toBeUndefined();
  });

  test('the parameter steps bounds the curves of paper 01', async () => {
    const experiment = (await experimentsOf(1)).find((e) => e.id === 'figure-13')!;
    const longest = async (set?: Record<string, number>) => {
      const { curves } = await runExperiment(record, experiment, { size: 'quick', seed: 1, set });
      return Math.max(...curves.map((c) => c.x[c.x.length - 1]));
    };
    expect(await longest()).toBe(10);
    expect(await longest({ steps: 7 })).toBe(7);
    await expect(longest({ stepz: 7 })).rejects.toThrow('figure-13 has no parameter "stepz"; it has steps.');
    await expect(longest({ steps: 7.5 })).rejects.toThrow('must be a whole number from 1');
  });
});

describe('the store', () => {
  test('gives back what it was given, newest first, numbers that are not finite included', async () => {
    const store = openStore(fresh());
    expect(await store.list()).toEqual([]);
    const first = await runExperiment(record, made(), settings);
    const second: RunResult = { ...first, id: 'second', date: '2999-01-01T00:00:00.000Z' };
    const path = await store.save(first);
    expect(path).toBe(join(store.folder, `${first.id}.json`));
    await store.save(second);
    expect(await store.list()).toEqual([second, first]);
    expect((await store.list())[1].tables[0].rows[0][1]).toBe(Number.POSITIVE_INFINITY);
    expect(parseResult(stringifyResult(first))).toEqual(first);
  });

  test('lies in SOUTHWELL_HOME', () => {
    vi.stubEnv('SOUTHWELL_HOME', '/somewhere');
    expect(openStore().folder).toBe(join('/somewhere', 'results'));
    vi.stubEnv('SOUTHWELL_HOME', '');
    expect(openStore().folder).toMatch(/\.southwell.results$/);
  });

  test('leaves out what is no result, says so, and gives the rest', async () => {
    const told: string[] = [];
    const store = openStore(fresh(), (sentence) => told.push(sentence));
    const good = await runExperiment(record, made(), settings);
    const whole = readFileSync(await store.save(good), 'utf8');
    const put = (name: string, content: string) => writeFileSync(join(store.folder, name), content);
    put('cut.json', whole.slice(0, whole.length / 2));
    put('empty.json', '');
    put('array.json', '[]');
    put('null.json', 'null');
    put('other.json', '{"hello": 1}');
    put('outcome.json', whole.replace('"holds"', '"perhaps"'));
    put('rows.json', whole.replace('"rows":[', '"rows":[5,'));
    put('.half.json.1-0.tmp', whole.slice(0, 20));
    put('notes.txt', 'mine');
    mkdirSync(join(store.folder, 'folder.json'));
    // One links to a result, which lies elsewhere; a pipe that nobody writes into holds whoever opens it.
    writeFileSync(join(store.folder, '../elsewhere'), whole);
    symlinkSync('../elsewhere', join(store.folder, 'link.json'));
    execFileSync('mkfifo', [join(store.folder, 'pipe.json')]);
    expect(await store.list()).toEqual([good]);
    expect(told).toHaveLength(10);
    const of = (name: string) => told.find((t) => t.includes(name));
    expect(of('cut.json')).toMatch(/it is not JSON/);
    expect(of('array.json')).toMatch(/it holds no result/);
    expect(of('other.json')).toMatch(/its "id" is missing/);
    expect(of('outcome.json')).toMatch(/its "verdicts" is not that of a result/);
    expect(of('rows.json')).toMatch(/its "tables" is not that of a result/);
    expect(of('folder.json')).toMatch(/it is a folder/);
    expect(of('link.json')).toMatch(/it is a link, which is not followed/);
    expect(of('pipe.json')).toMatch(/it is no file/);
  });

  test('two files of one id are two results, with a note; what is too large is not read', async () => {
    const told: string[] = [];
    const store = openStore(fresh(), (sentence) => told.push(sentence));
    const good = await runExperiment(record, made(), settings);
    await store.save(good);
    const whole = stringifyResult(good);
    // Before the other by name, but it is not named after its id.
    writeFileSync(join(store.folder, '0-copy.json'), whole);
    writeFileSync(join(store.folder, 'z-copy.json'), whole);
    const large = join(store.folder, 'large.json');
    writeFileSync(large, whole);
    truncateSync(large, 60_000_000);
    const found = await store.list();
    expect(found.map(({ id }) => id).sort()).toEqual([good.id, `${good.id}.2`, `${good.id}.3`]);
    expect(found.find(({ id }) => id === good.id)).toEqual(good);
    expect(found.find(({ id }) => id === `${good.id}.2`)).toEqual({
      ...good,
      id: `${good.id}.2`,
      note: `The file 0-copy.json has the id of ${good.id}.json: it is listed as ${good.id}.2.`,
    });
    const why = 'it has 60 MB; files above 50 MB are not read.';
    expect(await store.leftOut()).toEqual([{ file: 'large.json', why }]);
    expect(told).toEqual([`${large} is left out: ${why}`]);
  });

  test('writes only into its folder, and says where it cannot', async () => {
    const good = await runExperiment(record, made(), settings);
    for (const id of ['../out', '', '.hidden', 'a/b', 'x'.repeat(300)]) {
      await expect(openStore(fresh()).save({ ...good, id })).rejects.toThrow(/cannot be the name of a result/);
    }
    const file = join(base, 'file');
    writeFileSync(file, '');
    await expect(openStore(join(file, 'results')).save(good)).rejects.toThrow(/part of its path is not a folder/);
  });

  test('takes results from several processes at once', async () => {
    const store = openStore(fresh());
    const good = await runExperiment(record, made(2000), settings);
    // Against what is built, as users have it.
    const entry = fileURLToPath(new URL('../../dist/node.js', import.meta.url));
    const code = `const { openStore } = await import(${JSON.stringify(entry)});
      const good = ${stringifyResult(good)};
      const store = openStore(${JSON.stringify(store.folder)});
      for (let k = 0; k < 20; k++) await store.save({ ...good, id: 'w' + process.argv[1] + '-' + k });
      // One name for all: the last wins, and is whole.
      for (let k = 0; k < 20; k++) await store.save({ ...good, id: 'shared' });`;
    const writers = [0, 1, 2].map(
      (k) =>
        new Promise((done) =>
          spawn(process.execPath, ['--input-type=module', '-e', code, String(k)], { stdio: 'inherit' }).on(
            'exit',
            done,
          ),
        ),
    );
    let ended = false;
    const all = Promise.all(writers).finally(() => (ended = true));
    const told: string[] = [];
    const reader = openStore(store.folder, (sentence) => told.push(sentence));
    while (!ended) {
      for (const r of await reader.list()) expect(r.curves[0].x).toHaveLength(2000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await all).toEqual([0, 0, 0]);
    expect(told).toEqual([]);
    expect(await store.list()).toHaveLength(61);
    expect(readdirSync(store.folder).every((name) => name.endsWith('.json'))).toBe(true);
  });
});
