import { failFile } from '@southwell/data/node';
import { EXIT } from '../errors.ts';
import { printable, wrap } from '../text.ts';
import pc from './colours.ts';

/** A reader that closes early (head) is not an error; a full disk behind a redirection is. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  try {
    failFile(error, 'Standard output', 'written');
  } catch (told) {
    process.stderr.write(complaint((told as Error).message));
  }
  process.exit(EXIT.usage);
}

/** If messages cannot be written, there is nobody to notify. */
function onMessageError(): void {}

/** Handles errors of standard output and error; may be called repeatedly. */
export function mindStreams(): void {
  process.stdout.off('error', onOutputError).on('error', onOutputError);
  process.stderr.off('error', onMessageError).on('error', onMessageError);
}

/** The format of the command's error messages. */
export const complaint = (text: string): string =>
  `${text
    .split('\n')
    .map((line, i) => (i === 0 ? `${pc.red('southwell:')} ${wrap(printable(line), '', 200)}` : printable(line)))
    .join('\n')}\n`;
