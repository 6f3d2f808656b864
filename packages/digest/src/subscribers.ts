import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, statSync } from 'node:fs';
import { failFile } from '@southwell/data/node';
import { RequestError } from '@southwell/tasks';
import { checkAddress, sameAddress } from './address.ts';
import { isObject, makeFolder, readJson, writeJson } from './files.ts';
import { withLock } from './lock.ts';

/**
 * Who gets the digest. Tokens are not stored but made from the address with a secret of the file (HMAC-SHA256), so that
 * reading an old mail is the only way to have one; they are compared in constant time.
 */

export interface Subscriber {
  readonly address: string;
  readonly state: 'pending' | 'confirmed' | 'unsubscribed';
  /** Of the latest change of state, ISO 8601. */
  readonly date: string;
  /** Changes with every subscription, so that an old token cannot confirm a new one. */
  readonly nonce: string;
  /** News of these families alone. */
  readonly families?: readonly string[];
}

interface SubscribersFile {
  readonly version: 1;
  readonly secret: string;
  readonly subscribers: readonly Subscriber[];
}

type Purpose = 'confirm' | 'unsubscribe';

const PATIENCE = 10_000;
/** How long a mail to confirm waits for its answer, at least. */
const PENDING_DAYS = 30;
const STATES = ['pending', 'confirmed', 'unsubscribed'];

export class Subscribers {
  private constructor(private readonly file: SubscribersFile) {}

  /** Reads the file; undefined where there is none. */
  static read(path: string): Subscribers | undefined {
    // An empty one has just been made, for its owner's eyes only.
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

  /** Never begins with a hyphen, for which a command would take it for an option. */
  token(purpose: Purpose, subscriber: Subscriber): string {
    return this.digest(purpose, subscriber).replace(/^-/, 't-');
  }

  private digest(purpose: Purpose, subscriber: Subscriber): string {
    // The way out stays open with the tokens of all mails that were ever sent.
    const parts = [purpose, sameAddress(subscriber.address), purpose === 'confirm' ? subscriber.nonce : ''];
    return createHmac('sha256', Buffer.from(this.file.secret, 'base64url'))
      .update(parts.join('\n'))
      .digest('base64url');
  }

  /** Whose token it is. Looks at all of them whatever it finds: how long it takes tells nothing. */
  private holder(purpose: Purpose, token: string): Subscriber | undefined {
    const given = Buffer.from(token);
    let found: Subscriber | undefined;
    for (const subscriber of this.file.subscribers) {
      // Mails of before carried the digest as it is, hyphen in front or not.
      for (const text of [this.token(purpose, subscriber), this.digest(purpose, subscriber)]) {
        const expected = Buffer.from(text);
        if (given.length === expected.length && timingSafeEqual(given, expected)) found = subscriber;
      }
    }
    return found;
  }

  /**
   * Adds a pending subscriber, or gives the one there is: unsubscribed ones become pending again, and so does who was asked and
   * now wants other families. Who has confirmed keeps theirs: anybody may ask in their name. No families: all.
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

  /** Throws a sentence for a token that is not, or no longer, one. */
  static confirm(path: string, token: string, now: Date): Promise<Subscriber> {
    return change(path, now, (all) => {
      const holder = all.holder('confirm', token);
      if (!holder || holder.state === 'unsubscribed') throw new RequestError('That is no token of a subscription.');
      const put =
        holder.state === 'pending' ? { ...holder, state: 'confirmed' as const, date: now.toISOString() } : holder;
      return { put, answer: put };
    });
  }

  /** Once or often, to the same end. Throws a sentence for a token that is none. */
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

  /** Without those who were asked long ago and never confirmed: nobody's address is kept for nothing. */
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
