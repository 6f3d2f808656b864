import { alone, type Communicator } from '@southwell/distributed';
import type { Iterate } from '@southwell/numerics/core';
import { type CompressedSgdOptions, compressedSgdProgram } from 'southwell/distributed-methods';
import { divided, Perceptron, type Rows } from '../material/network.ts';
import type { Pause } from '../pauses.ts';
import { drawOf } from './lab.ts';

/** A trained network. */
export interface Training {
  readonly accuracy: number;
  readonly loss: number;
  readonly bytes: number;
  /** Mean losses of batches over windows of rounds. */
  readonly curve: ReadonlyArray<readonly [bytes: number, loss: number]>;
}

/** What clients have, and for how long they train. */
export interface Setting {
  readonly widths: readonly [number, number, number];
  readonly clients: number;
  readonly batch: number;
  readonly skew: number;
  readonly rounds: number;
}

/** Trains a network on rows divided among clients; the accuracy is the mean of those on the test rows at a hundredth of the rounds in their last quarter, 0 if training diverges. */
export async function training(
  { train, test }: { readonly train: Rows; readonly test: Rows },
  sizes: Setting,
  draw: number,
  seed: number,
  pause: Pause,
  options: CompressedSgdOptions,
): Promise<Training> {
  const random = drawOf(seed, draw);
  const network = new Perceptron(sizes.widths);
  const clients = divided(train, sizes.clients, sizes.skew, random.split(0)).map((own) =>
    network.client(train, own, sizes.batch),
  );
  const start = network.start(random.split(1));
  const program = (comm: Communicator) => compressedSgdProgram(comm, clients, start, options);
  const window = Math.ceil(sizes.rounds / 20);
  const curve: Array<[number, number]> = [];
  let sum = 0;
  let [right, counted] = [0, 0];
  for (const iterate of alone<Iterate<Float64Array, number | undefined>, void>(program)) {
    const { iteration, objective, work, done } = iterate;
    if (done || !Number.isFinite(objective)) break;
    if (4 * iteration >= 3 * sizes.rounds && iteration % Math.ceil(sizes.rounds / 100) === 0) {
      right += network.accuracy(iterate.snapshot(), test);
      counted++;
    }
    if (iteration < sizes.rounds) {
      sum += objective! / window;
      if (iteration % window === window - 1) {
        curve.push([work.bytesSent!, sum]);
        sum = 0;
      }
      await pause();
      continue;
    }
    return { accuracy: right / counted, loss: curve.at(-1)![1], bytes: work.bytesSent!, curve };
  }
  return { accuracy: 0, loss: Number.POSITIVE_INFINITY, bytes: 0, curve };
}
