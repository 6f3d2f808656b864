import type { IncomingMessage } from 'node:http';
import type { Subscriptions } from './subscriptions.ts';

/**
 * `POST /api/subscribe`: only from a page of this server, and rate-limited, since each request sends a mail to the
 * given address.
 */

const MOST_BYTES = 4096;
const HOUR = 3_600_000;
/** Maximum number of mails per hour that one client may cause. */
const MOST_AN_HOUR = 5;

export interface Answer {
  readonly status: number;
  readonly said: { readonly message: string } | { readonly error: string };
}

const refused = (status: number, error: string): Answer => ({ status, said: { error } });

/** Handles requests to subscribe: at most one per hour for an address, and a few for a client. */
export class Desk {
  private asked: ReadonlyArray<{ readonly time: number; readonly client: string; readonly address: string }> = [];

  constructor(
    private readonly subscriptions: Subscriptions | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  get open(): boolean {
    return this.subscriptions?.subscribe !== undefined;
  }

  async take(request: IncomingMessage): Promise<Answer> {
    const subscribe = this.subscriptions?.subscribe;
    if (!subscribe) return refused(404, 'Nobody can subscribe here.');
    const { 'content-type': type = '' } = request.headers;
    // Pages of other sites can send forms or text, but not JSON, unless CORS allows it.
    if (!/^application\/json\s*(;|$)/i.test(type)) return refused(415, 'It must be application/json.');
    if (!ofThisSite(request)) return refused(403, 'Only a page of this site can ask.');
    const text = await bodyOf(request);
    if (text === undefined) return refused(413, `It must have at most ${MOST_BYTES} bytes.`);
    const asked = wishOf(text);
    if (!asked)
      return refused(400, 'It must be { "email": address, "families": [name, …] }; families can be left out.');
    const { email, families } = asked;

    const now = this.now();
    this.asked = this.asked.filter(({ time }) => time > now - HOUR);
    const [client, address] = [clientOf(request.socket.remoteAddress), foldedAddress(email)];
    if (!this.asked.some((one) => one.address === address)) {
      if (this.asked.filter((one) => one.client === client).length >= MOST_AN_HOUR) {
        return refused(429, 'You have asked too often in the last hour. Please come back later.');
      }
      const entry = { time: now, client, address };
      this.asked = [...this.asked, entry];
      const error = await subscribe(email, families);
      if (error !== undefined) {
        this.asked = this.asked.filter((one) => one !== entry);
        return refused(400, error);
      }
    }
    // The same answer for known addresses, so as not to reveal who is subscribed.
    const message = `If ${email.trim()} is not subscribed yet, a mail with a link to confirm is on its way there. Nothing else is sent before it is followed.`;
    return { status: 200, said: { message } };
  }
}

/**
 * Whether a page of this server sent the request: browsers say so in a header that scripts cannot set, older ones with
 * the origin.
 */
function ofThisSite({ headers }: IncomingMessage): boolean {
  const from = headers['sec-fetch-site'];
  if (from !== undefined) return from === 'same-origin';
  return headers.origin !== undefined && [`http://${headers.host}`, `https://${headers.host}`].includes(headers.origin);
}

/** A client by its address; of IPv6 by the network, within which addresses are free to choose. */
function clientOf(address = ''): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!mapped.includes(':')) return mapped;
  const [head, tail] = mapped.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(missing).fill('0')].slice(0, 4).join(':');
}

/** Spellings under which many providers deliver to the same box: without tags (+…) and dots, in lower case. */
function foldedAddress(email: string): string {
  const text = email.trim().toLowerCase();
  const at = text.lastIndexOf('@');
  return `${text.slice(0, Math.max(0, at)).replace(/\+.*$/, '').replaceAll('.', '')}${text.slice(at)}`;
}

/** The body as text; undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function wishOf(text: string): { readonly email: string; readonly families: readonly string[] } | undefined {
  try {
    const { email, families = [] } = JSON.parse(text) as { email?: unknown; families?: unknown };
    if (typeof email !== 'string' || !Array.isArray(families)) return undefined;
    return families.every((name) => typeof name === 'string') ? { email, families } : undefined;
  } catch {
    return undefined;
  }
}
