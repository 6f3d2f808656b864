/** Waits until its process has met the other ranks, and ends it where it does not. */
import { workerData } from 'node:worker_threads';
import { giveUp, type Joining } from './joining.ts';

const { flag, ...joining } = workerData as Joining & { readonly flag: Int32Array<SharedArrayBuffer> };
if (Atomics.wait(flag, 0, 0, 1000 * joining.seconds) === 'timed-out') giveUp(joining);
