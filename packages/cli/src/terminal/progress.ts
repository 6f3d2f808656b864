import { clip } from '../text.ts';
import pc from './colours.ts';

/** Silent for a second, then one line that is rewritten on a terminal, or a plain line every few seconds elsewhere. */
export class ProgressLine {
  private readonly start = performance.now();
  private last = 0;
  private shown = false;

  constructor(
    private readonly quiet: boolean,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {}

  update(what: string): void {
    if (this.quiet) return;
    const now = performance.now();
    if (now - this.start < 1000) return;
    const tty = this.stream.isTTY === true;
    if (now - this.last < (tty ? 80 : 4000)) return;
    this.last = now;
    const seconds = `${Math.floor((now - this.start) / 1000)} s`;
    const text = clip(`${what}  ${seconds}`, Math.max(20, (this.stream.columns || 80) - 1));
    if (tty) this.stream.write(`\r\x1b[2K${pc.dim(text)}`);
    else this.stream.write(`${text}\n`);
    this.shown = tty;
  }

  /** Clears the line, so that other text can be written. */
  clear(): void {
    if (this.shown) this.stream.write('\r\x1b[2K');
    this.shown = false;
  }
}
