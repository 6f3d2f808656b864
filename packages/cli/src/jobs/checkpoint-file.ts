import { existsSync, readFileSync } from 'node:fs';
import { checkWritable, failFile, writeFileAtomic } from '@southwell/data/node';
import type { CheckpointStore } from '@southwell/tasks';
import { UsageError } from '../errors.ts';
import { printable } from '../text.ts';

/** The values of --checkpoint and --resume. */
export interface CheckpointRequest {
  readonly checkpoint?: string;
  readonly resume?: boolean;
}

/** Seconds between checkpoints. */
const EVERY = 2;

/**
 * Called before a long run: throws if the options are inconsistent, or the file would be overwritten. Prints a note if
 * there is no file to resume from, unless `quiet`.
 */
export function checkCheckpoint({ checkpoint, resume, quiet }: CheckpointRequest & { quiet?: boolean }): void {
  if (resume && checkpoint === undefined) {
    throw new UsageError('--resume needs a file: give it with --checkpoint.');
  }
  if (checkpoint === undefined) return;
  if (!resume && existsSync(checkpoint)) {
    throw new UsageError(`${checkpoint} exists: resume from it with --resume, or remove it.`);
  }
  checkWritable(checkpoint);
  if (resume && !quiet && !existsSync(checkpoint)) {
    process.stderr.write(`There is no ${printable(checkpoint)} to resume from: starting from the beginning.\n`);
  }
}

/**
 * The checkpoint store of a job: a file, which is read if the run resumes. Without the file the run starts from the
 * beginning.
 */
export function fileStore({ checkpoint, resume }: CheckpointRequest): CheckpointStore | undefined {
  if (checkpoint === undefined) return undefined;
  let text: string | undefined;
  if (resume && existsSync(checkpoint)) {
    try {
      text = readFileSync(checkpoint, 'utf8');
    } catch (error) {
      failFile(error, checkpoint, 'read');
    }
  }
  const write = (content: string) => {
    try {
      writeFileAtomic(checkpoint, content);
    } catch (error) {
      // A full disk must not end a long run.
      process.stderr.write(`${printable((error as Error).message)} The run goes on.\n`);
    }
  };
  return { name: checkpoint, text, every: EVERY, write };
}
