import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, statSync } from 'node:fs';
import { failFile } from '@southwell/data/node';
import { RequestError } from '@southwell/tasks';
import { checkAddress, sameAddress } from './address.ts';
import { isObject, makeFolder, readJson, writeJson } from './files.ts';
import { withLock } from './lock.ts';

/**
 * The recipients of the digest. Tokens are not stored but derived from the address with a secret in the file
 * (HMAC-SHA256), so that they can only be obtained from a received mail; they are compared in constant time.
 */

export interface Subscriber {
  readonly address: string;
  readonly state: 'pending' | 'confirmed' | 'unsubscribed';
  /** Date of the latest change of state, ISO 8601. */
  readonly date: string;
  /** Changes with every subscription, so that an old token cannot confirm a new one. */
  readonly nonce: string;
  /** Only items of these families. */
  readonly families?: readonly string[];
}

interface SubscribersFile {
  readonly version: 1;
  readonly secret: string;
  readonly subscribers: readonly Subscriber[];
}

type Purpose = 'confirm' | 'unsubscribe';

const PATIENCE = 10_000;
/** Minimum number of days for which an unconfirmed subscription is kept. */
const PENDING_DAYS = 30;
const STATES = ['pending', 'confirmed', 'unsubscribed'];

export class Subscribers {
  private constructor(private readonly file: SubscribersFile) {}

  /** Reads the file; undefined if there is none. */
  static read(path: string): Subscribers | undefined {
    // An empty file has just been created with restricted permissions.
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) return undefined;
    const file = readJson(path, isSubscribersFile);
    return file && new Subscribers(file);
  }

  get confirmed(): readonly Subscriber[] {
    return this.file.subscribers.filter((s) => s.state === 'confirmed');
  }

  find(address: string): Subscriber | undefined {
    return this.file.subscribers.find((s) => sameAddress(s.address) === sameAddress(address));
  }

  /** Never begins with a hyphen, or a command would parse it as an option. */
  token(purpose: Purpose, subscriber: Subscriber): string {
    return this.digest(purpose, subscriber).replace(/^-/, 't-');
  }

  private digest(purpose: Purpose, subscriber: Subscriber): string {
    // Unsubscribing works with the tokens of all mails ever sent.
    const parts = [purpose, sameAddress(subscriber.address), purpose === 'confirm' ? subscriber.nonce : ''];
    return createHmac('sha256', Buffer.from(this.file.secret, 'base64url'))
      .update(parts.join('\n'))
      .digest('base64url');
  }

  /** The subscriber with that token. Compares with all of them, so that the duration reveals nothing. */
  private holder(purpose: Purpose, token: string): Subscriber | undefined {
    const given = Buffer.from(token);
    let found: Subscriber | undefined;
    for (const subscriber of this.file.subscribers) {
      // Earlier mails contained the plain HMAC, possibly with a leading hyphen.
      for (const text of [this.token(purpose, subscriber), this.digest(purpose, subscriber)]) {
        const expected = Buffer.from(text);
        if (given.length === expected.length && timingSafeEqual(given, expected)) found = subscriber;
      }
    }
    return found;
  }

  /**
   * Adds a pending subscriber, or returns the existing one. Unsubscribed ones become pending again, and so do pending
   * ones that now request other families. Confirmed ones keep their families, since anybody may submit their address.
   * No families: all.
   */
  static subscribe(
    path: string,
    text: string,
    now: Date,
    families: readonly string[] = [],
  ): Promise<{ subscriber: Subscriber; confirmToken: string }> {
    const address = checkAddress(text);
    const wanted = families.length > 0 ? { families: [...new Set(families)].sort() } : {};
    return change(path, now, (all) => {
      const known = all.find(address);
      const same = JSON.stringify(known?.families) === JSON.stringify(wanted.families);
      const subscriber =
        known && (known.state === 'confirmed' || (known.state === 'pending' && same))
          ? known
          : {
              address,
              state: 'pending' as const,
              date: now.toISOString(),
              nonce: randomBytes(16).toString('base64url'),
              ...wanted,
            };
      return { put: subscriber, answer: { subscriber, confirmToken: all.token('confirm', subscriber) } };
    });
  }

  /** Throws a sentence for an invalid or expired token. */
  static confirm(path: string, token: string, now: Date): Promise<Subscriber> {
    return change(path, now, (all) => {
      const holder = all.holder('confirm', token);
      if (!holder || holder.state === 'unsubscribed') throw new RequestError('That is no token of a subscription.');
      const put =
        holder.state === 'pending' ? { ...holder, state: 'confirmed' as const, date: now.toISOString() } : holder;
      return { put, answer: put };
    });
  }

  /** Idempotent. Throws a sentence for an invalid token. */
  static unsubscribe(path: string, token: string, now: Date): Promise<Subscriber> {
    return change(path, now, (all) => {
      const holder = all.holder('unsubscribe', token);
      if (!holder) throw new RequestError('That is no token of a subscriber.');
      const put =
        holder.state === 'unsubscribed'
          ? holder
          : { ...holder, state: 'unsubscribed' as const, date: now.toISOString() };
      return { put, answer: put };
    });
  }

  static empty(): Subscribers {
    return new Subscribers({ version: 1, secret: randomBytes(32).toString('base64url'), subscribers: [] });
  }

  /** Removes addresses that were not confirmed in time, as they must not be kept without need. */
  with(subscriber: Subscriber, now: Date): SubscribersFile {
    const late = now.getTime() - PENDING_DAYS * 86_400_000;
    const subscribers = this.file.subscribers.filter((s) => s.state !== 'pending' || Date.parse(s.date) >= late);
    const at = subscribers.findIndex((s) => sameAddress(s.address) === sameAddress(subscriber.address));
    return { ...this.file, subscribers: at < 0 ? [...subscribers, subscriber] : subscribers.with(at, subscriber) };
  }
}

/** Reads, changes one subscriber and writes, with the file locked. */
function change<T>(path: string, now: Date, work: (all: Subscribers) => { put: Subscriber; answer: T }): Promise<T> {
  return withLock(path, PATIENCE, () => {
    const all = Subscribers.read(path) ?? Subscribers.empty();
    const { put, answer } = work(all);
    makePrivate(path);
    writeJson(path, all.with(put, now));
    return answer;
  });
}

/** Makes the file, empty, for its owner alone, where there is none: it will hold a secret and addresses. */
function makePrivate(path: string): void {
  try {
    makeFolder(path);
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    failFile(error, path, 'written');
  }
}

function isSubscribersFile(value: unknown): value is SubscribersFile {
  return (
    isObject(value) &&
    value.version === 1 &&
    typeof value.secret === 'string' &&
    value.secret.length >= 43 &&
    Array.isArray(value.subscribers) &&
    value.subscribers.every(
      (s) =>
        isObject(s) &&
        typeof s.address === 'string' &&
        STATES.includes(s.state as string) &&
        typeof s.date === 'string' &&
        typeof s.nonce === 'string' &&
        (s.families === undefined ||
          (Array.isArray(s.families) && s.families.every((name: unknown) => typeof name === 'string'))),
    )
  );
}
