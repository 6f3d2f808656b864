import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { failFile } from '@southwell/data/node';
import { count, grouped, type sentSoFar } from '@southwell/tasks';
import type { Place } from './ranks.ts';

/** Milliseconds between lines of progress. */
const EVERY = 1000;

/** The log file of one rank: timestamped lines, each flushed as it is written. */
export class RankLog {
  private last = 0;

  private constructor(private readonly file: string) {}

  /**
   * The log of a rank, if requested.
   * @throws a sentence if it cannot be written.
   */
  static of({ logs, size }: Place, rank: number): RankLog | undefined {
    if (logs === undefined) return undefined;
    const file = join(logs, `rank-${rank}.log`);
    try {
      mkdirSync(logs, { recursive: true });
      writeFileSync(file, '');
    } catch (error) {
      failFile(error, file, 'written');
    }
    const log = new RankLog(file);
    log.line(`rank ${rank} of ${size} begins on ${hostname()}, process ${process.pid}`);
    return log;
  }

  /** Logs what the rank has sent, and the time it spent in exchanges. */
  sent({ messages, bytes, seconds }: ReturnType<typeof sentSoFar>): void {
    this.line(`sent ${grouped(bytes)} bytes in ${count(messages, 'message')}; ${seconds.toFixed(3)} s in exchanges`);
  }

  progress(text: string): void {
    const now = performance.now();
    if (now - this.last < EVERY) return;
    this.last = now;
    this.line(text);
  }

  line(text: string): void {
    try {
      appendFileSync(this.file, `${new Date().toISOString()} ${text}\n`);
    } catch {
      // A full disk must not end a long run.
    }
  }
}
