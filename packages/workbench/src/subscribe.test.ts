import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Desk } from './subscribe.ts';

const request = (email: string): IncomingMessage => {
  const message = new IncomingMessage(new Socket());
  message.headers = { 'content-type': 'application/json' };
  message.push(JSON.stringify({ email }));
  message.push(null);
  return message;
};

test('one mail an hour for an address, thirty for all; what is no address does not count', async () => {
  const mailed: string[] = [];
  let now = 0;
  const subscribe = async (email: string) => (email === 'none' ? 'It is none.' : void mailed.push(email));
  const desk = new Desk({ confirm: async () => true, unsubscribe: async () => true, subscribe }, () => now);
  const ask = async (email: string) => (await desk.take(request(email))).status;
  for (let k = 0; k < 40; k++) expect(await ask('none')).toBe(400);
  for (const email of ['a@b.c', 'A@b.c', ' a@b.c ']) expect(await ask(email)).toBe(200);
  expect(mailed).toEqual(['a@b.c']);
  for (let k = 1; k < 30; k++) expect(await ask(`${k}@b.c`)).toBe(200);
  expect(await ask('late@b.c')).toBe(429);
  expect(mailed).toHaveLength(30);
  now += 3_600_000;
  expect(await ask('late@b.c')).toBe(200);
  expect(await ask('a@b.c')).toBe(200);
  expect(mailed.slice(30)).toEqual(['late@b.c', 'a@b.c']);
});
