/**
 * One process that runs the command repeatedly in a folder of its own, so that tests need not start one per call. As a
 * worker, this file starts that process and forwards calls to it: the test waits for the answer synchronously.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';

if (isMainThread) await serve();
else relay(workerData);

function relay({ port, signal, cwd, env }) {
  let child;
  const answer = (outcome) => {
    port.postMessage(outcome);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  };
  port.on('message', (call) => {
    if (!child) {
      child = fork(fileURLToPath(import.meta.url), { cwd, env, execArgv: [], stdio: 'ignore' });
      child.on('message', answer);
      child.on('exit', (code) => {
        child = undefined;
        answer({ code, out: '', err: `The process of the command ended, code ${code}.` });
      });
    }
    child.send(call);
  });
}

async function serve() {
  await import('../../bin/flags.mjs');
  const { enterAside, main } = await import('../../dist/bundle/index.js');
  const flag = new Int32Array(new SharedArrayBuffer(4));
  let stopAt;
  let stopping = '';
  let stop = () => {};
  enterAside({
    flag,
    post(message) {
      if (message.type === 'job') stopping = message.stopping;
      if (message.type !== 'progress' || !stopAt?.test(message.text)) return;
      // What the main thread does at the first Ctrl-C.
      stopAt = undefined;
      Atomics.store(flag, 0, 1);
      process.stderr.write(`${stopping}\n`);
      stop();
    },
    listen: (abort) => {
      stop = abort;
    },
  });
  let said = { out: '', err: '' };
  for (const [stream, to] of [
    ['stdout', 'out'],
    ['stderr', 'err'],
  ]) {
    process[stream].write = (text, ...rest) => {
      said[to] += typeof text === 'string' ? text : Buffer.from(text).toString();
      rest.find((given) => typeof given === 'function')?.();
      return true;
    };
  }
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ args, when }) => {
    said = { out: '', err: '' };
    stopAt = when === undefined ? undefined : new RegExp(when);
    stop = () => {};
    Atomics.store(flag, 0, 0);
    const code = await main(args);
    process.send({ code, ...said });
  });
}
