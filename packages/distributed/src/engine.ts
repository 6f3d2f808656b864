import { agreed, disagreement, opinion, particulars } from './agreement.ts';
import { type Move, type Moves, moves } from './algorithms.ts';
import { type Act, type Collective, Communicator, type Received } from './communicator.ts';
import type { Ending } from './first.ts';
import { Awaited } from './mailbox.ts';
import type { Traffic } from './traffic.ts';

/** Carries messages between ranks, which are numbered as in the world communicator. */
export interface Transport {
  /** Sends a message; the result tells when its buffer may be modified. */
  send(
    to: number,
    context: number,
    tag: number,
    step: number,
    move: Move & { kind: 'out' },
  ): { readonly sent: boolean };
  expect(receive: Awaited): void;
}

/** Purposes of the messages of a communicator. */
const MESSAGE = 0;
const AGREEMENT = 1;
const COLLECTIVE = 2;
const PURPOSES = 3;
/** The first step number of the messages that gather mismatched calls. */
const GATHER = 2 ** 20;

/**
 * Whether a message carries data of the program, which noise and Byzantine ranks may alter, rather than agreements
 * between ranks.
 */
export const carriesNumbers = (context: number): boolean => context % PURPOSES !== AGREEMENT;

interface Group {
  readonly comm: Communicator;
  /** Its ranks, as numbered in the world communicator. */
  readonly members: readonly number[];
  collectives: number;
}

/** A pending exchange. */
export class Operation implements Ending {
  answer: unknown;
  error: unknown;
  over = false;
  place = 0;
  /** The messages that it is waiting for. */
  current: Array<{ readonly sent: boolean; readonly to: number } | Awaited> = [];
  constructor(
    readonly group: Group,
    readonly act: Act,
    /** For a collective, its number in its communicator, from 1. */
    readonly number: number,
    readonly stage: Generator<Stage, unknown, readonly Received[]>,
  ) {}
}

/** Messages with one purpose, for which an operation waits together. */
interface Stage {
  readonly purpose: number;
  readonly moves: readonly Move[];
}

/**
 * The exchanges of one rank, implemented by messages: each advances when the messages arrive for which it is waiting.
 */
export class Engine {
  private readonly groups = new Map<number, Group>();
  private readonly running = new Set<Operation>();
  private nextId = 1;
  private ended = 0;

  constructor(
    private readonly rank: number,
    size: number,
    private readonly transport: Transport,
    private readonly traffic: Traffic,
    /** Whether ranks verify before each collective that their calls match. */
    private readonly checks: boolean,
  ) {
    const members = Array.from({ length: size }, (_, r) => r);
    this.groups.set(0, { comm: new Communicator(rank, size), members, collectives: 0 });
  }

  /** The communicator of all ranks (world). */
  get whole(): Communicator {
    return this.groups.get(0)!.comm;
  }

  begin(comm: number, act: Act): Operation {
    const group = this.groups.get(comm)!;
    const collective = act.kind !== 'send' && act.kind !== 'receive';
    const number = collective ? ++group.collectives : 0;
    const stage = collective ? this.collective(group, act, number) : message(act, group);
    const operation = new Operation(group, act, number, stage);
    this.running.add(operation);
    this.advance(operation, []);
    this.settle(operation);
    return operation;
  }

  /** Advances all operations that can advance; returns whether any did. */
  progress(): boolean {
    let moved = false;
    for (const operation of this.running) moved = this.settle(operation) || moved;
    return moved;
  }

  /** Advances an operation as far as its messages have arrived. */
  private settle(operation: Operation): boolean {
    let moved = false;
    while (!operation.over) {
      const { current } = operation;
      try {
        for (const m of current) if ('sent' in m ? !m.sent : !m.settled()) return moved;
      } catch (error) {
        this.end(operation, { error });
        return true;
      }
      this.advance(
        operation,
        current.flatMap((m) => ('sent' in m ? [] : [m.received!])),
      );
      moved = true;
    }
    return moved;
  }

  private advance(operation: Operation, received: readonly Received[]): void {
    const { group, act, number, stage } = operation;
    const { id } = group.comm;
    try {
      const step = stage.next(received);
      if (step.done) {
        this.end(operation, { answer: step.value });
        return;
      }
      const { purpose, moves } = step.value;
      const context = id * PURPOSES + purpose;
      const tag = 'tag' in act ? act.tag : number;
      // Receives are posted first, so that a message to oneself finds its receive.
      const inwards = moves.flatMap((move) => {
        if (move.kind !== 'in') return [];
        const from = move.from === 'any' ? 'any' : group.members[move.from];
        const receive = new Awaited(from, context, tag, move.step, move.into, move.reduction);
        this.transport.expect(receive);
        return [receive];
      });
      const outwards = moves.flatMap((move) => {
        if (move.kind !== 'out') return [];
        this.traffic.count(1, move.data.byteLength);
        const to = group.members[move.to];
        const sending = this.transport.send(to, context, tag, move.step, move);
        return [Object.assign(sending, { to })];
      });
      operation.current = [...inwards, ...outwards];
    } catch (error) {
      this.end(operation, { error });
    }
  }

  private end(operation: Operation, { answer, error }: { answer?: unknown; error?: unknown }): void {
    operation.answer = answer;
    operation.error = error;
    operation.over = true;
    operation.place = ++this.ended;
    operation.current = [];
    this.running.delete(operation);
  }

  private *collective(group: Group, act: Collective, number: number): Operation['stage'] {
    const { rank, size } = group.comm;
    if (this.checks && size > 1) {
      const max = opinion(act);
      yield* staged(AGREEMENT, moves({ kind: 'allReduce', data: max, reduction: 'max' }, rank, size));
      if (!agreed(max)) {
        const data = particulars(act);
        const into = new Float64Array(size * data.length);
        yield* staged(AGREEMENT, moves({ kind: 'allGather', data, into }, rank, size), GATHER);
        throw disagreement(into, number);
      }
    }
    if (act.kind === 'split') return yield* this.split(group, act.colour, act.key);
    yield* staged(COLLECTIVE, moves(act, rank, size));
  }

  private *split(group: Group, colour: number | undefined, key: number): Operation['stage'] {
    const { rank, size } = group.comm;
    const data = Float64Array.of(colour ?? -1, key, this.nextId);
    const into = new Float64Array(size * data.length);
    yield* staged(AGREEMENT, moves({ kind: 'allGather', data, into }, rank, size), GATHER);
    const made = splitBy(into, rank, group.members);
    this.nextId = made.nextId;
    if (!made.group) return undefined;
    const { members, id } = made.group;
    const comm = new Communicator(members.indexOf(this.rank), members.length, id);
    this.groups.set(id, { comm, members, collectives: 0 });
    return comm;
  }
}

function* staged(purpose: number, of: Moves, first = 0): Operation['stage'] {
  let step = of.next([]);
  while (!step.done) {
    const moves = first === 0 ? step.value : step.value.map((move) => ({ ...move, step: move.step + first }));
    step = of.next(yield { purpose, moves });
  }
  return step.value;
}

function* message(act: Act & { kind: 'send' | 'receive' }, group: Group): Operation['stage'] {
  if (act.kind === 'send') {
    yield { purpose: MESSAGE, moves: [{ kind: 'out', to: act.to, data: act.data, step: 0 }] };
    return undefined;
  }
  const [{ from, length }] = yield {
    purpose: MESSAGE,
    moves: [{ kind: 'in', from: act.from, into: act.into, step: 0 }],
  };
  return { from: group.members.indexOf(from), length };
}

/**
 * The group of a rank, given the colour, key and first free number of each rank: groups are numbered by colour from the
 * largest free number on, so that no two communicators that share a rank have the same number.
 */
export function splitBy(gathered: Float64Array, rank: number, members: readonly number[]) {
  const rows = members.map((member, r) => {
    const [colour, key, free] = gathered.subarray(3 * r, 3 * r + 3);
    return { member, colour, key, free };
  });
  const colours = [...new Set(rows.map((row) => row.colour).filter((c) => c >= 0))].sort((a, b) => a - b);
  const first = rows.reduce((most, row) => Math.max(most, row.free), 0);
  const own = rows[rank].colour;
  const group = own < 0 ? undefined : rows.filter((row) => row.colour === own).sort((a, b) => a.key - b.key);
  return {
    nextId: first + colours.length,
    group: group && { id: first + colours.indexOf(own), members: group.map((row) => row.member) },
  };
}
