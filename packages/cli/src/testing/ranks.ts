/** Searches on MPI ranks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { command, type workshop } from '../testing.ts';

type Workshop = ReturnType<typeof workshop>;

/** The result without names and timings of the run. */
export const found = (json: string) => {
  const { command: _, seconds: __, checkpoint: ___, ...rest } = JSON.parse(json);
  return rest;
};
export const minimizing =
  (here: Workshop['here']) =>
  async (...args: string[]) => {
    const { code, out, err } = await here(['minimize', ...args, '--json']);
    return { code, err, found: out === '' ? undefined : found(out) };
  };

// Programs of different durations, so that values arrive out of order.
export const parabola = `sleep 0.0$(( ({x1} * {x1}) % 4 )); echo $(( ({x1} - 3) * ({x1} - 3) + {x2} * {x2} ))`;
export const box = ['--integer', '--dim', '2', '--lower', '-9', '--upper', '9'];

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** Open MPI on this machine only. */
export const MPI = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm'];

export const starting =
  ({ folder, env }: Workshop) =>
  (program: string, ...args: readonly string[]): Running => {
    const child = spawn(program, args, { cwd: folder, env: env() });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said }))) };
  };

export const mpirunning =
  (shop: Workshop) =>
  (ranks: number, ...args: readonly string[]): Running =>
    starting(shop)('mpirun', ...MPI, '-n', String(ranks), process.execPath, command, ...args);

/** Our messages, without those of mpirun. */
export const ours = (err: string) => err.split('\n').filter((line) => line.startsWith('southwell:'));

/** For parsing documents: notes without those on predicted times, which differ from run to run. */
export const withoutForecast = (key: string, value: unknown): unknown =>
  key === 'notes' && Array.isArray(value) ? value.filter((note) => !/is predicted to take/.test(String(note))) : value;
