import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { records } from '@southwell/papers';
import { parseResult } from '@southwell/papers/node';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { escapeXml } from './atom.ts';
import { releasedJudgements } from './released.ts';
import type { RunResult } from './results.ts';
import { startWorkbench, type Workbench } from './server.ts';

const SECRET = 'a file outside of the site';
const script = `export const numbers = [${Array.from({ length: 2000 }, (_, i) => i).join(',')}];\n`;

const result = (id: string, date: string, more: Partial<RunResult> = {}): RunResult => ({
  id,
  date,
  paper: 17,
  slug: '17-colide',
  experiment: 'table-1',
  size: 'quick',
  seed: 1,
  set: {},
  seconds: 1.5,
  verdicts: [
    {
      claim: 'one-weight',
      outcome: 'holds',
      measured: [{ quantity: 'wrong edges <&> "few"', value: 2, bar: '≤ 3', ok: true }],
      size: 'quick',
      seed: 1,
    },
  ],
  status: 'complete',
  tables: [{ kind: 'table', title: 'T', columns: ['a'], rows: [[1]] }],
  curves: [{ panel: 'p', series: 's', x: [1, 2], y: [3, 4], work: {} }],
  machine: { cpu: 'x', cores: 2, memoryGB: 1, platform: 'linux' },
  versions: { southwell: '0.1.0', node: process.version },
  ...more,
});
const stored = [
  result('b', '2026-02-01T00:00:00Z'),
  result('c', '2026-03-01T00:00:00Z', { experiment: 'with \u0000 NUL, a lone \ud800 and ]]>' }),
  result('a', '2026-01-01T00:00:00Z', { seconds: Number.POSITIVE_INFINITY }),
  result('odd', 'no date', { verdicts: [] }),
];

let folder: string;
let bench: Workbench;
let broken: Workbench;
let port: number;
const errors: unknown[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'southwell-workbench-'));
  const app = join(folder, 'app');
  mkdirSync(join(app, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  writeFileSync(join(app, 'index.html'), '<!doctype html><title>page</title><body><p>body</p></body>');
  writeFileSync(join(app, 'sw.js'), '// worker\n');
  mkdirSync(join(folder, 'docs/guides'), { recursive: true });
  writeFileSync(join(folder, 'docs/index.html'), '<!doctype html><title>docs</title>');
  writeFileSync(join(folder, 'docs/guides/a.html'), '<!doctype html><title>a</title>');
  writeFileSync(join(app, 'assets/main-abc.js'), script);
  writeFileSync(join(app, 'assets/font.woff2'), Buffer.alloc(3000));
  writeFileSync(join(app, 'assets/k.wasm'), Buffer.alloc(10));
  symlinkSync(join(folder, 'secret.txt'), join(app, 'link.txt'));
  symlinkSync(folder, join(app, 'out'));
  bench = await startWorkbench({ port: 0, app, results: { list: async () => stored } });
  broken = await startWorkbench({
    port: 0,
    app,
    results: { list: () => Promise.reject(new Error(`cannot read ${folder}`)) },
    onError: (error) => errors.push(error),
  });
  port = Number(new URL(bench.url).port);
});

afterAll(async () => {
  await bench.close();
  await broken.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the path as it is written: fetch would tidy it. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; port?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options;
    const r = request(
      { host: '127.0.0.1', port: options.port ?? port, path, method, headers, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(pieces) }),
        );
      },
    );
    r.on('error', reject);
    r.end();
  });
}

const textOf = async (path: string) => (await ask(path)).body.toString();

describe('files', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/sw.js', 'text/javascript; charset=utf-8'],
    ['/assets/main-abc.js', 'text/javascript; charset=utf-8'],
    ['/assets/font.woff2', 'font/woff2'],
    ['/assets/k.wasm', 'application/wasm'],
    // Of the installed package, for programs with whole variables.
    ['/engines/highs.mjs', 'text/javascript; charset=utf-8'],
    ['/engines/highs.wasm', 'application/wasm'],
  ])('%s is %s', async (path, type) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(type);
  });

  test.each([
    ['/papers/17-colide', 'CoLiDE: Concomitant Linear DAG Estimation · southwell'],
    ['/papers/1712.08859', `${records[0].title} · southwell`],
    ['/data', 'Your data · southwell'],
    ['/race/', 'Race · southwell'],
    ['/?q=x', 'southwell: papers that run'],
    ['/no/such/page', 'southwell: papers that run'],
  ])('%s is the page, with the title %s', async (path, title) => {
    const { status, headers, body } = await ask(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch('text/html');
    expect(headers['cache-control']).toBe('no-cache');
    expect(body.toString()).toContain(`<title>${title}</title>`);
    expect(body.toString()).toContain('<p>body</p>');
  });

  test('without JavaScript the papers can be read', async () => {
    const feed = (await ask('/')).body.toString();
    for (const { slug } of records) expect(feed).toContain(`<a href="/papers/${slug}">`);
    expect(feed).toMatch(/<noscript>[\s\S]*\d of \d+ holds?[\s\S]*<\/noscript>/);
    const paper = (await ask('/papers/17-colide')).body.toString();
    for (const claim of records[16].claims) expect(paper).toContain(escapeXml(claim.sentence));
  });

  test('a missing file is not the page', async () => {
    expect((await ask('/assets/gone.js')).status).toBe(404);
  });

  test('hashed assets are kept for ever, others are asked for again and answered 304', async () => {
    expect((await ask('/assets/main-abc.js')).headers['cache-control']).toMatch('immutable');
    const { headers } = await ask('/sw.js');
    expect(headers['cache-control']).toBe('no-cache');
    const again = await ask('/sw.js', { headers: { 'if-none-match': `"other", W/${headers.etag}` } });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect((await ask('/sw.js', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test.each([
    ['br', 'gzip, br', (b: Buffer) => brotliDecompressSync(b)],
    ['gzip', 'br;q=0, gzip;q=0.5', (b: Buffer) => gunzipSync(b)],
    [undefined, 'br;q=0', (b: Buffer) => b],
    [undefined, '', (b: Buffer) => b],
  ])('encoding %s for Accept-Encoding: %s', async (encoding, accept, decode) => {
    const { headers, body } = await ask('/assets/main-abc.js', { headers: { 'accept-encoding': accept } });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('Accept-Encoding');
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(decode(body).toString()).toBe(script);
  });

  test('each encoding has a tag of its own; fonts are not compressed again', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(
        async (e) => (await ask('/assets/main-abc.js', { headers: { 'accept-encoding': e } })).headers.etag,
      ),
    );
    expect(new Set(tags).size).toBe(3);
    const font = await ask('/assets/font.woff2', { headers: { 'accept-encoding': 'br' } });
    expect(font.headers['content-encoding']).toBeUndefined();
  });

  test('the documentation beside the page, from its folder', async () => {
    const bare = await ask('/docs');
    expect([bare.status, bare.headers.location]).toEqual([308, '/docs/']);
    for (const [path, title] of [
      ['/docs/', 'docs'],
      ['/docs/index.html', 'docs'],
      ['/docs/guides/a.html', 'a'],
    ]) {
      const { status, body } = await ask(path);
      expect([status, body.toString()], path).toEqual([200, `<!doctype html><title>${title}</title>`]);
    }
    expect((await ask('/docs/gone.html')).status).toBe(404);
  });

  test('HEAD has the headers of GET and no body', async () => {
    const get = await ask('/assets/main-abc.js');
    const head = await ask('/assets/main-abc.js', { method: 'HEAD' });
    expect(head.body).toHaveLength(0);
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
  });
});

describe('security', () => {
  test.each(['/', '/sw.js', '/assets/gone.js', '/api/results', '/papers.atom', '/%00'])(
    '%s has every header',
    async (path) => {
      const { headers } = await ask(path);
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      const policy = new Map(
        String(headers['content-security-policy'])
          .split('; ')
          .map((p) => [p.split(' ')[0], p.split(' ').slice(1)] as const),
      );
      expect(policy.get('default-src')).toEqual(["'self'"]);
      expect(policy.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
      expect(policy.get('object-src')).toEqual(["'none'"]);
      expect(policy.get('base-uri')).toEqual(["'none'"]);
      expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    },
  );

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/index.html%00.txt',
    '/link.txt',
    '/out/secret.txt',
    '//secret.txt',
    '/%',
    'http://127.0.0.1/../secret.txt',
    '*',
  ])('nothing outside of the site by %s', async (path) => {
    const { status, body } = await ask(path);
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toMatch(SECRET);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s is refused', async (method) => {
    const { status, headers } = await ask('/api/results', { method });
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET, HEAD');
  });

  test.each(['localhost', 'LOCALHOST:4747', '127.0.0.1:1', '[::1]:4747'])('Host %s is known', async (host) => {
    expect((await ask('/', { headers: { host } })).status).toBe(200);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost:x',
    'a@localhost',
  ])('Host %s is not', async (host) => {
    expect((await ask('/api/results', { headers: { host } })).status).toBeGreaterThanOrEqual(400);
  });

  test('a server on all interfaces is reached by any address, but not by any name', async () => {
    const open = await startWorkbench({
      port: 0,
      host: '0.0.0.0',
      app: join(folder, 'app'),
      results: { list: async () => [] },
    });
    const at = Number(new URL(open.url).port);
    expect((await ask('/', { port: at, headers: { host: '192.168.1.5:4747' } })).status).toBe(200);
    expect((await ask('/', { port: at, headers: { host: 'evil.example' } })).status).toBe(421);
    await open.close();
  });

  test('long addresses and headers are refused', async () => {
    expect((await ask(`/${'a'.repeat(3000)}`)).status).toBe(414);
    expect((await ask('/', { headers: { 'x-long': 'a'.repeat(20_000) } })).status).toBe(431);
  });

  test('garbage is refused, and the server lives on', async () => {
    for (const garbage of ['\r\n\r\n\u0000\u0001', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n']) {
      const said = await new Promise<string>((resolve) => {
        let all = '';
        const socket = connect(port, '127.0.0.1', () => socket.end(garbage));
        socket.on('data', (d) => (all += d));
        socket.on('close', () => resolve(all));
        socket.on('error', () => resolve(all));
      });
      expect(said).toMatch(/^HTTP\/1\.1 (400|505)/);
    }
    expect((await ask('/')).status).toBe(200);
  });
});

describe('results', () => {
  test('newest first, without curves', async () => {
    const { status, headers, body } = await ask('/api/results');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch('application/json');
    const { results, next } = JSON.parse(body.toString());
    expect(results.map((r: RunResult) => r.id)).toEqual(['c', 'b', 'a', 'odd']);
    expect(next).toBeUndefined();
    expect(results[1]).toEqual({ ...result('b', '2026-02-01T00:00:00Z'), curves: undefined });
  });

  test('pages make up the whole list', async () => {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = JSON.parse(await textOf(`/api/results?limit=3${after ? `&after=${after}` : ''}`));
      expect(page.results.length).toBeLessThanOrEqual(3);
      ids.push(...page.results.map((r: RunResult) => r.id));
      after = page.next;
    } while (after);
    expect(ids).toEqual(['c', 'b', 'a', 'odd']);
  });

  test('files that are left out are named with the reason', async () => {
    const leftOut = [{ file: 'large.json', why: 'it has 60 MB; files above 50 MB are not read.' }];
    const results = { list: async () => stored, leftOut: async () => leftOut };
    const other = await startWorkbench({ port: 0, app: join(folder, 'app'), results });
    const page = (await (await fetch(`${other.url}/api/results`)).json()) as ReturnType<typeof JSON.parse>;
    await other.close();
    expect(page.leftOut).toEqual(leftOut);
    expect(page.results).toHaveLength(stored.length);
    expect(JSON.parse(await textOf('/api/results'))).not.toHaveProperty('leftOut');
  });

  test('a number that is not finite arrives', async () => {
    expect(parseResult(await textOf('/api/results/a'))).toEqual(stored[2]);
  });

  test.each(['limit=0', 'limit=-1', 'limit=x', 'limit=1e3', 'after=gone'])(
    '%s is refused in a sentence',
    async (query) => {
      const { status, body } = await ask(`/api/results?${query}`);
      expect(status).toBe(400);
      expect(JSON.parse(body.toString()).error).toMatch(/\.$/);
    },
  );

  test('of any number of runs the verdicts that count, by paper', async () => {
    const verdict = stored[0].verdicts[0];
    const store = [
      ...Array.from({ length: 1500 }, (_, k) => result(`r${k}`, '2026-01-01T00:00:00Z')),
      result('set', '2026-05-01T00:00:00Z', { set: { steps: 1 }, verdicts: [{ ...verdict, outcome: 'partly' }] }),
      result('late', '2026-04-01T00:00:00Z', { verdicts: [{ ...verdict, outcome: 'does not hold' }] }),
      result('full', '2026-01-01T00:00:00Z', { size: 'full', verdicts: [{ ...verdict, size: 'full', seed: 2 }] }),
    ];
    const many = await startWorkbench({ port: 0, app: join(folder, 'app'), results: { list: async () => store } });
    const { papers } = (await (await fetch(`${many.url}/api/verdicts`)).json()) as ReturnType<typeof JSON.parse>;
    await many.close();
    expect(Object.keys(papers)).toEqual(['17']);
    expect(papers[17]).toEqual([
      { date: '2026-04-01T00:00:00Z', verdicts: [{ ...verdict, outcome: 'does not hold' }] },
      { date: '2026-01-01T00:00:00Z', verdicts: [{ ...verdict, size: 'full', seed: 2 }] },
    ]);
  });

  test('one result has its curves', async () => {
    expect(JSON.parse(await textOf('/api/results/b'))).toEqual(stored[0]);
    for (const path of ['/api/results/zzz', '/api/results/', '/api/other', '/api/results/__proto__']) {
      expect((await ask(path)).status, path).toBe(404);
    }
  });

  test('a store that fails is a 500 that gives nothing away, and the owner is told', async () => {
    const { status, headers, body } = await ask('/api/results', { port: Number(new URL(broken.url).port) });
    expect(status).toBe(500);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.toString()).not.toMatch(folder);
    expect(String(errors[0])).toMatch(folder);
  });
});

describe('feeds', () => {
  const parse = (xml: string) => {
    expect(XMLValidator.validate(xml)).toBe(true);
    return new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      htmlEntities: true,
      isArray: (name) => ['entry', 'category', 'author'].includes(name),
    }).parse(xml).feed;
  };
  const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
  const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  // What RFC 4287 asks of every feed.
  const check = (feed: ReturnType<typeof parse>, name: string) => {
    expect(feed.xmlns).toBe('http://www.w3.org/2005/Atom');
    expect(feed.id).toMatch(UUID);
    expect(feed.updated).toMatch(DATE);
    expect(feed.author[0].name).toBe('southwell');
    expect(feed.link.find((l: { rel: string }) => l.rel === 'self').href).toBe(`${bench.url}/${name}.atom`);
    for (const entry of feed.entry) {
      expect(entry.id).toMatch(UUID);
      expect(entry.title.length).toBeGreaterThan(0);
      expect(entry.updated).toMatch(DATE);
      expect(entry.link.href).toMatch(`${bench.url}/papers/`);
    }
    expect(new Set(feed.entry.map((e: { id: string }) => e.id)).size).toBe(feed.entry.length);
  };

  test('all papers, newest first, with their state', async () => {
    const { headers, body } = await ask('/papers.atom');
    expect(headers['content-type']).toBe('application/atom+xml; charset=utf-8');
    const feed = parse(body.toString());
    check(feed, 'papers');
    expect(feed.entry).toHaveLength(records.length);
    const dates = feed.entry.map((e: { published: string }) => e.published);
    expect(dates).toEqual([...dates].sort().reverse());
    expect(feed.entry.map((e: { title: string }) => e.title).sort()).toEqual(records.map((r) => r.title).sort());
    const first = feed.entry.find((e: { link: { href: string } }) => e.link.href.endsWith('01-bcd-faster'));
    expect(first.category.map((c: { term: string }) => c.term)).toContain('runs');
  });

  test('a paper is updated when it first gave a result', async () => {
    const feed = parse(await textOf('/papers.atom'));
    const entry = feed.entry.find((e: { link: { href: string } }) => e.link.href.endsWith('17-colide'));
    expect(entry.published).toBe('2023-10-01T00:00:00.000Z');
    expect(entry.updated).toBe('2026-01-01T00:00:00.000Z');
  });

  test('newest verdicts; whatever the text, the feed is valid', async () => {
    const xml = await textOf('/verdicts.atom');
    const feed = parse(xml);
    check(feed, 'verdicts');
    // Beside those that ship with the product, as on a site of files.
    const released = (await releasedJudgements()).length;
    expect(released).toBeGreaterThan(20);
    expect(feed.entry).toHaveLength(released + 3);
    const dates = feed.entry.map((e: { updated: string }) => e.updated);
    expect(dates).toEqual([...dates].sort().reverse());
    const own = feed.entry.filter((e: { updated: string }) => e.updated < '2026-04');
    expect(own.map((e: { updated: string }) => e.updated.slice(0, 7))).toEqual(['2026-03', '2026-02', '2026-01']);
    expect(own[0].title).toMatch('with � NUL, a lone � and ]]>');
    expect(own[1].summary).toMatch('wrong edges <&> "few" 2 (bar ≤ 3)');
    expect(own[1].summary).toMatch(records[16].claims[0].sentence);
  });

  test('ids are unique, also of a released result that is stored here', async () => {
    const [released] = await releasedJudgements();
    const copy = result(released.id, '2026-02-02T00:00:00Z', {});
    const list = async () => [...stored, copy];
    const other = await startWorkbench({ port: 0, app: join(folder, 'app'), results: { list } });
    const feed = parse(await (await fetch(`${other.url}/verdicts.atom`)).text());
    await other.close();
    const ids = feed.entry.map((e: { id: string }) => e.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength((await releasedJudgements()).length + 4);
  });

  test('ids stay the same at another address', async () => {
    const other = await startWorkbench({ port: 0, app: join(folder, 'app'), results: { list: async () => stored } });
    for (const name of ['papers', 'verdicts']) {
      const ids = (xml: string) => parse(xml).entry.map((e: { id: string }) => e.id);
      const there = (await ask(`/${name}.atom`, { port: Number(new URL(other.url).port) })).body.toString();
      expect(ids(there)).toEqual(ids(await textOf(`/${name}.atom`)));
    }
    await other.close();
  });
});

describe('starting and stopping', () => {
  test('where the port is taken, the next free one, said in a sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const wanted = (taken.address() as { port: number }).port;
    const other = await startWorkbench({ port: wanted, app: join(folder, 'app'), results: { list: async () => [] } });
    const got = Number(new URL(other.url).port);
    expect(got).toBeGreaterThan(wanted);
    expect(got).toBeLessThanOrEqual(wanted + 20);
    expect(other.note).toBe(`Port ${wanted} is taken, so this is port ${got}.`);
    expect((await ask('/', { port: got })).status).toBe(200);
    await other.close();
    await expect(ask('/', { port: got })).rejects.toThrow('ECONNREFUSED');
    taken.close();
  });

  test('not built is said in a sentence', async () => {
    await expect(
      startWorkbench({ port: 0, app: join(folder, 'nowhere'), results: { list: async () => [] } }),
    ).rejects.toThrow(/is not built.*npm run build/);
  });

  test('an address that this machine does not have is said in a sentence', async () => {
    await expect(
      startWorkbench({ port: 0, host: '203.0.113.7', app: join(folder, 'app'), results: { list: async () => [] } }),
    ).rejects.toThrow('Cannot listen on 203.0.113.7:0: this machine has no such address.');
  });

  test('headers that do not end are ended', async () => {
    const patience = { headers: 100, request: 200 };
    const other = await startWorkbench({
      port: 0,
      app: join(folder, 'app'),
      results: { list: async () => [] },
      patience,
    });
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    // A byte now and then is no sign of life.
    const drip = setInterval(() => socket.write('x'), 20);
    const said = await new Promise<string>((resolve) => {
      let text = '';
      socket
        .on('data', (bytes) => (text += bytes))
        .on('error', () => {})
        .on('close', () => resolve(text));
    });
    clearInterval(drip);
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    await other.close();
  }, 20_000);

  test('a request that is broken off is no error', async () => {
    const seen: unknown[] = [];
    const other = await startWorkbench({
      port: 0,
      app: join(folder, 'app'),
      results: { list: async () => [] },
      subscriptions: { confirm: async () => true, unsubscribe: async () => true, subscribe: async () => undefined },
      onError: (error) => seen.push(error),
    });
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    socket.on('error', () => {});
    const head = ['POST /api/subscribe HTTP/1.1', 'Host: localhost', 'Sec-Fetch-Site: same-origin'];
    const more = ['Content-Type: application/json', 'Content-Length: 100', '', '{"email":'];
    socket.write([...head, ...more].join('\r\n'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await other.close();
    expect(seen).toEqual([]);
  });

  test('a client that waits does not keep it from closing', async () => {
    const other = await startWorkbench({ port: 0, app: join(folder, 'app'), results: { list: async () => [] } });
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n');
    await other.close();
    socket.destroy();
  });
});
