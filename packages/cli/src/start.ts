import { Worker } from 'node:worker_threads';
import { amplCall, familyWords } from '@southwell/tasks';
import type { AsideData, FromCommand } from './carriers/aside.ts';
import { EXIT } from './errors.ts';
import { startedBy } from './ranks/started-by.ts';
import { onInterrupt } from './terminal/interrupt.ts';
import { complaint, mindStreams } from './terminal/output-errors.ts';
import { ProgressLine } from './terminal/progress.ts';
import { endGroup } from './terminal/shell.ts';
import { VERSION } from './version.ts';

/** Commands that need no job, or start threads and processes themselves. */
const HERE = /^(-h$|--help$|--json-schema$|--dry-run$|--ranks(=|$))/;

/** Runs one command and returns its exit code. Never throws. */
export async function start(argv: readonly string[]): Promise<number> {
  // Node would print the line of the error, which is all of a bundled file.
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => {
      tellInternal(error);
      process.exit(EXIT.usage);
    });
  }
  if (argv[0] === 'ampl') {
    const call = amplCall(argv.slice(1), process.env, VERSION);
    if ('text' in call) {
      process[call.code === EXIT.done ? 'stdout' : 'stderr'].write(call.text);
      return call.code;
    }
    const code = await runAside(call.argv);
    // How it ended is in the solution file.
    return code === EXIT.stopped ? EXIT.done : code;
  }
  const task =
    (familyWords.includes(argv[0]) || argv[0] === 'inspect') &&
    argv.length > 1 &&
    !argv.some((word) => HERE.test(word));
  if (task && !startedBy()) return runAside(argv);
  const { main } = await import('./main.ts');
  return main(argv);
}

function tellInternal(error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(complaint(`Internal error: ${message}`));
  if (process.env.SOUTHWELL_DEBUG === '1') process.stderr.write(`${stack ?? ''}\n`);
  else process.stderr.write('Run it again with SOUTHWELL_DEBUG=1 for the details.\n');
}

/**
 * Runs a command in a worker. All modules are loaded only there: this thread has to stay free for Ctrl-C, which Node
 * delivers only to the main thread.
 */
function runAside(argv: readonly string[]): Promise<number> {
  mindStreams();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const streamOf = ({ isTTY, columns }: NodeJS.WriteStream) => ({ isTTY, columns });
  const streams = { stdout: streamOf(process.stdout), stderr: streamOf(process.stderr) };
  const worker = new Worker(new URL('./command-worker.js', import.meta.url), {
    workerData: { argv, flag, streams } satisfies AsideData,
    // Without the parent's flags, which may be specific to another module.
    execArgv: [],
  });
  let line = new ProgressLine(true);
  let groups: readonly number[] = [];
  let done = false;
  let release = () => {};
  // After a second Ctrl-C the worker has no time to terminate programs that ignore the first signal.
  process.on('exit', () => {
    for (const group of groups) endGroup(group, 'SIGKILL');
  });
  return new Promise<number>((resolve) => {
    const hear = (m: FromCommand) => {
      if (m.type === 'write') process[m.to].write(m.text);
      else if (m.type === 'screen') process.stdout.write(m.bytes, () => worker.postMessage('taken'));
      else if (m.type === 'job') {
        line = new ProgressLine(m.quiet);
        const stop = () => {
          line.clear();
          Atomics.store(flag, 0, 1);
          process.stderr.write(`${m.stopping}\n`);
          worker.postMessage('abort');
        };
        // Interrupts are suppressed until everything is written.
        release = onInterrupt(stop, () => done);
      } else if (m.type === 'progress') {
        if (Atomics.load(flag, 0) === 0) line.update(m.text);
      } else if (m.type === 'groups') groups = m.groups;
      else if (m.type === 'done') {
        done = true;
        line.clear();
      } else resolve(m.code);
    };
    const fail = (error: Error) => {
      line.clear();
      tellInternal(error);
      resolve(EXIT.usage);
    };
    worker.on('message', hear);
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`The worker ended early (code ${code}).`)));
  }).then(async (code) => {
    worker.removeAllListeners('exit');
    await worker.terminate();
    release();
    return code;
  });
}
