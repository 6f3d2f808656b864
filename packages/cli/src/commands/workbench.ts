import { openStore } from '@southwell/papers/node';
import { type Subscriptions, startWorkbench } from '@southwell/workbench';
import pc from '../colours.ts';
import { Subscribers } from '../digest/subscribers.ts';
import { EXIT, UsageError } from '../errors.ts';
import { onInterrupt } from '../interrupt.ts';
import { printable } from '../text.ts';

export interface WorkbenchCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly open?: boolean;
  readonly subscribers?: string;
}

/** Serves the workbench until Ctrl-C or a polite kill; the first closes it cleanly, the second ends at once. */
export async function workbenchCommand(options: WorkbenchCommandOptions): Promise<number> {
  const say = (text: string) => void process.stderr.write(`${pc.red('southwell:')} ${printable(text)}\n`);
  const workbench = await startWorkbench({
    ...options,
    results: openStore(undefined, say),
    subscriptions: options.subscribers === undefined ? undefined : subscriptions(options.subscribers),
    onError: (error) => say(error instanceof Error ? error.message : String(error)),
  });
  // Before the address is told: whoever reads it may stop the server at once.
  const stopped = new Promise<void>((resolve) => onInterrupt(resolve));
  if (workbench.note) process.stdout.write(`${workbench.note}\n`);
  process.stdout.write(`The workbench is at ${pc.bold(workbench.url)} (Ctrl-C stops it)\n`);
  await stopped;
  await workbench.close();
  process.stdout.write('Stopped.\n');
  return EXIT.done;
}

/** The links of the digest, answered from its list of subscribers. */
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
