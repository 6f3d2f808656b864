import { hostname } from 'node:os';
import { RequestError } from '@southwell/tasks';
import type { ResultStore } from '@southwell/workbench';
import { addressIn, sameAddress } from './address.ts';
import { writeJson } from './files.ts';
import { withLock } from './lock.ts';
import type { Mail, Send } from './mail.ts';
import { type Digest, type DigestOptions, digestMessage, messageId } from './message.ts';
import { newOfField, newVerdicts, runningPapers } from './news.ts';
import { type DigestState, type Item, pendingOf, progressOf, readState, withItems, withProgress } from './state.ts';
import { type Subscriber, Subscribers } from './subscribers.ts';

export interface RunOptions {
  readonly state: string;
  /** File of subscribers, if they should receive mails. */
  readonly subscribers?: string;
  /** Additional recipients, subscribed or not. */
  readonly to: readonly string[];
  readonly from: string;
  readonly site?: string;
  /** Undefined: without papers of the field. */
  readonly field?: { readonly arxiv: string; readonly query: string; readonly closeness: number };
  /** For recipients without an earlier digest: older items are omitted. */
  readonly since: string;
  /** Timeout for answers. */
  readonly seconds: number;
  readonly now: Date;
  readonly results: ResultStore;
  /** When aborted, no further mail is sent. */
  readonly signal?: AbortSignal;
  readonly onProblem: (sentence: string) => void;
}

export interface Left {
  readonly address: string;
  readonly why: string;
}

export interface RunReport {
  readonly mailed: number;
  /** Recipients without new items. */
  readonly nothingNew: number;
  /** Recipients who will get the same items with the next run. */
  readonly left: readonly Left[];
  /** How many of those were rejected permanently. */
  readonly refused: number;
}

// After this many timeouts in a row the server is at fault, not the recipients.
const SILENT = 3;

/**
 * Finds new items, adds them to the log, and mails every recipient those they have not received. Progress is saved
 * right after each accepted mail. Only one run at a time can hold the state. Throws a sentence if files cannot be read
 * or written.
 */
export async function runDigest(options: RunOptions, send: Send): Promise<RunReport> {
  return withLock(options.state, 0, async () => {
    let { state, problem } = await discover(options);
    const recipients = recipientsOf(options);
    for (const { address } of recipients) state = join(state, address, options.since);
    const save = () => writeJson(options.state, state);
    save();

    const left: Left[] = [];
    const counts = { mailed: 0, nothingNew: 0, refused: 0 };
    let silent = 0;
    let stopped: string | undefined;
    for (const recipient of recipients) {
      const { address } = recipient;
      const progress = progressOf(state, address)!;
      const items = pendingOf(state, progress).filter(wantedBy(recipient));
      if (options.signal?.aborted) stopped ??= 'stopped before it was tried';
      if (items.length === 0) {
        state = withProgress(state, address, { upTo: state.items.length });
        counts.nothingNew++;
        continue;
      }
      if (stopped) {
        left.push({ address, why: stopped });
        continue;
      }
      // The recipient may have unsubscribed while others were mailed.
      if (recipient.subscriber && !stillConfirmed(options, address)) continue;
      const delivery = await send(mailFor(recipient, items, options, problem));
      if (delivery.kind === 'accepted') {
        silent = 0;
        counts.mailed++;
        state = withProgress(state, address, { upTo: state.items.length });
      } else {
        let { why } = delivery;
        if (delivery.kind === 'permanent') {
          counts.refused++;
          const refused = (progress.refused ?? 0) + 1;
          state = withProgress(state, address, { ...progress, refused });
          if (refused > 1) why += ` (refused ${refused} times in a row)`;
        }
        left.push({ address, why });
        silent = delivery.silent ? silent + 1 : 0;
        if (delivery.kind === 'server' || silent >= SILENT) stopped = 'not tried, since the mail server failed';
      }
      save();
    }
    save();
    return { ...counts, left };
  });
}

/** The mails that {@link runDigest} would send; nothing is written. */
export async function previewDigest(options: RunOptions): Promise<Array<{ address: string; digest: Digest }>> {
  const { state, problem } = await discover(options);
  return recipientsOf(options).flatMap((recipient) => {
    const { address, subscriber } = recipient;
    const progress = progressOf(join(state, address, options.since), address)!;
    const items = pendingOf(state, progress).filter(wantedBy(recipient));
    return items.length === 0
      ? []
      : [{ address, digest: digestMessage(items, messageOptions(options, problem, subscriber)) }];
  });
}

/** The state including all new items. */
async function discover(options: RunOptions): Promise<{ state: DigestState; problem?: string }> {
  const state = readState(options.state);
  const verdicts = await newVerdicts(options.results);
  const field = options.field
    ? await newOfField(state, { ...options.field, since: options.since, seconds: options.seconds })
    : { items: [], looked: state.looked };
  if (field.problem) options.onProblem(`Papers of the field are left out: ${field.problem}.`);
  const items = [...runningPapers(options.now), ...verdicts, ...field.items];
  return { state: { ...withItems(state, items), looked: field.looked }, problem: field.problem };
}

const join = (state: DigestState, address: string, since: string): DigestState =>
  progressOf(state, address)
    ? state
    : withProgress(state, address, { upTo: 0, first: { before: state.items.length, since } });

interface Recipient {
  readonly address: string;
  /** With the token for unsubscribing. */
  readonly subscriber?: Subscriber & { readonly token: string };
}

/** Items without a family are for everybody. */
const wantedBy =
  ({ subscriber }: Recipient) =>
  ({ family }: Item): boolean =>
    subscriber?.families === undefined || family === undefined || subscriber.families.includes(family);

function recipientsOf(options: RunOptions): Recipient[] {
  const subscribers = options.subscribers === undefined ? undefined : Subscribers.read(options.subscribers);
  const recipients = new Map<string, Recipient>();
  for (const subscriber of subscribers?.confirmed ?? []) {
    const token = subscribers!.token('unsubscribe', subscriber);
    recipients.set(sameAddress(subscriber.address), {
      address: subscriber.address,
      subscriber: { ...subscriber, token },
    });
  }
  for (const address of options.to) {
    if (!recipients.has(sameAddress(address))) recipients.set(sameAddress(address), { address });
  }
  return [...recipients.values()];
}

const stillConfirmed = (options: RunOptions, address: string): boolean =>
  Subscribers.read(options.subscribers!)?.find(address)?.state === 'confirmed';

function mailFor(recipient: Recipient, items: readonly Item[], options: RunOptions, problem: string | undefined): Mail {
  const { address, subscriber } = recipient;
  const digest = digestMessage(items, messageOptions(options, problem, subscriber));
  return {
    to: address,
    ...digest,
    messageId: messageId(sameAddress(address), items, addressIn(options.from).split('@')[1]),
    headers: {
      // Prevents automatic replies (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      ...(subscriber && wayOut(options, subscriber.token)),
    },
  };
}

/**
 * One-click unsubscription if the site is reached by https, as RFC 8058 requires; in any case by mail to the sender
 * (RFC 2369).
 */
function wayOut({ from, site }: RunOptions, token: string): Record<string, string> {
  const mail = `<mailto:${addressIn(from)}?subject=unsubscribe%20${token}>`;
  if (!site?.startsWith('https://')) return { 'List-Unsubscribe': mail };
  return {
    'List-Unsubscribe': `<${unsubscribeLink(site, token)}>, ${mail}`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

const unsubscribeLink = (site: string, token: string): string => `${site}/unsubscribe?token=${token}`;

function messageOptions(
  options: RunOptions,
  problem: string | undefined,
  subscriber: Recipient['subscriber'],
): DigestOptions {
  const { site } = options;
  const from = addressIn(options.from);
  const ways = subscriber
    ? [
        { text: `You subscribed to this digest${subscriber.families ? ` of ${subscriber.families.join(', ')}` : ''}.` },
        site
          ? { text: `No more of these: ${unsubscribeLink(site, subscriber.token)}` }
          : {
              text: `No more of these: answer with the subject "unsubscribe ${subscriber.token}".`,
              link: `mailto:${from}?subject=unsubscribe%20${subscriber.token}`,
            },
      ]
    : [{ text: `You get this since ${from} sends it to you. No more of these: answer and say so.` }];
  return { site, problem, ways };
}

/** Throws a sentence if a recipient has unsubscribed. */
export function checkRecipients(to: readonly string[], subscribers: Subscribers | undefined): void {
  for (const address of to) {
    if (subscribers?.find(address)?.state === 'unsubscribed') {
      throw new RequestError(`${address} has unsubscribed and is not written to.`);
    }
  }
}

export const defaultSender = (): string => `southwell <southwell@${hostname()}>`;
