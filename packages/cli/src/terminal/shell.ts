import { type ChildProcess, spawn } from 'node:child_process';
import { clip } from '../text.ts';

/** Milliseconds that a program may take to end after SIGTERM. */
const PATIENCE_MS = 2000;
/** Maximum number of characters of standard output that are kept. */
const MOST = 10_000;

/** The shell commands that a job runs. */
export class Shell {
  /** Running processes, each with a function that terminates it. */
  private readonly running = new Map<ChildProcess, () => void>();

  /**
   * `changed` is called with the running process groups whenever they change, for callers that terminate this thread.
   */
  constructor(private readonly changed: (groups: readonly number[]) => void) {}

  /**
   * Runs a shell command and returns its standard output, up to 10,000 characters. Rejects with a sentence if its exit
   * code is not 0; on abort, kills it with its child processes.
   */
  run(line: string, signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      // A process group of its own, so that all of it can be terminated, and the terminal's Ctrl-C is handled only by
      // us.
      const child = spawn(line, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      let told = false;
      const kill = () => {
        if (told) return;
        told = true;
        killGroup(child, 'SIGTERM');
        // A program that ignores the signal must neither block us nor remain.
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

  /** Terminates running programs and waits for them, for up to two seconds. */
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

/** Sends a signal to a process group. */
export function endGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has already ended.
  }
}
