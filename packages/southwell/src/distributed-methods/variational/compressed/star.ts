import type { Communicator, Exchange } from '@southwell/distributed';
import { fail, fingerprint, type Random } from '@southwell/numerics/core';
import type { Compressor } from '../../compressors/index.ts';
import { isFinitePoint } from '../operators.ts';
import type { SenderState } from './state.ts';

/** A message of a device whose values are not finite; no compressor makes one byte of this value. */
const REFUSED = Uint8Array.of(255);
const isRefused = (message: Uint8Array): boolean => message.length === 1 && message[0] === REFUSED[0];

/** One sender's compressor, with what it remembers from one vector to the next. */
export class Sender {
  private readonly memory: Float64Array | undefined;

  constructor(
    readonly compressor: Compressor,
    length: number,
    private readonly random: Random,
  ) {
    const kept = compressor.memory(length);
    this.memory = kept > 0 ? new Float64Array(kept) : undefined;
  }

  state(): SenderState {
    return { random: this.random.state(), memory: this.memory?.slice() };
  }

  restore({ random, memory }: SenderState): void {
    this.random.restore(random);
    if (memory) this.memory?.set(memory);
  }

  /** The message for a vector; one that says so for a vector that is not finite. */
  message(v: Float64Array): Uint8Array {
    return isFinitePoint(v) ? this.compressor.compress(v, this.random, this.memory) : REFUSED;
  }
}

/** The vector of a message; NaN for one of a device without finite values. */
export function restored(compressor: Compressor, message: Uint8Array, length: number): Float64Array {
  const out = new Float64Array(length);
  if (isRefused(message)) return out.fill(Number.NaN);
  compressor.restore(message, out);
  return out;
}

/**
 * Devices around a server, the first rank. Devices are numbered over all ranks, in rank order. Bytes count the same
 * whether a device is on the server's rank or not; the communicator counts those that leave a rank, under
 * the phases `up` and `down`.
 */
export class Star {
  /** Bytes of messages from devices: of all on the server, of its own on other ranks. */
  bytesUp = 0;
  /** Bytes of messages to devices, one for each. */
  bytesDown = 0;
  private readonly buffer: Uint8Array;

  private constructor(
    private readonly comm: Communicator,
    /** Number of devices on each rank. */
    private readonly counts: Float64Array,
    length: number,
  ) {
    // Longer than what compressors make of a vector, dense or with indices.
    this.buffer = new Uint8Array(32 * length + 1024);
  }

  /**
   * Makes the star of all devices, after comparing the settings of all ranks.
   * @throws EMPTY without a device; MISMATCH if the ranks have different settings.
   */
  static *over(comm: Communicator, devices: number, length: number, settings: unknown): Exchange<Star> {
    const hash = Number.parseInt(fingerprint(JSON.stringify(settings)).slice(0, 12), 16);
    const all = new Float64Array(2 * comm.size);
    yield* comm.allGather(Float64Array.of(devices, hash), all);
    const other = Array.from({ length: comm.size }, (_, rank) => all[2 * rank + 1]).findIndex(
      (found) => found !== all[1],
    );
    if (other > 0)
      fail('MISMATCH', `Ranks 0 and ${other} have different methods, compressors, steps, seeds or starting points.`);
    const counts = Float64Array.from({ length: comm.size }, (_, rank) => all[2 * rank]);
    const star = new Star(comm, counts, length);
    if (star.devices === 0) fail('EMPTY', 'A variational inequality needs at least one operator.');
    return star;
  }

  get devices(): number {
    return this.counts.reduce((a, b) => a + b, 0);
  }

  /** Index of the first device of this rank among all. */
  get first(): number {
    return this.counts.subarray(0, this.comm.rank).reduce((a, b) => a + b, 0);
  }

  private ownerOf(device: number): number {
    let rank = 0;
    for (let before = this.counts[0]; device >= before; before += this.counts[rank]) rank++;
    return rank;
  }

  /**
   * Sends messages of some devices to the server.
   * @param senders All devices that send, ascending.
   * @param own Messages of this rank's senders, in their order.
   * @returns on the server the messages of all senders, elsewhere an empty list.
   */
  *up(senders: readonly number[], own: readonly Uint8Array[]): Exchange<Uint8Array[]> {
    const { comm, buffer } = this;
    const phase = yield* comm.phase('up');
    const mine = [...own];
    const found: Uint8Array[] = [];
    for (const device of senders) {
      const owner = this.ownerOf(device);
      if (owner === comm.rank) {
        const message = mine.shift()!;
        this.bytesUp += message.length;
        if (comm.rank === 0) found.push(message);
        else yield* comm.send(0, message);
      } else if (comm.rank === 0) {
        const { length } = yield* comm.receive(owner, buffer);
        this.bytesUp += length;
        found.push(buffer.slice(0, length));
      }
    }
    yield* comm.phase(phase);
    return found;
  }

  /** Sends the server's message to every rank, and returns it. Counted once for each device. */
  *down(message: Uint8Array | undefined): Exchange<Uint8Array> {
    const { comm, buffer } = this;
    const phase = yield* comm.phase('down');
    let received = message;
    if (comm.rank === 0) for (let rank = 1; rank < comm.size; rank++) yield* comm.send(rank, message!);
    else {
      const { length } = yield* comm.receive(0, buffer);
      received = buffer.slice(0, length);
    }
    yield* comm.phase(phase);
    this.bytesDown += received!.length * this.devices;
    return received!;
  }
}
