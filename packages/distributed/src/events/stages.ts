import { type Moves, moves } from '../algorithms.ts';
import type { Collective } from '../communicator.ts';
import { TYPES } from '../numbers.ts';
import type { KeptExchange } from './record.ts';

/** A message of a collective as one of its ranks sends or receives it; ranks are those of the communicator. */
export interface StageMove {
  readonly out: boolean;
  readonly peer: number;
  readonly bytes: number;
  /** Equal for sender and receiver, and different for the messages of a collective between two ranks. */
  readonly step: number;
}

/** Numbers by which ranks agree on what a collective is, and those of a split. */
const [OPINION, SPLIT] = [8, 3];
/** Distance between the steps of the parts of a collective. */
const PART = 2 ** 20;

function listed(of: Moves<unknown>, part: number): StageMove[][] {
  const stages: StageMove[][] = [];
  for (let step = of.next([]); !step.done; step = of.next([])) {
    stages.push(
      step.value.map((move) => ({
        ...(move.kind === 'out'
          ? { out: true, peer: move.to, bytes: move.data.byteLength }
          : { out: false, peer: move.from as number, bytes: 0 }),
        step: PART * part + move.step,
      })),
    );
  }
  return stages;
}

/** The collective with numbers that stand for those of the program, none of which are looked at. */
function standIn({ kind, peer, type, length }: KeptExchange, size: number): Exclude<Collective, { kind: 'split' }> {
  const numbers = (n: number) => new TYPES[type](n);
  switch (kind) {
    case 'broadcast':
      return { kind, root: peer, data: numbers(length) };
    case 'reduce':
      return { kind, root: peer, data: numbers(length), reduction: 'max' };
    case 'allReduce':
      return { kind, data: numbers(length), reduction: 'max' };
    case 'allGather':
      return { kind, data: numbers(length), into: numbers(length * size) };
    case 'reduceScatter':
      return { kind, data: numbers(length), into: numbers(length / size), reduction: 'max' };
    case 'allToAll':
      return { kind, data: numbers(length), into: numbers(length) };
    default:
      return { kind: 'barrier' };
  }
}

/** The messages of collectives, which depend on little and are computed once. */
export class Stages {
  private readonly known = new Map<string, readonly (readonly StageMove[])[]>();

  /** @param checks whether ranks agree before each collective on what it is. */
  constructor(private readonly checks: boolean) {}

  /** Messages of a rank in the order in which it sends and receives them; those of a stage are on their way together. */
  of(exchange: KeptExchange, rank: number, size: number): readonly (readonly StageMove[])[] {
    const { kind, peer, type, length } = exchange;
    const root = kind === 'broadcast' || kind === 'reduce' ? peer : 0;
    const key = [kind, root, type, length, rank, size].join();
    let found = this.known.get(key);
    if (!found) {
      const agreement = { kind: 'allReduce', data: new Float64Array(OPINION), reduction: 'max' } as const;
      const own = (n: number) =>
        ({ kind: 'allGather', data: new Float64Array(n), into: new Float64Array(n * size) }) as const;
      found = [
        ...(this.checks && size > 1 ? listed(moves(agreement, rank, size), 0) : []),
        ...listed(moves(kind === 'split' ? own(SPLIT) : standIn(exchange, size), rank, size), 1),
      ];
      this.known.set(key, found);
    }
    return found;
  }
}
