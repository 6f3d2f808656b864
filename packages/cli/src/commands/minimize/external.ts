import { type ChildProcess, spawn } from 'node:child_process';
import { clip } from '../../text.ts';

const PLACEHOLDER = /\{(x\d*)\}/g;

/** Whether the command says where the point goes. */
export const takesPoint = (command: string): boolean => [...command.matchAll(PLACEHOLDER)].length > 0;

/** `{x}` becomes all coordinates, `{x1}`, `{x2}` … one each. They are numbers, so that the shell sees nothing else. */
export function commandLine(command: string, x: Float64Array): string {
  return command.replace(PLACEHOLDER, (_, name: string) => {
    const k = name.slice(1);
    return k === '' ? Array.from(x, String).join(' ') : String(x[Number(k) - 1]);
  });
}

/**
 * Runs a command of the shell at a point. Its standard output must be one number, `nan` and `inf` included. Rejects with
 * a sentence where it is not, or the command fails; kills it, with what it started, on abort.
 */
export function evaluateCommand(command: string, x: Float64Array, signal?: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const line = commandLine(command, x);
    // A group of its own, so that an end ends all of it, and the terminal's Ctrl-C is left to us.
    const child = spawn(line, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = () => {
      killGroup(child, 'SIGTERM');
      // One that does not mind must not hold us, nor stay behind.
      const patience = setTimeout(() => killGroup(child, 'SIGKILL'), PATIENCE_MS);
      child.on('exit', () => clearTimeout(patience));
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    };
    if (signal?.aborted) kill();
    signal?.addEventListener('abort', kill, { once: true });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said.out.length < 10_000) said.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err = (said.err + text).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code, by) => {
      signal?.removeEventListener('abort', kill);
      if (code !== 0) {
        const last = said.err.trim().split('\n').at(-1) ?? '';
        const how = by === null ? `ended with code ${code}` : `was ended by ${by}`;
        return reject(new Error(`\`${clip(line, 100)}\` ${how}${last === '' ? '.' : `: ${clip(last, 200)}`}`));
      }
      const value = numberOf(said.out);
      if (value !== undefined) return resolve(value);
      const shown = said.out.trim() === '' ? 'nothing' : `'${clip(said.out.trim(), 60)}'`;
      reject(new Error(`\`${clip(line, 100)}\` printed ${shown} instead of one number.`));
    });
  });
}

/** How long a program may take to end when it is told to. */
const PATIENCE_MS = 2000;

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

function numberOf(text: string): number | undefined {
  const word = text.trim().toLowerCase();
  if (/^[+-]?nan$/.test(word)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(word);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return word === '' || Number.isNaN(Number(word)) ? undefined : Number(word);
}
