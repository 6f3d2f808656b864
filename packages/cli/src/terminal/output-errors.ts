import { failFile } from '@southwell/data/node';
import { EXIT } from '../errors.ts';
import { printable, wrap } from '../text.ts';
import pc from './colours.ts';

/** A reader that goes away early (head) is no error; a full disk behind a redirection is. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  try {
    failFile(error, 'Standard output', 'written');
  } catch (told) {
    process.stderr.write(complaint((told as Error).message));
  }
  process.exit(EXIT.usage);
}

/** Where messages cannot be written there is no one to tell. */
function onMessageError(): void {}

/** Minds the ends of standard output and error; more than once does no harm. */
export function mindStreams(): void {
  process.stdout.off('error', onOutputError).on('error', onOutputError);
  process.stderr.off('error', onMessageError).on('error', onMessageError);
}

/** A sentence as the command says it when it fails. */
export const complaint = (text: string): string =>
  `${text
    .split('\n')
    .map((line, i) => (i === 0 ? `${pc.red('southwell:')} ${wrap(printable(line), '', 200)}` : printable(line)))
    .join('\n')}\n`;
