import {
  ARXIV,
  addressIn,
  checkAddress,
  checkFamilies,
  checkRecipients,
  confirmationMail,
  defaultSender,
  homeFile,
  mailer,
  previewDigest,
  type RunOptions,
  type RunReport,
  runDigest,
  Subscribers,
  siteOf,
  webAddress,
} from '@southwell/digest';
import { openStore } from '@southwell/papers/node';
import { count } from '@southwell/tasks';
import { EXIT, UsageError } from '../../errors.ts';
import pc from '../../terminal/colours.ts';
import { onInterrupt } from '../../terminal/interrupt.ts';
import { printable } from '../../text.ts';

export interface DigestOptions {
  readonly to?: readonly string[];
  readonly smtp?: string;
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly since?: string;
  readonly subscribers?: string;
  readonly state?: string;
  readonly arxiv?: string | false;
  readonly query: string;
  readonly closeness: number;
  readonly site?: string;
  readonly timeout: number;
}

const DAY = 86_400_000;
const FIRST_DAYS = 7;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const warn = (text: string): void => void process.stderr.write(`${pc.red('southwell:')} ${printable(text)}\n`);
const subscribersFile = (given: string | undefined): string => given ?? homeFile('subscribers.json');

/** Mails new items: exit code 0 if everybody has received them, 3 if somebody is left for the next run. */
export async function digestCommand(options: DigestOptions): Promise<number> {
  const now = new Date();
  const to = (options.to ?? []).map(checkAddress);
  // If recipients are given, only they get the digest; the list is then used only if it is also given.
  const list = options.subscribers ?? (to.length === 0 ? subscribersFile(undefined) : undefined);
  const known = list === undefined ? undefined : Subscribers.read(list);
  if (list !== undefined && !known) {
    throw new UsageError(`There are no recipients: there is no ${list}. Use --to, or southwell digest subscribe.`);
  }
  checkRecipients(to, known ?? Subscribers.read(subscribersFile(undefined)));
  const interrupt = new AbortController();
  const run: RunOptions = {
    state: options.state ?? homeFile('digest.json'),
    subscribers: list,
    to,
    from: options.from ?? defaultSender(),
    site: siteOf(options.site),
    field:
      options.arxiv === false
        ? undefined
        : {
            arxiv: webAddress(options.arxiv ?? ARXIV, '--arxiv'),
            query: options.query,
            closeness: options.closeness,
          },
    since: sinceOf(options.since, now),
    seconds: options.timeout,
    now,
    results: openStore(undefined, warn),
    signal: interrupt.signal,
    onProblem: warn,
  };
  addressIn(run.from);
  if (options.dryRun) return preview(run);
  if (options.smtp === undefined) throw new UsageError('Give the mail server: --smtp smtp://user:password@host:587');
  const send = mailer(options.smtp, run.from, options.timeout);
  const release = onInterrupt(() => {
    warn('Stopping after the current mail; press Ctrl-C again to stop at once.');
    interrupt.abort();
  });
  try {
    return told(await runDigest(run, send));
  } finally {
    release();
  }
}

async function preview(run: RunOptions): Promise<number> {
  const mails = await previewDigest(run);
  for (const { address, digest } of mails) {
    const text = digest.text.split('\n').map(printable).join('\n');
    say(`To: ${address}\nSubject: ${digest.subject}\n\n${text}`);
  }
  say(`${count(mails.length, 'mail')} would be sent. Nothing was sent or written.`);
  return EXIT.done;
}

function told({ mailed, nothingNew, left, refused }: RunReport): number {
  const parts = [
    `Mailed ${mailed}`,
    nothingNew > 0 && `${nothingNew} had it all`,
    left.length > 0 && `${left.length} left for the next run`,
  ];
  say(`${parts.filter(Boolean).join('; ')}.`);
  for (const { address, why } of left) warn(`${address}: ${why}`);
  if (refused > 0) warn(`Rejected permanently (5xx): ${refused} of them; check that they still exist.`);
  return left.length > 0 ? EXIT.stopped : EXIT.done;
}

type SubscribeOptions = Pick<DigestOptions, 'smtp' | 'from' | 'subscribers' | 'site' | 'timeout'> & {
  readonly families?: readonly string[];
};

/**
 * Records the subscription as pending and mails the token that confirms it, or prints it if there is no mail server.
 */
export async function subscribeCommand(address: string, options: SubscribeOptions): Promise<number> {
  const from = options.from ?? defaultSender();
  addressIn(from);
  const site = siteOf(options.site);
  const send = options.smtp === undefined ? undefined : mailer(options.smtp, from, options.timeout);
  const { subscriber, confirmToken } = await Subscribers.subscribe(
    subscribersFile(options.subscribers),
    address,
    new Date(),
    checkFamilies(options.families ?? []),
  );
  if (subscriber.state === 'confirmed') {
    say(`${subscriber.address} is already subscribed.`);
    return EXIT.done;
  }
  const confirm = `southwell digest confirm ${confirmToken}`;
  if (!send) {
    say(`${subscriber.address} is recorded, and gets nothing until confirmed with:\n  ${confirm}`);
    return EXIT.done;
  }
  const delivery = await send(confirmationMail(subscriber, confirmToken, site));
  if (delivery.kind === 'accepted') {
    say(`A confirmation mail was sent to ${subscriber.address}.`);
    return EXIT.done;
  }
  warn(`The confirmation mail could not be sent: ${delivery.why}. Run the command again.`);
  return EXIT.stopped;
}

export async function confirmCommand(token: string, options: Pick<DigestOptions, 'subscribers'>): Promise<number> {
  const { address } = await Subscribers.confirm(subscribersFile(options.subscribers), token, new Date());
  say(`${address} is subscribed.`);
  return EXIT.done;
}

export async function unsubscribeCommand(token: string, options: Pick<DigestOptions, 'subscribers'>): Promise<number> {
  const { address } = await Subscribers.unsubscribe(subscribersFile(options.subscribers), token, new Date());
  say(`${address} is unsubscribed.`);
  return EXIT.done;
}

function sinceOf(given: string | undefined, now: Date): string {
  if (given === undefined) return new Date(now.getTime() - FIRST_DAYS * DAY).toISOString();
  const time = /^\d{4}-\d\d-\d\d(T.*)?$/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(time)) throw new UsageError('--since must be a date such as 2026-11-24.');
  return new Date(time).toISOString();
}
