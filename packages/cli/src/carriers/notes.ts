import { printable, wrap } from '../text.ts';
import type { About } from './carrier.ts';

/** Shows a note before the end of a job, and adds it to `told`. */
export function tellNote(note: string, { quiet, silent }: Pick<About, 'quiet' | 'silent'>, told: string[]): void {
  if (quiet || silent) return;
  told.push(note);
  process.stderr.write(`${wrap(printable(note))}\n`);
}
