/** Waits until its process has connected to the other ranks, and terminates it if that takes too long. */
import { workerData } from 'node:worker_threads';
import { giveUp, type Patience } from './ranks/joining.ts';

const { flag, ...patience } = workerData as Patience & { readonly flag: Int32Array<SharedArrayBuffer> };
if (Atomics.wait(flag, 0, 0, 1000 * patience.seconds) === 'timed-out') giveUp(patience);
