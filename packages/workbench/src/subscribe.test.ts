import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Desk } from './subscribe.ts';

const SITE = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };

function request(email: string, client = '192.0.2.1', headers: object = SITE): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: client });
  const message = new IncomingMessage(socket);
  message.headers = { ...headers };
  message.push(JSON.stringify({ email }));
  message.push(null);
  return message;
}

function desk() {
  const mailed: string[] = [];
  const clock = { now: 0 };
  const subscribe = async (email: string) => (email === 'none' ? 'It is none.' : void mailed.push(email));
  const of = new Desk({ confirm: async () => true, unsubscribe: async () => true, subscribe }, () => clock.now);
  const ask = async (...of_: Parameters<typeof request>) => (await of.take(request(...of_))).status;
  return { mailed, clock, ask };
}

test('one mail an hour for a box, however it is spelt; what is no address does not count', async () => {
  const { mailed, clock, ask } = desk();
  for (let k = 0; k < 40; k++) expect(await ask('none')).toBe(400);
  for (const email of ['a.b@c.de', 'A.B@c.de', ' ab@c.de ', 'ab+1@c.de', 'a.b+2+3@C.de']) {
    expect(await ask(email, `192.0.2.${mailed.length + 2}`)).toBe(200);
  }
  expect(mailed).toEqual(['a.b@c.de']);
  expect(await ask('ab@other.de')).toBe(200);
  clock.now += 3_600_000;
  expect(await ask('a.b@c.de')).toBe(200);
  expect(mailed).toEqual(['a.b@c.de', 'ab@other.de', 'a.b@c.de']);
});

test('a client that asks for many does not keep others out', async () => {
  const { mailed, clock, ask } = desk();
  for (let k = 0; k < 5; k++) expect(await ask(`${k}@b.c`)).toBe(200);
  expect(await ask('late@b.c')).toBe(429);
  expect(await ask('late@b.c', '192.0.2.2')).toBe(200);
  // Addresses of one network of IPv6 are one client; an IPv4 address within IPv6 is itself.
  for (let k = 0; k < 5; k++) expect(await ask(`six${k}@b.c`, `2001:db8:1:2::${k}`)).toBe(200);
  expect(await ask('seven@b.c', '2001:db8:1:2:3:4:5:6')).toBe(429);
  expect(await ask('seven@b.c', '2001:db8:1:3::1')).toBe(200);
  expect(await ask('eight@b.c', '::ffff:192.0.2.1')).toBe(429);
  expect(mailed).toHaveLength(12);
  clock.now += 3_600_000;
  expect(await ask('late2@b.c')).toBe(200);
});

test('only pages of this site can ask', async () => {
  const { mailed, ask } = desk();
  const json = { 'content-type': 'application/json', host: 'digest.example:4747' };
  for (const proof of [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none', origin: 'http://digest.example:4747' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]) {
    expect(await ask('a@b.c', '192.0.2.1', { ...json, ...proof })).toBe(403);
  }
  expect(mailed).toEqual([]);
  expect(await ask('a@b.c', '192.0.2.1', { ...json, origin: 'http://digest.example:4747' })).toBe(200);
  expect(await ask('b@b.c', '192.0.2.1', { ...json, origin: 'https://digest.example:4747' })).toBe(200);
  expect(await ask('c@b.c', '192.0.2.1', { ...json, 'sec-fetch-site': 'same-origin' })).toBe(200);
});
