/** Runs a command beside the main thread: its output and exit code are sent there as messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AsideData, enterAside, type FromCommand } from './carriers/aside.ts';

const { argv, flag, streams } = workerData as AsideData;
const post = (message: FromCommand) => parentPort!.postMessage(message);
for (const to of ['stdout', 'stderr'] as const) {
  // Sent as messages to keep the order relative to progress messages, which the streams of a worker do not guarantee.
  const write = (text: string | Uint8Array) => {
    post({ type: 'write', to, text });
    return true;
  };
  Object.assign(process[to], streams[to], { write });
}
let taken: (() => void) | undefined;
const write = (bytes: Uint8Array) =>
  new Promise<void>((resolve) => {
    taken = resolve;
    post({ type: 'screen', bytes });
  });
parentPort!.on('message', (word) => word === 'taken' && taken?.());
enterAside({ flag, post, write, listen: (abort) => parentPort!.on('message', (word) => word === 'abort' && abort()) });
// Imported after the above, which must apply to all modules loaded here.
void import('./main.ts').then(async ({ main }) => post({ type: 'end', code: await main(argv) }));
