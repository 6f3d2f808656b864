import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Subscribers } from '@southwell/digest';
import { expect, test } from 'vitest';
import { MailServer } from './commands/digest/testing.ts';
import { cleanEnv, command, workshop } from './testing.ts';

const { folder, at, here } = workshop();

/** The command on a free port; `stop` ends it as Ctrl-C does. */
async function serve(...args: string[]) {
  const env = { ...cleanEnv(), SOUTHWELL_HOME: folder, SOUTHWELL_SMTP: undefined };
  const child = spawn(process.execPath, [command, 'workbench', '--port', '0', ...args], { env, stdio: 'pipe' });
  const said = { out: '', err: '' };
  child.stderr.on('data', (d) => (said.err += d));
  const url = await new Promise<string>((resolve, reject) => {
    child.on('exit', () => reject(new Error(said.err)));
    child.stdout.on('data', (d) => {
      said.out += d;
      const found = said.out.match(/The workbench is at (http:\S+)/);
      if (found) resolve(found[1]);
    });
  });
  const stop = () => {
    const ended = new Promise((resolve) => child.on('exit', resolve));
    // npm passes on what the terminal has given already.
    child.kill('SIGINT');
    child.kill('SIGINT');
    return ended;
  };
  return { url, said, stop };
}

test('serves until Ctrl-C, which ends it cleanly', async () => {
  const { url, said, stop } = await serve();
  const page = await fetch(`${url}/papers/01-bcd-faster`);
  expect(page.status).toBe(200);
  expect(await page.text()).toMatch('<div id="app">');
  expect(await (await fetch(`${url}/api/results`)).json()).toEqual({ results: [] });
  expect(await stop()).toBe(0);
  expect(said.out).toMatch(/Stopped\.\n$/);
  expect(said.err).toBe('');
});

test('the links of the digest: opening one changes nothing, its button does', async () => {
  const list = at('subscribers.json');
  const state = () => JSON.parse(readFileSync(list, 'utf8')).subscribers[0].state;
  await here(['digest', 'subscribe', 'reader@example.org', '--subscribers', list]);
  const subscribers = Subscribers.read(list)!;
  const reader = subscribers.find('reader@example.org')!;
  const { url, stop } = await serve('--subscribers', list);
  const visit = async (
    purpose: 'confirm' | 'unsubscribe',
    method: string,
    token = subscribers.token(purpose, reader),
  ) => {
    const answer = await fetch(`${url}/${purpose}?token=${token}`, {
      method,
      body: method === 'POST' ? 'List-Unsubscribe=One-Click' : null,
    });
    return { status: answer.status, text: await answer.text() };
  };
  expect((await visit('confirm', 'GET')).text).toMatch(/<form method="post" action="\/confirm\?token=[\w-]+">/);
  expect(state()).toBe('pending');
  expect((await visit('confirm', 'POST', 'no-token')).status).toBe(404);
  expect((await visit('confirm', 'POST', '')).status).toBe(404);
  // A token is good for its own purpose alone.
  expect((await visit('confirm', 'POST', subscribers.token('unsubscribe', reader))).status).toBe(404);
  expect(state()).toBe('pending');
  expect((await visit('confirm', 'POST')).status).toBe(200);
  expect(state()).toBe('confirmed');
  expect((await visit('unsubscribe', 'GET', '"><script>')).text).not.toMatch('<script>');
  expect((await visit('unsubscribe', 'POST')).text).toMatch(/no more mails/);
  expect(state()).toBe('unsubscribed');
  // Again, to the same end; and the old confirmation does not bring anybody back.
  expect((await visit('unsubscribe', 'POST')).status).toBe(200);
  expect((await visit('confirm', 'POST')).status).toBe(404);
  expect((await fetch(`${url}/api/results`, { method: 'POST' })).status).toBe(405);
  await stop();
});

test('visitors subscribe where mail can be sent: a mail, a link, a button; who is known is not told', async () => {
  const list = at('asked.json');
  const mail = await MailServer.start();
  const { url, said, stop } = await serve(
    '--subscribers',
    list,
    '--smtp',
    mail.url,
    '--site',
    'https://bench.example/',
  );
  const ofPage = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' };
  const ask = async (body: unknown, headers: Record<string, string> = ofPage) => {
    const answer = await fetch(`${url}/api/subscribe`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, ...((await answer.json()) as { message?: string; error?: string }) };
  };
  const arrived = async () => {
    while (mail.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    return mail.received.splice(0)[0];
  };
  expect(await (await fetch(`${url}/api/subscribe`)).json()).toEqual({ open: true });
  const { status, message } = await ask({ email: 'me@example.org', families: ['clustering'] });
  expect([status, message]).toEqual([200, expect.stringMatching(/^If me@example\.org is not subscribed yet, a mail/)]);
  const { to, raw } = await arrived();
  expect(to).toBe('me@example.org');
  const whole = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  const token = /https:\/\/bench\.example\/confirm\?token=([\w-]+)/.exec(whole)![1];
  expect((await fetch(`${url}/confirm?token=${token}`, { method: 'POST' })).status).toBe(200);
  expect(Subscribers.read(list)!.confirmed).toMatchObject([{ address: 'me@example.org', families: ['clustering'] }]);
  // Again, and for somebody new: the same words; no second mail to the one who has it.
  expect((await ask({ email: 'ME@example.org' })).message).toMatch(/^If ME@example\.org is not subscribed yet, a mail/);
  await ask({ email: 'you@example.org' });
  expect((await arrived()).to).toBe('you@example.org');

  for (const [body, headers, code, sentence] of [
    [{ email: 'a@b\r\nBcc: c@d' }, undefined, 400, /not a mail address/],
    [{ email: 'x@example.org', families: ['clusterin'] }, undefined, 400, /did you mean "clustering"/],
    [{ email: ['x@example.org'] }, undefined, 400, /must be \{ "email"/],
    [{ email: 'x'.repeat(5000) }, undefined, 413, /at most 4096/],
    [{ email: 'x@example.org' }, { ...ofPage, 'Content-Type': 'text/plain' }, 415, /application\/json/],
    [{ email: 'x@example.org' }, { 'Content-Type': 'application/json' }, 403, /of this site/],
    [
      { email: 'x@example.org' },
      { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'cross-site' },
      403,
      /of this site/,
    ],
  ] as const) {
    const refused = await ask(body, headers);
    expect([refused.status, refused.error]).toEqual([code, expect.stringMatching(sentence)]);
  }
  expect(Subscribers.read(list)!.find('x@example.org')).toBeUndefined();
  expect(mail.tried).toEqual(['me@example.org', 'you@example.org']);
  await stop();
  expect(said.err).toBe('');
  await mail.close();
});

test('where no mail can be sent nobody can subscribe', async () => {
  const { url, stop } = await serve('--subscribers', at('closed.json'));
  expect(await (await fetch(`${url}/api/subscribe`)).json()).toEqual({ open: false });
  expect((await fetch(`${url}/api/subscribe`, { method: 'POST' })).status).toBe(405);
  await stop();
});

test('without --subscribers the links are pages like others, and nothing takes a POST', async () => {
  const { url, stop } = await serve();
  expect((await fetch(`${url}/unsubscribe?token=x`, { method: 'POST' })).status).toBe(405);
  await stop();
});

test.each([
  ['--port', 'x'],
  ['--port', '70000'],
  ['--host', '203.0.113.7'],
])('%s %s is refused in a sentence', async (...args) => {
  const { code, out, err } = await here(['workbench', ...args]);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(/^southwell: .*\.\n$/);
});
