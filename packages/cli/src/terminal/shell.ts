import { type ChildProcess, spawn } from 'node:child_process';
import { clip } from '../text.ts';

/** How long a program may take to end when it is told to. */
const PATIENCE_MS = 2000;
/** Characters of standard output that are kept. */
const MOST = 10_000;

/** The lines of the shell that a job runs. */
export class Shell {
  /** What runs, with what ends it. */
  private readonly running = new Map<ChildProcess, () => void>();

  /** `changed` is told the groups of processes that run, whenever that changes: for whoever ends this thread at once. */
  constructor(private readonly changed: (groups: readonly number[]) => void) {}

  /**
   * Runs a line and gives what it printed on its standard output, the first 10,000 characters. Rejects with a sentence
   * where its exit code is not 0; kills it, with what it started, on abort.
   */
  run(line: string, signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      // A group of its own, so that an end ends all of it, and the terminal's Ctrl-C is left to us.
      const child = spawn(line, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      let told = false;
      const kill = () => {
        if (told) return;
        told = true;
        killGroup(child, 'SIGTERM');
        // One that does not mind must not hold us, nor stay behind.
        const patience = setTimeout(() => killGroup(child, 'SIGKILL'), PATIENCE_MS);
        child.on('exit', () => clearTimeout(patience));
        child.stdout.destroy();
        child.stderr.destroy();
      };
      this.running.set(child, kill);
      this.tell();
      child.on('exit', () => this.ended(child));
      if (signal?.aborted) kill();
      else signal?.addEventListener('abort', kill, { once: true });
      const said = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (said.out.length < MOST) said.out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said.err = (said.err + text).slice(-2000);
      });
      child.on('error', (error) => {
        this.ended(child);
        reject(error);
      });
      child.on('close', (code, by) => {
        signal?.removeEventListener('abort', kill);
        if (code === 0) return resolve(said.out.slice(0, MOST));
        const last = said.err.trim().split('\n').at(-1) ?? '';
        const how = by === null ? `ended with code ${code}` : `was ended by ${by}`;
        reject(new Error(`\`${clip(line, 100)}\` ${how}${last === '' ? '.' : `: ${clip(last, 200)}`}`));
      });
    });
  }

  private ended(child: ChildProcess): void {
    this.running.delete(child);
    this.tell();
  }

  private tell(): void {
    this.changed([...this.running.keys()].flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
  }

  /** Waits for what was told to end, which may take two seconds, after the same is told to what still runs. */
  async close(): Promise<void> {
    const gone = [...this.running].map(([child, kill]) => {
      kill();
      return new Promise((resolve) => child.on('exit', resolve));
    });
    await Promise.all(gone);
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) endGroup(pid, signal);
}

/** Sends a signal to all of a group of processes. */
export function endGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended already.
  }
}
