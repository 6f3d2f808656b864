import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import {
  FieldError,
  mailer,
  parseField,
  type RunOptions,
  type RunReport,
  runDigest,
  Subscribers,
} from '@southwell/digest';
import { paperStanding, records, releasedOf, releasedRuns, stateOf } from '@southwell/papers';
import type { RunResult } from '@southwell/papers/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cleanEnv, command, type Outcome, workshop } from '../../testing.ts';
import { FieldServer, MailServer, paper } from './testing.ts';

const { folder, at, here } = workshop();
let mail: MailServer;
let field: FieldServer;
let n = 0;

beforeAll(async () => {
  mail = await MailServer.start();
  field = await FieldServer.start();
});
afterAll(async () => {
  await mail.close();
  await field.close();
});
beforeEach(() => {
  n++;
  mail.take();
  mail.tried.length = 0;
  mail.faults.clear();
  mail.onRecipient = () => {};
  field.entries = [];
  field.fault = undefined;
  field.asked.length = 0;
});

const NOW = new Date('2026-11-24T12:00:00Z');
/** However many papers run by now. */
const RUNNING = records.filter((record) => stateOf(record) === 'runs').length;
const BEGAN = `${RUNNING} paper${RUNNING === 1 ? '' : 's'} began to run`;
const FROM = 'southwell <digest@example.org>';
const ABC = ['a@example.org', 'b@example.org', 'c@example.org'];
const statePath = () => at(`state-${n}.json`);
const listPath = () => at(`list-${n}.json`);

const result = (id: string, date = '2026-11-23T00:00:00Z'): RunResult => ({
  id,
  date,
  paper: 17,
  slug: '17-colide',
  experiment: id,
  size: 'quick',
  seed: 1,
  set: {},
  seconds: 1,
  status: 'complete',
  verdicts: [
    {
      claim: 'one-weight',
      outcome: 'partly',
      measured: [{ quantity: 'distance', value: 2, bar: '≤ 3', ok: true }],
      size: 'quick',
      seed: 1,
    },
  ],
  tables: [],
  curves: [],
  machine: { cpu: 'x', cores: 1, memoryGB: 1, platform: 'x' },
  versions: { southwell: '0.1.0', node: 'x' },
});

interface Case extends Partial<RunOptions> {
  readonly news?: readonly RunResult[];
}

/** One run of the digest, in this process. */
async function run(given: Case = {}): Promise<RunReport & { problems: string[] }> {
  const { news = [result('r1')], ...options } = given;
  const problems: string[] = [];
  const all: RunOptions = {
    state: statePath(),
    to: ABC,
    from: FROM,
    since: '2026-11-17T00:00:00.000Z',
    seconds: 60,
    now: NOW,
    results: { list: async () => news },
    onProblem: (sentence) => problems.push(sentence),
    ...options,
  };
  return { ...(await runDigest(all, mailer(mail.url, all.from, all.seconds))), problems };
}

/** The command, beside this process: the servers answer from here. */
function start(...args: string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  const env = { ...cleanEnv(), SOUTHWELL_HOME: at(`home-${n}`), SOUTHWELL_SMTP: undefined };
  const child = spawn(process.execPath, [command, 'digest', ...args], { cwd: folder, env });
  const said = { out: '', err: '' };
  child.stdout.on('data', (d) => (said.out += d));
  child.stderr.on('data', (d) => (said.err += d));
  const outcome = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return { child, outcome };
}

/** The same in this process. */
async function digest(...args: string[]): Promise<Outcome> {
  vi.stubEnv('SOUTHWELL_HOME', at(`home-${n}`)).stubEnv('SOUTHWELL_SMTP', undefined);
  try {
    return await here(['digest', ...args]);
  } finally {
    vi.unstubAllEnvs();
  }
}

/** The parts of a mail as text. */
function read(raw: string): { headers: Map<string, string>; text: string; html: string } {
  const [head, ...rest] = raw.split('\r\n\r\n');
  const unfold = (lines: string) =>
    new Map(
      lines
        .replace(/\r\n[ \t]+/g, ' ')
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
  const headers = unfold(head);
  const boundary = headers.get('content-type')!.match(/boundary="?([^";]+)/)![1];
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`);
  const part = (type: string) => {
    const [partHead, ...body] = parts
      .find((p) => p.includes(`Content-Type: ${type}`))!
      .trimStart()
      .split('\r\n\r\n');
    const encoded = body.join('\r\n\r\n');
    const encoding = unfold(partHead).get('content-transfer-encoding');
    if (encoding === 'base64') return Buffer.from(encoded, 'base64').toString();
    if (encoding !== 'quoted-printable') return encoded;
    const bytes = encoded
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString();
  };
  return { headers, text: part('text/plain').replaceAll('\r\n', '\n'), html: part('text/html') };
}

describe('what a mail has', () => {
  test('text and HTML with papers, verdicts and the field, closest first', async () => {
    const near = `${records[16].title}: ${records[16].summary}`;
    field.entries = [
      paper(
        '2611.00002',
        'Graphs &lt;b&gt; and\n  sparse <![CDATA[<script>alert(1)</script>]]>',
        '2026-11-22T00:00:00Z',
        'A sparse graph.',
      ),
      paper('2611.00001', 'Causal graphs &#233;', '2026-11-20T00:00:00Z', near),
      paper('2611.00003', 'Zzyzx qwerty', '2026-11-22T00:00:00Z', 'Xyzzy.'),
      paper('2610.00009', 'Sparse but old', '2026-10-01T00:00:00Z', near),
      paper(records[16].arxiv!, 'One of ours', '2026-11-22T00:00:00Z', near),
    ];
    const r = await run({
      to: ['a@example.org'],
      site: 'https://bench.example',
      field: { arxiv: field.url, query: 'cat:math.OC', closeness: 0.1 },
      news: [result('older', '2026-11-22T00:00:00Z'), result('newer'), result('ancient', '2026-01-01T00:00:00Z')],
    });
    expect(r).toEqual({ mailed: 1, nothingNew: 0, left: [], refused: 0, problems: [] });
    expect(Object.fromEntries(field.asked[0].searchParams)).toMatchObject({
      search_query: 'cat:math.OC',
      sortBy: 'submittedDate',
      sortOrder: 'descending',
    });
    const { headers, text, html } = read(mail.received[0].raw);
    expect(headers.get('subject')).toBe(`southwell: 2 new verdicts, ${BEGAN}, 2 new papers in the field`);
    expect(headers.get('to')).toBe('a@example.org');
    expect(headers.get('from')).toMatch('digest@example.org');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    const flat = text.replace(/\s+/g, ' ');
    expect(flat).toMatch(records[0].title);
    expect(flat).toMatch('https://bench.example/papers/01-bcd-faster');
    // What was measured, and the claim as far as two lines have room.
    const [, claim] = /partly at quick size: distance 2 \(bar ≤ 3\)\. (.*?)…/.exec(flat)!;
    expect(claim.length).toBeGreaterThan(40);
    expect(records[16].claims[0].sentence.startsWith(claim)).toBe(true);
    expect(flat.indexOf('New verdicts')).toBeLessThan(flat.indexOf('Papers that began to run'));
    // Of the claims of the result, and of all, those of the release among them.
    const released = await releasedOf(17);
    const all = paperStanding(records[16], releasedRuns(released), released).tally.text;
    expect(flat).toContain(`newer: 1 of 1 partly holds · quick · seed 1 (all claims: ${all})`);
    expect(flat).not.toMatch('ancient');
    expect(flat.indexOf('older')).toBeLessThan(flat.indexOf('newer'));
    expect(flat.indexOf('Causal graphs é')).toBeLessThan(flat.indexOf('<script>'));
    expect(flat.indexOf('Causal graphs é')).toBeGreaterThan(0);
    expect(flat).toMatch(`Ada & Co. 2026-11-20. Close to "${records[16].title}"`);
    for (const absent of ['Zzyzx', 'Sparse but old', 'One of ours']) expect(flat).not.toMatch(absent);
    expect(html).not.toMatch('<script>');
    expect(html).toMatch('&lt;script&gt;alert(1)');
    expect(html).toMatch('<a href="http://arxiv.org/abs/2611.00001v1">Causal graphs é</a>');
  });

  test('two lines at most of each; every address is a link; without a site papers lead to arXiv', async () => {
    const many = (['holds', 'holds', 'does not hold', 'partly'] as const).map((outcome) => ({
      ...result('x').verdicts[0],
      outcome,
    }));
    await run({ to: ['a@example.org'], news: [{ ...result('many'), verdicts: many }] });
    const { text, html } = read(mail.received[0].raw);
    const { arxiv, title } = records[16];
    for (const block of text.split('\n\n').slice(0, -1)) {
      const rows = block.split('\n').filter((line) => /^ {2}(?!http)/.test(line));
      expect(rows.length, block).toBeLessThanOrEqual(2);
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(76);
    }
    // What does not hold comes first, what holds is left out.
    expect(text).toMatch(
      /\n {2}does not hold at quick size: .*\n {2}partly at quick size: .*\n {2}https:\/\/arxiv.org\/abs\//,
    );
    expect(html).toContain(`<a href="https://arxiv.org/abs/${arxiv}">${title}, many`);
    const shown = html.replace(/<style>[\s\S]*<\/style>|<title>.*<\/title>/g, '');
    const words = shown.replace(/<a [^>]*>[\s\S]*?<\/a>/g, '').replace(/<[^>]*>/g, '');
    expect(words).not.toMatch(/https?:|\w@\w/);
    expect(html).toContain('<a href="mailto:digest@example.org">digest@example.org</a>');
  });

  test('papers of the field that are less close than asked are left out', async () => {
    field.entries = [
      paper('1', 'Sparse graphs', '2026-11-22T00:00:00Z'),
      paper('2', 'Graphs of trade in the Baltic', '2026-11-22T00:00:00Z'),
    ];
    const closeOnes = async (closeness: number) => {
      await run({
        to: ['a@example.org'],
        state: at(`close-${closeness}.json`),
        field: { arxiv: field.url, query: 'x', closeness },
      });
      const { text } = read(mail.received.pop()!.raw);
      return Array.from(text.matchAll(/Close to "[^"]*"\s+\(([\d.]+)\)/g), ([, digits]) => Number(digits));
    };
    const [first, second] = await closeOnes(0);
    expect(first).toBeGreaterThan(second);
    expect(await closeOnes((first + second) / 2)).toEqual([first]);
    expect(await closeOnes(1)).toEqual([]);
  });

  test('links of a feed that are no web addresses are left out', async () => {
    const entry = paper('x', 'Sparse graphs', '2026-11-22T00:00:00Z').replaceAll(
      /http:\/\/arxiv.org\/abs\/xv1/g,
      'javascript:alert(1)',
    );
    field.entries = [entry];
    await run({ to: ['a@example.org'], field: { arxiv: field.url, query: 'x', closeness: 0.1 } });
    expect(mail.received[0].raw).not.toMatch('javascript:');
  });

  test('a long first digest is cut, and says so', async () => {
    await run({ to: ['a@example.org'], news: Array.from({ length: 60 }, (_, i) => result(`r${i}`)) });
    const { headers, text } = read(mail.received[0].raw);
    expect(headers.get('subject')).toMatch('60 new verdicts');
    expect(text).toMatch('and 10 more');
  });
});

describe('nobody twice, nobody lost', () => {
  test('the same again is sent to nobody; what is new to everybody, once', async () => {
    expect(await run()).toMatchObject({ mailed: 3, left: [] });
    expect(mail.take()).toEqual(ABC);
    expect(await run()).toMatchObject({ mailed: 0, nothingNew: 3, left: [] });
    expect(mail.take()).toEqual([]);
    // A result that turns up late is new, whatever its date.
    expect(await run({ news: [result('r1'), result('late', '2020-01-01T00:00:00Z')] })).toMatchObject({ mailed: 3 });
    expect(mail.received.every((m) => /1 new verdict$/m.test(m.raw) && !/began to run/.test(m.raw))).toBe(true);
  });

  test.each(['silent', 'cut', 'rcpt-450', 'rcpt-550', 'data-452', 'data-554'] as const)(
    'b: %s; the others get theirs, b the same and the new with the next run',
    async (fault) => {
      mail.faults.set(ABC[1], fault);
      // Long enough for the others on a busy machine.
      const patience = fault === 'silent' ? { seconds: 3 } : {};
      const r = await run(patience);
      expect(r).toMatchObject({ mailed: 2, nothingNew: 0, left: [{ address: ABC[1] }] });
      expect(r.refused).toBe(/-5/.test(fault) ? 1 : 0);
      expect(mail.take()).toEqual([ABC[0], ABC[2]]);
      // Again refused: counted on. Silence is not waited for twice.
      if (fault !== 'silent') {
        const again = await run();
        expect(again).toMatchObject({ mailed: 0, nothingNew: 2, refused: r.refused });
        if (r.refused > 0) expect(again.left[0].why).toMatch('refused 2 times in a row');
      }
      mail.faults.clear();
      expect(await run({ news: [result('r1'), result('r2')] })).toMatchObject({ mailed: 3, left: [], refused: 0 });
      const raw = new Map(mail.received.map((m) => [m.to, read(m.raw).headers.get('subject')]));
      expect(raw.get(ABC[0])).toBe('southwell: 1 new verdict');
      expect(raw.get(ABC[1])).toBe(`southwell: 2 new verdicts, ${BEGAN}`);
      mail.take();
      expect(await run({ news: [result('r1'), result('r2')] })).toMatchObject({ mailed: 0, nothingNew: 3 });
    },
  );

  test('papers of the field that did not reach somebody are in the next mail, though the interface lists others by then', async () => {
    const query = { arxiv: field.url, query: 'x', closeness: 0.1 };
    field.entries = [paper('1', 'Sparse graphs', '2026-11-22T00:00:00Z')];
    mail.faults.set(ABC[1], 'rcpt-450');
    await run({ field: query });
    mail.take();
    mail.faults.clear();
    field.entries = [paper('2', 'Sparse matrix completion', '2026-11-23T00:00:00Z')];
    await run({ field: query });
    const text = new Map(mail.received.map((m) => [m.to, read(m.raw).text]));
    expect(text.get(ABC[0])).not.toMatch('Sparse graphs');
    expect(text.get(ABC[0])).toMatch('Sparse matrix completion');
    expect(text.get(ABC[1])).toMatch('Sparse graphs');
    expect(text.get(ABC[1])).toMatch('Sparse matrix completion');
  });

  test('a second version of a paper is no new paper', async () => {
    const query = { arxiv: field.url, query: 'x', closeness: 0.1 };
    field.entries = [paper('2611.1', 'Sparse graphs', '2026-11-22T00:00:00Z')];
    await run({ field: query });
    field.entries = [field.entries[0].replaceAll('v1', 'v2')];
    expect(await run({ field: query })).toMatchObject({ mailed: 0, nothingNew: 3 });
  });

  test('whoever was never reached has not missed what came meanwhile', async () => {
    mail.faults.set('a@example.org', 'rcpt-450');
    await run({ to: ['a@example.org'] });
    mail.faults.clear();
    // Two months later the first news are older than what a newcomer would get; r10 turns up late.
    const later = { now: new Date('2027-01-24T00:00:00Z'), since: '2027-01-17T00:00:00.000Z' };
    await run({
      to: ['a@example.org', 'new@example.org'],
      ...later,
      news: [result('r1'), result('r9', '2027-01-20T00:00:00Z'), result('r10', '2026-02-01T00:00:00Z')],
    });
    const subjects = new Map(mail.received.map((m) => [m.to, read(m.raw).headers.get('subject')]));
    expect(subjects.get('a@example.org')).toBe(`southwell: 3 new verdicts, ${BEGAN}`);
    expect(subjects.get('new@example.org')).toBe('southwell: 1 new verdict');
  });

  test('half an answer to the data is no acceptance', async () => {
    const half = createServer((socket) => {
      let data = false;
      socket.write('220 half\r\n');
      socket.on('error', () => {});
      socket.on('data', (d) => {
        if (data && String(d).endsWith('\r\n.\r\n')) socket.end('2');
        else if (/^DATA/i.test(String(d))) {
          data = true;
          socket.write('354 go on\r\n');
        } else if (!data) socket.write('250 ok\r\n');
      });
    });
    await new Promise<void>((resolve) => half.listen(0, '127.0.0.1', resolve));
    const url = `smtp://127.0.0.1:${(half.address() as { port: number }).port}`;
    const send = mailer(url, FROM, 0.5);
    expect(await send({ to: 'a@example.org', subject: 's', text: 't' })).toMatchObject({ kind: 'temporary' });
    half.close();
  });

  test('no server: everybody is left, and it is tried once only', async () => {
    const all = { state: statePath(), to: ABC, from: FROM, since: '2026-01-01', seconds: 0.5, now: NOW };
    const gone = mailer('smtp://127.0.0.1:1', FROM, 0.5);
    let tries = 0;
    const counted: typeof gone = (m) => {
      tries++;
      return gone(m);
    };
    const r = await runDigest({ ...all, results: { list: async () => [] }, onProblem: () => {} }, counted);
    expect(r.left.map((l) => l.address)).toEqual(ABC);
    expect(r.left[0].why).toMatch('cannot be reached');
    expect(tries).toBe(1);
    expect(await run()).toMatchObject({ mailed: 3, left: [] });
  });

  test('killed between mails: the next run goes on where it was', async () => {
    const args = ['--no-arxiv', '--smtp', mail.url, '--from', FROM, ...ABC.flatMap((a) => ['--to', a])];
    const first = start(...args);
    mail.onRecipient = (address) => {
      if (address === ABC[1]) first.child.kill('SIGKILL');
    };
    expect((await first.outcome).code).toBe(null);
    expect(mail.take()).toEqual([ABC[0]]);
    mail.onRecipient = () => {};
    const { code, out, err } = await start(...args).outcome;
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toBe('Mailed 2; 1 had it all.\n');
    expect(mail.take()).toEqual([ABC[1], ABC[2]]);
    expect(readdirSync(at(`home-${n}`)).sort()).toEqual(['digest.json']);
  });

  test('Ctrl-C ends it after the mail that is under way', async () => {
    const args = ['--no-arxiv', '--smtp', mail.url, '--from', FROM, ...ABC.flatMap((a) => ['--to', a])];
    const first = start(...args);
    mail.onRecipient = async (address) => {
      if (address !== ABC[0]) return;
      first.child.kill('SIGINT');
      await new Promise((resolve) => first.child.stderr!.once('data', resolve));
    };
    const { code, out } = await first.outcome;
    expect(code).toBe(3);
    expect(out).toBe('Mailed 1; 2 left for the next run.\n');
    expect(mail.take()).toEqual([ABC[0]]);
  });

  test('two at once: the second is refused', async () => {
    let release = () => {};
    mail.onRecipient = () => new Promise<void>((resolve) => (release = resolve));
    const first = run({ seconds: 10 });
    while (mail.tried.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(run()).rejects.toThrow(/in use by process \d+/);
    mail.onRecipient = () => {};
    release();
    expect(await first).toMatchObject({ mailed: 3 });
    expect(mail.take()).toEqual(ABC);
  });

  test('a damaged state is told of, not taken for an empty one', async () => {
    for (const damaged of ['', '{', '{"version":1}', '[]']) {
      writeFileSync(statePath(), damaged);
      await expect(run()).rejects.toThrow(/repair it or move it away/);
      expect(readFileSync(statePath(), 'utf8')).toBe(damaged);
    }
    expect(mail.tried).toEqual([]);
  });
});

describe('papers of the field', () => {
  test('two versions of a paper are one', () => {
    const newer = paper('7', 'New', '2026-11-23').replaceAll('/7v1', '/7v2');
    const feed = `<feed><id>x</id>${newer}${paper('8', 'B', '2026-11-22')}${paper('7', 'Old', '2026-11-22')}</feed>`;
    expect(parseField(feed, 'x').map((p) => [p.id, p.title])).toEqual([
      ['7', 'New'],
      ['8', 'B'],
    ]);
  });

  test('a feed cut off anywhere is no feed', () => {
    const feed = `<?xml version="1.0"?><feed><id>x</id>${paper('1', 'A', '2026-11-22')}${paper('2', 'B', '2026-11-22')}</feed>`;
    expect(parseField(feed, 'x').map((p) => p.title)).toEqual(['A', 'B']);
    for (let end = 0; end < feed.length; end++) {
      expect(() => parseField(feed.slice(0, end), 'x'), feed.slice(0, end)).toThrow(FieldError);
    }
  });

  test.each(['silent', 'cut', 'half', 'status', 'no-feed', 'told', 'entities'] as const)(
    '%s: the digest goes without and says so; they come with the next',
    async (fault) => {
      const query = { arxiv: field.url, query: 'x', closeness: 0.1 };
      field.entries = [paper('1', 'Sparse graphs', '2026-11-22T00:00:00Z')];
      field.fault = fault;
      const r = await run({ field: query, ...(fault === 'silent' ? { seconds: 3 } : {}) });
      expect(r).toMatchObject({ mailed: 3, left: [] });
      expect(r.problems).toEqual([expect.stringMatching(/^Papers of the field are left out: .*\.$/)]);
      const { text, html } = read(mail.received[0].raw);
      for (const part of [text, html]) {
        expect(part.replace(/\s+/g, ' ')).toMatch(/Papers of the field are missing this time: .*127\.0\.0\.1/);
        expect(part).not.toMatch('Sparse graphs');
      }
      field.fault = undefined;
      mail.take();
      expect(await run({ field: query })).toMatchObject({ mailed: 3, problems: [] });
      expect(read(mail.received[0].raw).text).toMatch('Sparse graphs');
    },
  );
});

describe('subscribers', () => {
  const add = async (address: string) => Subscribers.subscribe(listPath(), address, NOW);

  test('a token never looks like an option, and the bare one of before still serves', async () => {
    let odd: string | undefined;
    for (let k = 0; odd === undefined; k++) {
      const { confirmToken } = await add(`k${k}@example.org`);
      expect(confirmToken).not.toMatch(/^-/);
      // 44 characters: a digest of 43 that begins with a hyphen, and the 't' before it. A digest may itself begin with 't-'.
      if (confirmToken.startsWith('t-') && confirmToken.length === 44) odd = confirmToken;
    }
    expect((await Subscribers.confirm(listPath(), odd, NOW)).state).toBe('confirmed');
    expect((await Subscribers.confirm(listPath(), odd.slice(1), NOW)).state).toBe('confirmed');
  });

  test('a token that begins like a mended one is its own', async () => {
    const [secret, address] = ['A'.repeat(43), 'a@example.org'];
    const tokenOf = (nonce: string) =>
      createHmac('sha256', Buffer.from(secret, 'base64url'))
        .update(`confirm\n${address}\n${nonce}`)
        .digest('base64url');
    let nonce = 0;
    while (!tokenOf(String(nonce)).startsWith('t-')) nonce++;
    const subscriber = { address, state: 'pending', date: NOW.toISOString(), nonce: String(nonce) };
    writeFileSync(listPath(), JSON.stringify({ version: 1, secret, subscribers: [subscriber] }));
    expect((await Subscribers.confirm(listPath(), tokenOf(String(nonce)), NOW)).state).toBe('confirmed');
  });

  test('only the confirmed ones are mailed, each with a way out that works', async () => {
    const { confirmToken } = await add('a@example.org');
    await add('pending@example.org');
    await Subscribers.confirm(listPath(), confirmToken, NOW);
    const options = { to: [], subscribers: listPath(), site: 'https://bench.example' };
    expect(await run(options)).toMatchObject({ mailed: 1 });
    const { headers, text, html } = read(mail.received[0].raw);
    expect(mail.take()).toEqual(['a@example.org']);
    const [, link, token] = headers
      .get('list-unsubscribe')!
      .match(/<(https:\/\/bench\.example\/unsubscribe\?token=([\w-]+))>/)!;
    expect(headers.get('list-unsubscribe')).toMatch(`<mailto:digest@example.org?subject=unsubscribe%20${token}>`);
    expect(headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(text).toMatch(link);
    expect(html).toMatch(`<a href="${link}">`);
    expect((await Subscribers.unsubscribe(listPath(), token, NOW)).address).toBe('a@example.org');
    // Once more is no error: mail programs and people both press.
    await Subscribers.unsubscribe(listPath(), token, NOW);
    expect(await run({ ...options, news: [result('r5')] })).toMatchObject({ mailed: 0, left: [] });
    expect(mail.tried).toEqual(['a@example.org']);
  });

  test('who asked for families gets news of these alone', async () => {
    const ask = async (address: string, families: readonly string[]) =>
      Subscribers.confirm(
        listPath(),
        (await Subscribers.subscribe(listPath(), address, NOW, families)).confirmToken,
        NOW,
      );
    await ask('graphs@example.org', ['structure-learning']);
    await ask('clusters@example.org', ['clustering']);
    const options = { to: [], subscribers: listPath() };
    expect(await run(options)).toMatchObject({ mailed: 2 });
    const of = new Map(mail.received.map((m) => [m.to, read(m.raw).text.replace(/\s+/g, ' ')]));
    const clusters = records.find((r) => r.family === 'clustering' && stateOf(r) === 'runs')!;
    expect(of.get('graphs@example.org')).toMatch('New verdicts');
    expect(of.get('graphs@example.org')).toMatch('You subscribed to this digest of structure-learning.');
    expect(of.get('graphs@example.org')).not.toMatch(clusters.title);
    expect(of.get('clusters@example.org')).toMatch(clusters.title);
    expect(of.get('clusters@example.org')).not.toMatch('New verdicts');
    mail.take();
    // What is not for them is not kept for later either.
    expect(await run({ ...options, news: [result('r1'), result('r2')] })).toMatchObject({ mailed: 1, nothingNew: 1 });
    expect(mail.take()).toEqual(['graphs@example.org']);
  });

  test('families of who has not confirmed can be changed, and voids the token; of who has, not', async () => {
    const ask = (families: readonly string[]) => Subscribers.subscribe(listPath(), 'a@example.org', NOW, families);
    const first = await ask([]);
    expect((await ask([])).confirmToken).toBe(first.confirmToken);
    const second = await ask(['clustering']);
    await expect(Subscribers.confirm(listPath(), first.confirmToken, NOW)).rejects.toThrow('no token');
    expect(await Subscribers.confirm(listPath(), second.confirmToken, NOW)).toMatchObject({ families: ['clustering'] });
    expect((await ask([])).subscriber).toMatchObject({ state: 'confirmed', families: ['clustering'] });
  });

  test('whoever was asked and never confirmed is forgotten after a month', async () => {
    const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);
    const { confirmToken } = await add('confirmed@example.org');
    await Subscribers.confirm(listPath(), confirmToken, NOW);
    const old = await add('old@example.org');
    await Subscribers.subscribe(listPath(), 'young@example.org', later(5));
    await Subscribers.subscribe(listPath(), 'new@example.org', later(31));
    const list = Subscribers.read(listPath())!;
    const states = ['confirmed', 'old', 'young', 'new'].map((name) => list.find(`${name}@example.org`)?.state);
    expect(states).toEqual(['confirmed', undefined, 'pending', 'pending']);
    await expect(Subscribers.confirm(listPath(), old.confirmToken, later(31))).rejects.toThrow('no token');
  });

  test('without https there is no one-click header', async () => {
    const { confirmToken } = await add('a@example.org');
    await Subscribers.confirm(listPath(), confirmToken, NOW);
    await run({ to: [], subscribers: listPath(), site: 'http://bench.example' });
    const { headers } = read(mail.received[0].raw);
    expect(headers.get('list-unsubscribe')).toMatch(/^<mailto:/);
    expect(headers.has('list-unsubscribe-post')).toBe(false);
  });

  test('whoever leaves while others are mailed is not mailed any more', async () => {
    for (const address of ABC) await Subscribers.confirm(listPath(), (await add(address)).confirmToken, NOW);
    const list = Subscribers.read(listPath())!;
    mail.onRecipient = async (address) => {
      if (address === ABC[0])
        await Subscribers.unsubscribe(listPath(), list.token('unsubscribe', list.find(ABC[1])!), NOW);
    };
    expect(await run({ to: [], subscribers: listPath() })).toMatchObject({ mailed: 2, left: [] });
    expect(mail.take()).toEqual([ABC[0], ABC[2]]);
  });

  test('tokens are of one person and one purpose; an old one confirms nothing', async () => {
    const a = await add('a@example.org');
    const b = await add('b@example.org');
    const list = Subscribers.read(listPath())!;
    const out = list.token('unsubscribe', a.subscriber);
    expect(new Set([a.confirmToken, b.confirmToken, out]).size).toBe(3);
    const flipped = `${a.confirmToken.slice(0, -2)}${a.confirmToken.at(-2) === 'A' ? 'B' : 'A'}${a.confirmToken.slice(-1)}`;
    for (const wrong of ['', 'x', out, flipped, `${a.confirmToken}A`]) {
      await expect(Subscribers.confirm(listPath(), wrong, NOW)).rejects.toThrow('no token');
    }
    await expect(Subscribers.unsubscribe(listPath(), a.confirmToken, NOW)).rejects.toThrow('no token');
    await Subscribers.confirm(listPath(), a.confirmToken, NOW);
    await Subscribers.unsubscribe(listPath(), out, NOW);
    await expect(Subscribers.confirm(listPath(), a.confirmToken, NOW)).rejects.toThrow('no token');
    const again = await add('A@EXAMPLE.org');
    expect(again.subscriber.state).toBe('pending');
    await expect(Subscribers.confirm(listPath(), a.confirmToken, NOW)).rejects.toThrow('no token');
    await Subscribers.confirm(listPath(), again.confirmToken, NOW);
    expect(Subscribers.read(listPath())!.confirmed.map((s) => s.address)).toEqual(['A@EXAMPLE.org']);
  });

  test('the file is for its owner alone; many at once lose nobody', async () => {
    const addresses = Array.from({ length: 12 }, (_, i) => `p${i}@example.org`);
    await Promise.all(addresses.map(add));
    expect(statSync(listPath()).mode & 0o777).toBe(0o600);
    const list = Subscribers.read(listPath())!;
    expect(addresses.filter((a) => list.find(a) === undefined)).toEqual([]);
  });

  test('the lock of a process that died is taken over', async () => {
    const { child, outcome } = start('--help');
    await outcome;
    for (const pid of [child.pid!, process.pid]) {
      writeFileSync(`${listPath()}.lock`, String(pid));
      await add(`after-${pid}@example.org`);
    }
    expect(readdirSync(folder).filter((name) => name.includes('.lock'))).toEqual([]);
    writeFileSync(`${listPath()}.lock`, 'no process');
    await expect(run({ state: listPath() })).rejects.toThrow(/is in use\. If no southwell digest is running, remove/);
    rmSync(`${listPath()}.lock`);
  });

  test.each([
    '',
    'a',
    'a@',
    '@b',
    'a b@c',
    'a@b\r\nBcc: x@y',
    'a@b, c@d',
    'A <a@b>',
    '"a"@b',
    'a@b..c',
    `${'a'.repeat(300)}@b`,
  ])('%j is no address', async (text) => {
    await expect(add(text)).rejects.toThrow('is not a mail address');
  });
});

describe('the command', () => {
  test('subscribe, confirm, digest, unsubscribe', async () => {
    const smtp = ['--smtp', mail.url, '--from', FROM];
    expect(await digest('subscribe', 'me@example.org', ...smtp, '--site', 'https://bench.example')).toEqual({
      code: 0,
      out: 'A confirmation mail was sent to me@example.org.\n',
      err: '',
    });
    const token = read(mail.received[0].raw).text.match(/confirm\?token=([\w-]+)/)![1];
    mail.take();
    expect(await digest(...smtp, '--no-arxiv')).toMatchObject({ code: 0, out: 'Mailed 0.\n' });
    expect(await digest('confirm', token)).toMatchObject({ code: 0, out: 'me@example.org is subscribed.\n' });
    const { out, err, code } = await digest('--dry-run', '--no-arxiv');
    expect([code, err]).toEqual([0, '']);
    expect(out.startsWith(`To: me@example.org\nSubject: southwell: ${BEGAN}\n`)).toBe(true);
    expect(mail.tried).toEqual(['me@example.org']);
    expect(await digest(...smtp, '--no-arxiv')).toMatchObject({ code: 0, out: 'Mailed 1.\n' });
    const leave = read(mail.received[0].raw)
      .text.replace(/\s+/g, ' ')
      .match(/"unsubscribe ([\w-]+)"/)![1];
    expect(await digest('unsubscribe', leave)).toMatchObject({ code: 0 });
    const forced = await digest(...smtp, '--no-arxiv', '--to', 'me@example.org');
    expect(forced).toMatchObject({
      code: 2,
      err: 'southwell: me@example.org has unsubscribed and is not written to.\n',
    });
  });

  test('somebody left is code 3, told by name', async () => {
    mail.faults.set('b@example.org', 'rcpt-550');
    const args = ['--no-arxiv', '--smtp', mail.url, '--to', 'a@example.org,b@example.org'];
    const { code, out, err } = await digest(...args);
    expect(code).toBe(3);
    expect(out).toBe('Mailed 1; 1 left for the next run.\n');
    expect(err).toMatch(/b@example\.org: 550 rcpt-550/);
    expect(err).toMatch(/Rejected permanently \(5xx\): 1 of them/);
  });

  test.each([
    [['--to', 'a@b.c'], /--smtp/],
    [['--to', 'nobody', '--smtp', 'smtp://x'], /is not a mail address/],
    [[], /There are no recipients/],
    [['--to', 'a@b.c', '--smtp', 'http://secret:password@x'], /smtp:\/\/user:password@host/],
    [['--to', 'a@b.c', '--smtp', 'smtp://x', '--since', 'tuesday'], /--since must be a date/],
    [['--to', 'a@b.c', '--smtp', 'smtp://x', '--site', 'file:///x'], /--site must be an address/],
    [['--to', 'a@b.c', '--smtp', 'smtp://x', '--timeout', '0'], /above 0/],
    [['confirm', 'x'], /no token/],
    [['subscribe', 'a@b.c', '--families', 'clusterin'], /There is no family "clusterin"; did you mean "clustering"\?/],
    [['--to', 'a@b.c', '--smtp', 'smtp://x', '--closeness', '2'], /from 0 to 1/],
    [['frobnicate'], /too many arguments|unknown command/],
  ])('%j is refused in a sentence, code 2', async (args, sentence) => {
    const { code, out, err } = await digest(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/secret|Internal error/);
  });
});
