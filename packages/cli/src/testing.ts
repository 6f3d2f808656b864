/** Shared by the tests of this package: the built command (npm test builds first) in a folder of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { afterAll, expect, vi } from 'vitest';
import { undeclared } from './testing/advised.ts';

export const command = fileURLToPath(new URL('../bin/southwell.mjs', import.meta.url));
export const cleanEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  SOUTHWELL_DEBUG: undefined,
});
/** A line of a stack trace. */
export const TRACE = /^\s+at .*[:(]\d+:\d+/m;

/** A line of progress, which only appears on slow machines. */
const PROGRESS = /^.* {2}\d+ s\n/gm;
export const withoutProgress = (err: string): string => err.replace(PROGRESS, '');

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Longer than any command takes. */
const PATIENCE_MS = 600_000;

/** Runs commands in sequence in a single process with this folder and environment, started on first use. */
function commandProcess(cwd: string, env: () => NodeJS.ProcessEnv) {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  let worker: Worker | undefined;
  const start = () =>
    new Worker(new URL('./testing/process.mjs', import.meta.url), {
      workerData: { port: port2, signal, cwd, env: env() },
      transferList: [port2],
      execArgv: [],
    });
  return {
    run(args: readonly string[], when?: RegExp): Outcome {
      worker ??= start();
      // Drops messages of a process that ended after its answer.
      while (receiveMessageOnPort(port1)) {}
      Atomics.store(signal, 0, 0);
      port1.postMessage({ args, when: when?.source });
      if (Atomics.wait(signal, 0, 0, PATIENCE_MS) === 'timed-out') throw new Error(`No answer to ${args.join(' ')}.`);
      return receiveMessageOnPort(port1)!.message as Outcome;
    },
    end: () => worker?.terminate(),
  };
}

/** The built entry point, in this process. */
async function builtMain() {
  const entry = '../dist/bundle/index.js';
  const { main, enterAside } = (await import(entry)) as typeof import('./index.ts');
  // As at the shell, where the whole command runs beside the main thread.
  enterAside({ flag: new Int32Array(new SharedArrayBuffer(4)), post: () => {}, listen: () => {} });
  return main;
}

/** Runs a command in this process, and returns what it wrote. */
async function silenced(run: () => Promise<number>): Promise<Outcome> {
  const written = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name === 'stdout' ? 'out' : 'err'] += String(text);
      return true;
    }),
  );
  try {
    const code = await run();
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A temporary folder, removed after the tests of the file, and functions that run the command in it. */
export function workshop() {
  // Long because the ways to run the command share a folder: one record of small functions.
  const folder = mkdtempSync(join(tmpdir(), 'southwell-cli-'));
  const at = (name: string): string => join(folder, name);
  const env = (): NodeJS.ProcessEnv => ({ ...cleanEnv(), SOUTHWELL_HOME: at('home') });
  const running = commandProcess(folder, env);
  const outcomes: Array<readonly [readonly string[], Outcome]> = [];
  afterAll(async () => {
    const main = await builtMain();
    const help = async (verb: readonly string[]) => (await silenced(() => main([...verb, '--help', 'all']))).out;
    try {
      expect(await undeclared(outcomes, help), 'messages name options that exist').toEqual([]);
    } finally {
      await running.end();
      rmSync(folder, { recursive: true, force: true });
    }
  }, PATIENCE_MS);
  const checked = (args: readonly string[], { code, out, err }: Outcome): Outcome => {
    expect(err, 'no stack trace').not.toMatch(TRACE);
    outcomes.push([args, { code, out, err }]);
    return { code, out, err: withoutProgress(err) };
  };
  return {
    folder,
    at,
    /** For commands that are spawned in other ways; their stored data are in the folder too. */
    env,
    file(name: string, contents: string | Uint8Array): string {
      writeFileSync(at(name), contents);
      return at(name);
    },
    /** Runs the command in a process shared by all calls of a file. */
    southwell: (...args: string[]): Outcome => checked(args, running.run(args)),
    /** Stops the command as by Ctrl-C once its progress matches: without a signal, and therefore reproducibly. */
    stopped: (args: readonly string[], when: RegExp): Outcome => checked(args, running.run(args, when)),
    /** Runs the command in a process of its own, as a shell would. */
    shell(...args: string[]): Outcome {
      const r = spawnSync(process.execPath, [command, ...args], { cwd: folder, encoding: 'utf8', env: env() });
      return checked(args, { code: r.status, out: r.stdout, err: r.stderr });
    },
    /** Interrupts the command by SIGINT once its progress on stderr matches. */
    interrupted(args: readonly string[], when: RegExp): Promise<Outcome> {
      const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: env() });
      const said = { out: '', err: '' };
      let sent = false;
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said.err += text;
        if (sent || !when.test(said.err)) return;
        sent = true;
        child.kill('SIGINT');
      });
      return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
    },
    /** Feeds the command an endless stream of numbers, and interrupts it by SIGINT once its progress matches. */
    slowly(args: readonly string[], when: RegExp): Promise<Outcome> {
      const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: env() });
      const said = { out: '', err: '' };
      child.stdin.on('error', () => {}).write('a,b,c\n');
      const feeding = setInterval(() => child.stdin.write('1,2,3\n'.repeat(500)), 20);
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const before = when.test(said.err);
        said.err += text;
        if (!before && when.test(said.err)) child.kill('SIGINT');
      });
      return new Promise((resolve) =>
        child.on('close', (code) => {
          clearInterval(feeding);
          resolve({ code, ...said });
        }),
      );
    },
    /** Runs the command until a condition holds, and kills it with SIGKILL; false if it ended before. */
    killed(args: readonly string[], when: () => boolean): Promise<boolean> {
      const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: env(), stdio: 'ignore' });
      const poll = setInterval(() => when() && child.kill('SIGKILL'), 5);
      return new Promise((resolve) =>
        child.on('close', (_, signal) => {
          clearInterval(poll);
          resolve(signal === 'SIGKILL');
        }),
      );
    },
    /** In this process, through the built entry point: starting Node for each case would take most of the time. */
    async here(args: readonly string[]): Promise<Outcome> {
      const main = await builtMain();
      const located = args.map((a) =>
        a === '.'
          ? folder
          : /^(?!bundled:)[^/-].*\.(csv|json|gz|html|mtx|txt|svg|graphml|dot|npy|parquet|ply|pcd|xyz|nl|mps|qps|lp|mjs|sol|onnx|safetensors)$/.test(
                a,
              )
            ? at(a)
            : a,
      );
      const outcome = await silenced(() => main(located));
      outcomes.push([args, outcome]);
      return { ...outcome, err: withoutProgress(outcome.err) };
    },
  };
}

type Here = ReturnType<typeof workshop>['here'];

/** Runs a command in this process: returns its document, or its error message on one line. */
export const answering = (here: Here, ...first: readonly string[]) => ({
  async told(...args: string[]) {
    const { code, out, err } = await here([...first, ...args, '--json']);
    expect([err, code]).toEqual(['', 0]);
    return JSON.parse(out);
  },
  async said(...args: string[]): Promise<string> {
    const { code, err } = await here([...first, ...args]);
    expect(code).toBe(2);
    return err.replaceAll(/\s+/g, ' ');
  },
});

/** Coefficients by name. */
export const coefficients = ({ model }: { model: { coefficients: { name: string; value: number }[] } }) =>
  Object.fromEntries(model.coefficients.map(({ name, value }) => [name, value]));

export const closeTo = (values: Record<string, number>, digits: number) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, expect.closeTo(value, digits)]));

const hasOpenMpi = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout?.includes('Open MPI') ?? false;
const hasKoffi = (() => {
  try {
    createRequire(import.meta.url)('koffi');
    return true;
  } catch {
    return false;
  }
})();
/** Whether the command can be run with a real MPI here. */
export const hasMpi = hasOpenMpi && hasKoffi;
