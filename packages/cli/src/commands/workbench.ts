import {
  addressIn,
  checkFamilies,
  confirmationMail,
  defaultSender,
  mailer,
  Subscribers,
  siteOf,
} from '@southwell/digest';
import { openStore } from '@southwell/papers/node';
import { type Subscriptions, startWorkbench } from '@southwell/workbench';
import { EXIT, UsageError } from '../errors.ts';
import pc from '../terminal/colours.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { printable } from '../text.ts';

export interface WorkbenchCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly open?: boolean;
  readonly subscribers?: string;
  readonly smtp?: string;
  readonly from?: string;
  readonly site?: string;
}

/** Timeout of the mail server. */
const MAIL_SECONDS = 30;

/**
 * Serves the workbench until Ctrl-C or SIGTERM; the first shuts it down cleanly, the second ends the process at once.
 */
export async function workbenchCommand(options: WorkbenchCommandOptions): Promise<number> {
  const say = (text: string) => void process.stderr.write(`${pc.red('southwell:')} ${printable(text)}\n`);
  const { subscribers } = options;
  const site = siteOf(options.site);
  // Set once the address is known.
  let here = '';
  const asks = subscribers === undefined ? undefined : asking(subscribers, options, () => site ?? here, say);
  const workbench = await startWorkbench({
    ...options,
    results: openStore(undefined, say),
    subscriptions: subscribers === undefined ? undefined : { ...subscriptions(subscribers), subscribe: asks },
    onError: (error) => say(error instanceof Error ? error.message : String(error)),
  });
  here = workbench.url;
  // Registered before the address is printed: whoever reads it may stop the server at once.
  const stopped = new Promise<void>((resolve) => onInterrupt(resolve));
  if (workbench.note) process.stdout.write(`${workbench.note}\n`);
  process.stdout.write(`The workbench is at ${pc.bold(workbench.url)} (Ctrl-C stops it)\n`);
  await stopped;
  await workbench.close();
  process.stdout.write('Stopped.\n');
  return EXIT.done;
}

/**
 * Mails confirmation requests if there is a mail server; the mail is sent after the visitor has received the response.
 */
function asking(
  path: string,
  { smtp, from = defaultSender() }: WorkbenchCommandOptions,
  site: () => string,
  say: (text: string) => void,
): Subscriptions['subscribe'] {
  if (smtp === undefined) return undefined;
  addressIn(from);
  const send = mailer(smtp, from, MAIL_SECONDS);
  return async (email, families) => {
    try {
      const asked = await Subscribers.subscribe(path, email, new Date(), checkFamilies(families));
      if (asked.subscriber.state === 'confirmed') return undefined;
      // Not awaited, since the response time would reveal who is subscribed.
      void send(confirmationMail(asked.subscriber, asked.confirmToken, site())).then((delivery) => {
        if (delivery.kind !== 'accepted') say(`The confirmation mail of a subscription was not sent: ${delivery.why}`);
      });
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  };
}

/** Handles the links in digests, using the list of subscribers. */
function subscriptions(path: string): Subscriptions {
  const asked = async (change: Promise<unknown>): Promise<boolean> => {
    try {
      await change;
      return true;
    } catch (error) {
      if (error instanceof UsageError) return false;
      throw error;
    }
  };
  return {
    confirm: (token) => asked(Subscribers.confirm(path, token, new Date())),
    unsubscribe: (token) => asked(Subscribers.unsubscribe(path, token, new Date())),
  };
}
