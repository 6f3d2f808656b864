import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barText, findRecord, paperStanding, records, releasedOf, releasedRuns, stateOf } from '@southwell/papers';
import { parseResult, type RunResult, stringifyResult } from '@southwell/papers/node';
import { describe, expect, test } from 'vitest';
import { keptResults } from './testing/papers.ts';
import { workshop } from './testing.ts';

const { at, southwell } = workshop();
const papers = (...args: string[]) => southwell('papers', ...args);
const { results, kept, forget } = keptResults(at);
const notYet = records.find((r) => stateOf(r) === 'not-yet');

describe('list', () => {
  test('--json is an array of records, each with its state', () => {
    const r = papers('list', '--json');
    expect(r).toMatchObject({ code: 0, err: '' });
    const list = JSON.parse(r.out);
    // With the bars in words, also where the record has them as data.
    const expected = records.map((record) => ({
      ...record,
      claims: record.claims.map((c) => ({ ...c, bar: { quick: barText(c, 'quick'), full: barText(c, 'full') } })),
    }));
    expect(list.map(({ state: _, verdicts: __, ...record }: { state: string; verdicts: unknown }) => record)).toEqual(
      JSON.parse(JSON.stringify(expected)),
    );
    expect(list[0].state).toBe('runs');
    for (const record of list) expect(['runs', 'not-yet']).toContain(record.state);
  });

  test('verdicts are those of the release and the kept runs, counted once a claim; show says the same', async () => {
    forget();
    const tally = async (number: number) => {
      const released = await releasedOf(number);
      return paperStanding(findRecord(String(number))!, releasedRuns(released), released).tally;
    };
    const told = (await tally(17)).text;
    expect(papers('list', '--search', '#17').out).toContain(told);
    expect(papers('show', '17').out).toContain(`Claims: ${told}`);
    expect(papers('run', '16', '--experiment', 'linear-errors', '--seed', '2008,2009', '--claims-only').code).toBe(0);
    const [{ verdicts }] = JSON.parse(papers('list', '--search', '#16', '--json').out);
    const { of, seeds } = await tally(16);
    expect(verdicts).toMatchObject({ of, own: 1, withoutVerdict: 0 });
    expect(verdicts.seeds).toEqual([...seeds, 2008, 2009]);
    const shown = JSON.parse(papers('show', '16', '--json').out).verdicts;
    expect(shown).toMatchObject(verdicts);
    expect(shown.claims.filter((c: { own: boolean }) => c.own)).toMatchObject([{ claim: 'linear-errors' }]);
    // With parameters of one's own nothing counts.
    papers('run', '16', '--experiment', 'linear-errors', '--seed', '99', '--set', 'share=0.9', '--claims-only');
    expect(JSON.parse(papers('list', '--search', '#16', '--json').out)[0].verdicts).toEqual(verdicts);
    forget();
  });

  test('by family, by state, by words, even misspelt', () => {
    const numbers = (...args: string[]) =>
      JSON.parse(papers('list', '--json', ...args).out).map((r: { number: number }) => r.number);
    expect(numbers('--family', 'bilevel')).toEqual(records.filter((r) => r.family === 'bilevel').map((r) => r.number));
    expect([...numbers('--state', 'runs'), ...numbers('--state', 'not-yet')].sort((a, b) => a - b)).toEqual(
      records.map((r) => r.number),
    );
    expect(numbers('--search', 'blok coordinat desent')[0]).toBe(1);
    expect(numbers('--search', 'koopmann', '--family', 'bilevel')).toEqual([]);
    expect(papers('list', '--search', 'qqqqzzzz').out).toBe('No paper matches.\n');
    const text = papers('list', '--state', 'runs').out;
    expect(text).toMatch(/^ {2}01 .*linear-models .*Let's Make Block/m);
  });
});

describe('show', () => {
  test('tells claims, experiments and their parameters', () => {
    const { code, out } = papers('show', '01');
    expect(code).toBe(0);
    for (const claim of records[0].claims) expect(out).toContain(claim.id);
    expect(out.replace(/\s+/g, ' ')).toContain(
      'Full: GSD-VB / the same by code of its own, most of any step ≤ 1.05; GSD-VB ≤ 1; GSD-VB / GS-VB (code of its own) ≤ 0.001',
    );
    expect(out).toMatch(/figure-5: Selection rules with matrix updates\n +--set steps=… .*from 1 to/);
    const json = JSON.parse(papers('show', '1712.08859', '--json').out);
    expect(json).toMatchObject({ number: 1, state: 'runs' });
    expect(json.experiments.find((e: { id: string }) => e.id === 'figure-13')).toMatchObject({
      claims: ['figure-13-random'],
      parameters: [{ name: 'steps', default: { quick: 10, full: 500 } }],
    });
  });
});

describe('run', () => {
  test('prints tables and verdicts, keeps the result, exits 0 where every claim holds', () => {
    forget();
    const r = papers('run', '01', '--figure', '13');
    expect(r.code, r.err).toBe(0);
    expect(r.out).toMatch(/figure-13: .*\n/);
    expect(r.out).toMatch(/f − f\* at the end/);
    expect(r.out).toMatch(/✓ holds at quick size: /);
    for (const line of r.out.split('\n').filter((l) => !l.startsWith('Kept'))) {
      expect(line.length, line).toBeLessThanOrEqual(100);
    }
    const seed = Number(/figure-13: .*seed (\d+)/.exec(r.out)![1]);
    expect(kept()).toMatchObject([{ experiment: 'figure-13', size: 'quick', seed, set: {}, status: 'complete' }]);
  });

  test('--json prints one document with verdicts, tables, seed, size and set', () => {
    forget();
    const args = ['run', '1712.08859', '--experiment', 'superlinear,figure-13', '--seed', '2,3', '--json'];
    const r = papers(...args);
    expect(r.code, r.err).toBe(0);
    const json = JSON.parse(r.out);
    expect(json).toMatchObject({
      paper: 1,
      slug: '01-bcd-faster',
      size: 'quick',
      seed: 2,
      seeds: [2, 3],
      set: {},
      status: 'complete',
      withoutVerdict: [],
      exitCode: 0,
    });
    const claims = json.verdicts.map((v: { experiment: string; claim: string; seed: number }) => [v.claim, v.seed]);
    expect(claims).toEqual([
      ['superlinear-tail', 2],
      ['superlinear-tail', 3],
      ['figure-13-random', 2],
      ['figure-13-random', 3],
    ]);
    for (const v of json.verdicts) {
      expect(v).toMatchObject({ outcome: 'holds', size: 'quick' });
      expect(v.measured[0]).toMatchObject({ ok: true, value: expect.any(Number) });
    }
    for (const t of json.tables) for (const row of t.rows) expect(row).toHaveLength(t.columns.length);
    // The document, what is kept, and a second run tell the same.
    const stored = kept();
    expect(stored).toHaveLength(4);
    for (const v of json.verdicts) {
      const of = stored.find((s) => s.experiment === v.experiment && s.seed === v.seed)!;
      expect(v).toMatchObject(of.verdicts[0]);
    }
    expect(JSON.parse(papers(...args, '--no-save').out).verdicts).toEqual(json.verdicts);
    expect(kept()).toHaveLength(4);
  });

  test('--set changes a parameter; a claim that does not hold is 1', () => {
    forget();
    // Named twice, run once.
    const twice = ['--figure', '5', '--experiment', 'figure-5'];
    const r = papers('run', '01', ...twice, '--set', 'steps=2', '--claims-only', '--json');
    expect(r.code).toBe(1);
    const json = JSON.parse(r.out);
    expect(json).toMatchObject({ set: { steps: 2 }, exitCode: 1, verdicts: [{ outcome: 'partly' }] });
    expect(kept()).toMatchObject([{ set: { steps: 2 } }]);
    for (const c of kept()[0].curves) expect(c.x[c.x.length - 1]).toBe(2);
    expect(papers('run', '01', '--figure', '5', '--set', 'steps=2', '--claims-only').out).toMatch(
      /~ partly at quick size: /,
    );
  });

  test.each([
    [['run', '01', '--figure', '5', '--set', 'stepz=3'], /figure-5 has no parameter "stepz"; it has steps\./],
    [
      ['run', '01', '--experiment', 'superlinear', '--set', 'steps=3'],
      /superlinear has no parameter "steps"; it has none/,
    ],
    [['run', '01', '--figure', '5', '--set', 'steps=2.5'], /steps of figure-5 must be a whole number from 1 to/],
    [['run', '01', '--figure', '5', '--set', 'steps=many'], /"many" is not a number/],
    [['run', '01', '--figure', '5', '--set', 'steps'], /It must be name=value/],
    [['run', '01', '--figure', '77'], /There is no experiment "77" of paper 01; there are figure-4, /],
    [['run', '01', '--seed', '1,x'], /Seeds are whole numbers, not "1,x"/],
    [['run', '01', '--bogus'], /unknown option '--bogus'/],
    [['run'], /missing required argument 'paper'/],
    [['run', '99'], /There is no paper "99"; there are 1 to \d+/],
    [['show', 'bcd-fastr'], /There is no paper "bcd-fastr"; did you mean 01-bcd-faster\?/],
    [['list', '--family', 'bilevl'], /There is no family 'bilevl'; did you mean 'bilevel'\?/],
    [['list', '--state', 'maybe'], /There is no state 'maybe'/],
    [['compare', '01', '--against', 'zzz'], /No stored result has a commit, id or date that begins with "zzz"/],
    [['report'], /required option '--out <folder>' not specified/],
    [['walk', '01'], /unknown command 'walk'/],
    [[], /Usage: southwell papers/],
  ])('%j: a sentence and exit 2', (args, expected) => {
    forget();
    const r = papers(...args);
    expect(r).toMatchObject({ code: 2, out: '' });
    expect(r.err).toMatch(expected);
  });

  test.skipIf(!notYet)('a paper that does not run yet says so (skipped once all run)', () => {
    const r = papers('run', notYet!.slug);
    expect(r).toMatchObject({ code: 2, out: '' });
    expect(r.err).toMatch(
      /does not run yet: its claims are stated, but no experiment measures them\. Those that run: 01/,
    );
    expect(papers('show', notYet!.slug).out).toMatch(/It does not run yet\./);
  });

  test('where results cannot be kept it says so before it begins', () => {
    forget();
    writeFileSync(at('home'), 'a file');
    const r = papers('run', '01', '--figure', '13');
    expect(r).toMatchObject({ code: 2, out: '' });
    expect(r.err).toMatch(/cannot be written: part of its path is not a folder/);
    expect(papers('run', '01', '--figure', '13', '--no-save').code).toBe(0);
    forget();
  });
});

describe('compare and report', () => {
  /** Results as two commits would leave them: the later one is worse, and has a stranger among its files. */
  const prepare = (): { before: RunResult; now: RunResult } => {
    forget();
    expect(papers('run', '01', '--figure', '13', '--seed', '1').code).toBe(0);
    const [now] = kept();
    const before: RunResult = {
      ...now,
      id: 'before',
      date: '2020-02-03T04:05:06.000Z',
      commit: 'abcdef012345',
      seconds: 123,
    };
    const put = (r: RunResult) => writeFileSync(join(results(), `${r.id}.json`), stringifyResult(r));
    put(before);
    put({ ...now, verdicts: now.verdicts.map((v) => ({ ...v, outcome: 'partly' })) });
    writeFileSync(join(results(), 'torn.json'), '{"id": "to');
    return { before, now };
  };

  test('compare lists runs newest first, and tells of files that it leaves out', () => {
    const { before, now } = prepare();
    const r = papers('compare', '01');
    expect(r.code).toBe(0);
    expect(r.err).toMatch(/torn\.json is left out: it is not JSON/);
    const lines = r.out.trim().split('\n');
    expect(lines[0]).toMatch(/01-bcd-faster, figure-13/);
    expect(lines[1]).toMatch(/date +commit +machine +size +seed +figure-13-random +time/);
    expect(lines[2]).toContain('partly');
    expect(lines[3]).toMatch(/2020-02-03 04:05 +abcdef01 .* quick +1 +holds +123 s/);
    const json = JSON.parse(papers('compare', '--json').out);
    expect(json.map((j: RunResult) => j.id)).toEqual([now.id, before.id]);
    expect(json[1]).toMatchObject({
      paper: 1,
      commit: 'abcdef012345',
      outcomes: { 'figure-13-random': 'holds' },
      seconds: 123,
      size: 'quick',
      seed: 1,
    });
    expect(JSON.parse(papers('compare', '02', '--json').out)).toEqual([]);
    expect(papers('compare', '02').out).toMatch(/No results of this paper are kept in .* yet/);
  });

  test('compare --against sets the newest beside an older one; worse is 1', () => {
    const { before, now } = prepare();
    const r = papers('compare', '01', '--against', 'abcdef');
    expect(r.code).toBe(1);
    expect(r.out).toMatch(/01 figure-13 +quick +1 +figure-13-random +holds +partly +← worse +123 s/);
    const [pair] = JSON.parse(papers('compare', '--against', '2020-02', '--json').out);
    expect(pair).toMatchObject({
      before: { id: before.id },
      now: { id: now.id },
      claims: [{ claim: 'figure-13-random', before: 'holds', now: 'partly', worse: true }],
    });
    expect(papers('compare', '--against', now.id)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Nothing has been run/),
    });
  });

  test('report writes an index and a page a paper that ask nothing of the network', () => {
    prepare();
    // Text of others must not become markup.
    const one = parseResult(readFileSync(join(results(), 'before.json'), 'utf8'));
    const nasty = '<img src="https://evil.example/x.png"></script>';
    writeFileSync(
      join(results(), 'nasty.json'),
      stringifyResult({
        ...one,
        id: 'nasty',
        date: '2999-01-01T00:00:00.000Z',
        machine: { ...one.machine, cpu: nasty },
        curves: one.curves.map((c) => ({ ...c, series: nasty + c.series })),
        tables: [
          { kind: 'table', title: nasty, columns: [nasty], rows: [[nasty], [Number.POSITIVE_INFINITY], [null]] },
        ],
      }),
    );
    const r = papers('report', '--out', join('new', 'site'));
    expect(r.code).toBe(0);
    expect(r.out).toMatch(/Report of 3 runs written to new.site.index\.html/);
    expect(readdirSync(at('new/site')).sort()).toEqual(['01-bcd-faster.html', 'index.html']);
    const index = readFileSync(at('new/site/index.html'), 'utf8');
    const paper = readFileSync(at('new/site/01-bcd-faster.html'), 'utf8');
    expect(index).toContain('href="01-bcd-faster.html"');
    expect(index).toContain('54 papers without results');
    expect(index).not.toContain('<script');
    for (const claim of records[0].claims) expect(paper).toContain(claim.sentence.replaceAll('"', '&quot;'));
    expect(paper).toContain('<math');
    expect(paper).toMatch(/id="chart-0"/);
    for (const page of [index, paper]) {
      expect(page).toContain('color-scheme: light dark');
      expect(page).not.toMatch(/<(img|iframe|link(?! rel="icon" href="data:,"))/);
      expect(page).not.toMatch(/<script[^>]+src/);
      expect(page).not.toMatch(/url\(|@import/);
    }
    expect(paper).toMatch(/seed \d+, <time datetime=/);
    expect(paper).not.toContain('&lt;time');
    expect(southwell('papers', 'report', '--out', 'new/site/index.html').err).toMatch(/cannot be written/);
  });

  test('results that were kept before bars were data are compared and reported, others told of', () => {
    forget();
    mkdirSync(results(), { recursive: true });
    const measured = [{ quantity: 'error of σ² at 1, mean', value: 0.1, bar: '≤ 2.00e-3', ok: false }];
    const earlier = {
      id: '20261101T000000Z-17-scale-quick-1-0badcafe',
      date: '2026-11-01T00:00:00.000Z',
      ...{ paper: 17, slug: '17-colide', experiment: 'scale', size: 'quick', seed: 1, set: {}, seconds: 2 },
      status: 'complete',
      verdicts: [
        { claim: 'scale-estimate', outcome: 'does not hold', measured, size: 'quick', seed: 1 },
        { claim: 'of-another-time', outcome: 'holds', measured: [], size: 'quick', seed: 1 },
      ],
      tables: [{ kind: 'table', title: 'T', columns: ['a'], rows: [[1]] }],
      curves: [{ panel: 'wrong edges', series: 'CoLiDE-EV', x: [1], y: [2], work: { seconds: [0.5] } }],
      machine: { cpu: 'one', cores: 1, memoryGB: 1, platform: 'linux x64' },
      versions: { southwell: '0.1.0', node: '20.0.0' },
    };
    writeFileSync(join(results(), `${earlier.id}.json`), JSON.stringify(earlier));
    writeFileSync(join(results(), 'other.json'), JSON.stringify({ ...earlier, verdicts: [{ claim: 'c', bars: [] }] }));
    const compared = papers('compare', '17');
    expect(compared.code).toBe(0);
    expect(compared.out).toMatch(/scale-estimate .*of-another-time/);
    expect(compared.out).toMatch(/does not hold +holds/);
    expect(compared.err).toMatch(/other\.json is left out: its "verdicts" is not that of a result\.\n/);
    expect(papers('report', '--out', 'earlier').code).toBe(0);
    const page = readFileSync(at('earlier/17-colide.html'), 'utf8');
    expect(page).toContain('(bar ≤ 2.00e-3)');
    expect(page).toContain('wrong edges');
  });

  test('with nothing kept they say so', () => {
    forget();
    expect(papers('compare').out).toMatch(/No results are kept in /);
    expect(papers('compare', '--json').out).toBe('[]\n');
    mkdirSync(at('empty'));
    expect(papers('report', '--out', 'empty').code).toBe(0);
    expect(readFileSync(at('empty/index.html'), 'utf8')).toContain('No results are kept yet.');
  });
});
