import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { type Act, Communicator } from '../communicator.ts';
import { drive, type Outward, type Program, type Ranks } from '../drive.ts';
import { NoAnswerError, waiting } from '../faults.ts';
import { firstOver } from '../first.ts';
import { nap } from '../nap.ts';
import { Traffic } from '../traffic.ts';
import { Alarm } from './alarm.ts';
import { type Handle, type OpenMpi, openMpi, UNDEFINED } from './library.ts';
import { type Group, MpiOperation } from './operation.ts';

export interface MpiOptions {
  /** Timeout in seconds after which a waiting rank queries which ranks do not respond (default 60). */
  readonly timeout?: number;
  /** Whether ranks verify before each collective that their calls match (default true). */
  readonly checks?: boolean;
  /** Path of the MPI library. Default: Open MPI under its usual names. */
  readonly library?: string;
}

const keys: OptionKeys<MpiOptions> = { timeout: true, checks: true, library: true };

/** This process as a rank started by `mpirun` or `srun`. */
export interface Mpi {
  readonly rank: number;
  readonly size: number;
  /** Such as `Open MPI v5.0.7`. */
  readonly version: string;
  /** Runs a program, as `alone` does. Blocks the process while it waits. */
  readonly ranks: Ranks;
  /**
   * Shows others that this rank is responding while it does something other than an exchange, and checks on them. To be
   * called several times per second.
   * @throws NoAnswerError if a rank does not respond.
   */
  attend(): void;
  /**
   * Ends this rank's part once all ranks have called it; without it, `mpirun` treats the end of a process as a failure.
   * `parted` is called once all have arrived: what follows blocks, and ranks are no longer checked.
   * @throws NoAnswerError if a rank does not arrive.
   */
  close(parted?: () => void): void;
  /** Aborts all ranks; `mpirun` exits with the code. */
  abort(code: number): never;
}

let opened: MpiRank | undefined;

/**
 * Joins the ranks started by `mpirun`, through koffi and an installed Open MPI 5; a process started alone is the only
 * rank. Data are sent from and received into the program's buffers without a copy. All waiting is by polling of
 * non-blocking calls, so that unresponsive ranks are detected: the first rank that times out queries the others. Only
 * `split` blocks, briefly, after all ranks have arrived. Once per process: options of later calls replace the earlier
 * ones.
 * @throws NOT_SUPPORTED if koffi or Open MPI 5 is not available.
 */
export function mpi(options: MpiOptions = {}): Mpi {
  knownKeys('mpi', options, keys);
  if (opened?.closed) fail('NOT_SUPPORTED', 'MPI has been closed, and can be opened only once per process.');
  opened ??= new MpiRank(openMpi(options.library));
  opened.options = options;
  return opened;
}

/**
 * Milliseconds of busy polling before a rank takes naps, and duration of a nap. Ranks with equal work arrive within
 * less; on a busy machine, longer polling takes the core from the very rank that is waited for (training took 2.5 times
 * as long).
 */
const AWAKE = 0.5;
const NAP = 0.2;
/** Seconds after which ranks are queried again if all are waiting. */
const AGAIN = 0.5;

/** Maximum time in seconds for a reply. */
const PATIENCE = 2;
/** Milliseconds between checks for queries. */
const LISTEN = 10;

class MpiRank implements Mpi {
  readonly rank: number;
  readonly size: number;
  readonly version: string;
  options: MpiOptions = {};
  closed = false;
  private readonly groups = new Map<number, Group>();
  private readonly running = new Set<MpiOperation>();
  private readonly traffic = new Traffic();
  private readonly alarm: Alarm;
  private attended = 0;
  /** The error after which nothing works any more. */
  private broken: NoAnswerError | undefined;

  constructor(private readonly library: OpenMpi) {
    const word = new Int32Array(1);
    const asked = (name: 'Comm_rank' | 'Comm_size', handle: Handle): number => {
      library.check(library.call[name](handle, word));
      return word[0];
    };
    this.rank = asked('Comm_rank', library.world);
    this.size = asked('Comm_size', library.world);
    this.version = library.version;
    this.add(new Communicator(this.rank, this.size), library.world);
    this.alarm = new Alarm(library, this.duplicate(library.world), this.rank, this.size);
  }

  readonly ranks = <Y, R>(program: Program<Y, R>): Generator<Y, R> =>
    drive(program, this.groups.get(0)!.comm, (request) => this.answerTo(request), this.traffic);

  close(parted?: () => void): void {
    if (this.closed || this.broken) return;
    this.finish(this.begin(0, { kind: 'barrier' }));
    this.closed = true;
    parted?.();
    this.library.check(this.library.call.Finalize());
  }

  abort(code: number): never {
    this.library.call.Abort(this.library.world, code);
    process.exit(code);
  }

  private answerTo(request: Outward): unknown {
    switch (request.kind) {
      case 'begin':
        return this.begin(request.comm, request.act);
      case 'wait':
        return this.finish(request.begun as MpiOperation);
      case 'test':
        this.poll();
        this.attend();
        return (request.begun as MpiOperation).over;
      case 'waitAny':
        return this.first(request.begun as readonly MpiOperation[], request.until);
      default: {
        const operation = this.begin(request.comm, request as Act);
        const answer = this.finish(operation);
        return request.kind === 'split' ? this.split(operation.group, request.colour, request.key) : answer;
      }
    }
  }

  private begin(comm: number, act: Act): MpiOperation {
    if (this.broken) throw this.broken;
    const group = this.groups.get(comm)!;
    const number = act.kind === 'send' || act.kind === 'receive' ? 0 : ++group.collectives;
    const operation = new MpiOperation(this.library, group, act, number, this.traffic, this.options.checks ?? true);
    this.running.add(operation);
    return operation;
  }

  private poll(): void {
    for (const operation of this.running) {
      operation.poll();
      if (operation.over) this.running.delete(operation);
    }
  }

  private finish(operation: MpiOperation): unknown {
    this.first([operation]);
    if (operation.error !== undefined) throw operation.error;
    return operation.answer;
  }

  /**
   * Polls until one of the exchanges is complete, or the deadline has passed: busily at first, then with naps, between
   * which it also checks for queries. With a deadline, the rank counts as working and polling from time to time.
   */
  private first(operations: readonly MpiOperation[], until = Number.POSITIVE_INFINITY): number | undefined {
    const { timeout = 60 } = this.options;
    const moment = 1000 * until;
    const limited = moment < Number.POSITIVE_INFINITY;
    let polls = 0;
    let since = 0;
    let listened = 0;
    let again = false;
    for (;;) {
      const first = firstOver(operations);
      if (first !== undefined) return first;
      if (this.broken) throw this.broken;
      this.poll();
      if (limited && performance.now() >= moment) {
        this.attend();
        return firstOver(operations);
      }
      if (++polls % 64 !== 0 && since === 0) continue;
      const now = performance.now();
      if (since === 0) since = now;
      if (now - since < AWAKE) continue;
      if (limited && now - listened > LISTEN) {
        listened = now;
        for (const operation of operations) operation.lookForOthers();
        this.attend();
      } else if (!limited && now - listened > LISTEN) {
        // Time during which this rank itself was suspended does not count.
        if (listened > 0 && now - listened > 250 * timeout) since += now - listened;
        listened = now;
        const late = (now - since) / 1000 > timeout;
        if (late && this.look(operations, true, again) === 'all wait') {
          // The last message may just have arrived, so ranks are queried again a little later.
          again = true;
          since = now - 1000 * Math.max(0, timeout - AGAIN);
        } else if (late) {
          // Others are working and will arrive.
          again = false;
          since = now;
        } else this.look(operations, false, again);
      }
      nap(limited ? Math.min(NAP, Math.max(0, moment - performance.now())) : NAP);
    }
  }

  private look(operations: readonly MpiOperation[], late: boolean, again: boolean): 'all wait' | undefined {
    const { timeout = 60 } = this.options;
    const what = waiting(operations);
    try {
      for (const operation of operations) operation.lookForOthers();
      if (firstOver(operations) !== undefined) return undefined;
      this.alarm.listen(what);
      const silence = late ? this.alarm.raise(what, timeout, Math.min(PATIENCE, timeout), again) : undefined;
      if (silence instanceof NoAnswerError) throw silence;
      return silence;
    } catch (error) {
      if (error instanceof NoAnswerError) this.broken = error;
      throw error;
    }
  }

  attend(): void {
    if (this.broken) throw this.broken;
    const now = performance.now();
    if (now - this.attended < LISTEN) return;
    this.attended = now;
    const { timeout = 60 } = this.options;
    try {
      const silence = this.alarm.inquire(timeout, Math.min(PATIENCE, timeout));
      if (silence) throw silence;
    } catch (error) {
      if (error instanceof NoAnswerError) this.broken = error;
      throw error;
    }
  }

  private split(group: Group, colour: number | undefined, key: number): Communicator | undefined {
    const { call, check } = this.library;
    const made = new BigUint64Array(16);
    check(call.Comm_split(group.handle, colour ?? UNDEFINED, key, made));
    if (colour === undefined) return undefined;
    const [rank, size] = [new Int32Array(1), new Int32Array(1)];
    check(call.Comm_rank(made[0], rank));
    check(call.Comm_size(made[0], size));
    return this.add(new Communicator(rank[0], size[0], this.groups.size), made[0]);
  }

  private add(comm: Communicator, handle: Handle): Communicator {
    const agreements = this.duplicate(handle);
    const particulars = this.duplicate(handle);
    this.groups.set(comm.id, { comm, handle, agreements, particulars, collectives: 0, waiting: [] });
    return comm;
  }

  private duplicate(handle: Handle): Handle {
    const made = new BigUint64Array(16);
    this.library.check(this.library.call.Comm_dup(handle, made));
    return made[0];
  }
}
