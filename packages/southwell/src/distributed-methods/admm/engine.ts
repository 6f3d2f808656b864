import type { Communicator, Exchange, Request } from '@southwell/distributed';
import { agree } from '@southwell/distributed';
import { fail, fingerprint, type Iterate } from '@southwell/numerics/core';
import type { Links } from './noise.ts';
import type { ClientSchedule } from './schedule.ts';

/** A client: keeps its rows, and answers the message of a round. */
export interface Client {
  answer(message: Float64Array): Float64Array;
  /** A round in which the client does not take part. */
  idle?(): void;
  state(): unknown;
  restore(state: unknown): void;
}

/** How far a round is from agreement, in the units of w and relative to its norm. */
export interface Residual {
  readonly value: number;
  readonly relative: number;
}

/** The server, on rank 0. */
export interface Server {
  /** The global model. */
  readonly point: Float64Array;
  message(): Float64Array;
  /** Takes the answers of those selected clients that did answer, in ascending order. */
  take(clients: readonly number[], answers: readonly Float64Array[]): Residual | undefined;
  metrics?(): Readonly<Record<string, number>>;
  state(): unknown;
  restore(state: unknown): void;
}

/** State of one rank after a round, as plain data. */
export interface AdmmState {
  readonly iteration: number;
  readonly rank: number;
  readonly ranks: number;
  readonly settings: string;
  readonly floatsUp: number;
  readonly floatsDown: number;
  readonly residual: Residual | undefined;
  readonly server: unknown;
  readonly clients: readonly unknown[];
}

/** C: as given, or from the first set of a schedule; at least 1. */
export function clientsOfRound(asked: number | undefined, schedule: ClientSchedule | undefined, clients: number) {
  return asked ?? Math.max(1, schedule?.at(0, clients).length ?? clients);
}

/** Whether a client cannot be reached in a round. */
export type Absent = (client: number, round: number) => boolean;

export interface Rounds {
  readonly comm: Communicator;
  readonly hosts: Hosts;
  /** Of this rank. */
  readonly clients: readonly Client[];
  /** On rank 0. */
  readonly server: Server | undefined;
  readonly schedule: ClientSchedule;
  readonly links: Links;
  /** The starting point of the global model. */
  readonly start: Float64Array;
  /** Numbers of a message, at most. */
  readonly most: number;
  readonly absent: Absent | undefined;
  /** Seconds of work of a client in a round, for simulated clocks. */
  readonly work: number | undefined;
  readonly settings: string;
  readonly resume: AdmmState | undefined;
}

export type AdmmIterate = Iterate<Float64Array, undefined>;

/** Which rank hosts which client. Clients are numbered over all ranks, in rank order. */
export class Hosts {
  private constructor(
    private readonly rank: number,
    private readonly counts: Float64Array,
  ) {}

  /**
   * Counts the clients of all ranks, after comparing the settings.
   * @throws EMPTY without a client; MISMATCH for different settings.
   */
  static *over(comm: Communicator, clients: number, settings: string): Exchange<Hosts> {
    const phase = yield* comm.phase('setup');
    yield* agree(comm, { 'the settings of the fit (as a hash)': fingerprint(settings) });
    const counts = new Float64Array(comm.size);
    yield* comm.allGather(Float64Array.of(clients), counts);
    yield* comm.phase(phase);
    const hosts = new Hosts(comm.rank, counts);
    if (hosts.clients === 0) fail('EMPTY', 'A federated fit needs at least one client, on any rank.');
    return hosts;
  }

  get clients(): number {
    return this.counts.reduce((a, b) => a + b, 0);
  }

  /** Index of the first client of this rank among all. */
  get first(): number {
    return this.counts.subarray(0, this.rank).reduce((a, b) => a + b, 0);
  }

  rankOf(client: number): number {
    let rank = 0;
    for (let before = this.counts[0]; client >= before; before += this.counts[rank]) rank++;
    return rank;
  }

  /** `width` numbers of every client, on all ranks in the order of the clients. */
  *gather(comm: Communicator, own: readonly Float64Array[], width: number): Exchange<Float64Array[]> {
    const phase = yield* comm.phase('setup');
    const most = Math.max(...this.counts);
    const out = new Float64Array(most * width);
    own.forEach((numbers, i) => {
      out.set(numbers, i * width);
    });
    const all = new Float64Array(comm.size * out.length);
    yield* comm.allGather(out, all);
    yield* comm.phase(phase);
    return [...this.counts].flatMap((count, rank) =>
      Array.from({ length: count }, (_, i) => all.slice(rank * out.length + i * width).subarray(0, width)),
    );
  }
}

/** Numbers before the vector of each message down, for control: value and relative value of the residual, numbers sent up and down, clients that answered, and whether the run diverged. */
const HEADER = 6;

/** One message down to each rank: the control numbers, and the vector where a client of the rank is selected. */
function* down(of: Rounds, selected: readonly number[], header: Float64Array): Exchange<Float64Array> {
  const { comm, hosts, server, most } = of;
  const phase = yield* comm.phase('down');
  const asked = new Set(selected.map((client) => hosts.rankOf(client)));
  let vector: Float64Array = new Float64Array(0);
  if (server) {
    vector = server.message();
    const whole = new Float64Array(HEADER + vector.length);
    whole.set(header);
    whole.set(vector, HEADER);
    for (let rank = 1; rank < comm.size; rank++)
      yield* comm.send(rank, asked.has(rank) ? whole : whole.subarray(0, HEADER));
  } else {
    const buffer = new Float64Array(HEADER + most);
    const { length } = yield* comm.receive(0, buffer);
    header.set(buffer.subarray(0, HEADER));
    vector = buffer.slice(HEADER, length);
  }
  yield* comm.phase(phase);
  return vector;
}

/** The answers of all selected clients to the server; those of absent clients are empty. */
function* up(
  of: Rounds,
  selected: readonly number[],
  own: readonly Float64Array[],
  length: number,
): Exchange<Float64Array[]> {
  const { comm, hosts } = of;
  const phase = yield* comm.phase('up');
  const buffer = new Float64Array(length);
  const mine = [...own];
  const found: Float64Array[] = [];
  for (const client of selected) {
    const owner = hosts.rankOf(client);
    if (owner === comm.rank) {
      const answer = mine.shift()!;
      if (comm.rank === 0) found.push(answer);
      else yield* comm.send(0, answer);
    } else if (comm.rank === 0) {
      const received = yield* comm.receive(owner, buffer);
      found.push(buffer.slice(0, received.length));
    }
  }
  yield* comm.phase(phase);
  return found;
}

function checkState({ comm, settings, resume, clients }: Rounds): void {
  if (!resume) return;
  if (resume.rank !== comm.rank || resume.ranks !== comm.size || resume.clients.length !== clients.length)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint is of rank ${resume.rank} of ${resume.ranks} with ${resume.clients.length} clients, but this is rank ${comm.rank} of ${comm.size} with ${clients.length}. Resume with the same ranks and clients, each with its own state.`,
    );
  if (resume.settings !== settings)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint was made with other settings: ${resume.settings}, and not ${settings}. Resume with the same options.`,
    );
}

/**
 * Rounds between the server and the clients, until the caller stops: one vector down to each rank with a selected client, one up from
 * each selected client. Iterates have the same numbers on all ranks; their `snapshot` is the global model on rank 0, and the last vector received elsewhere.
 */
export function* rounds(of: Rounds): Generator<AdmmIterate | Request, void, unknown> {
  const { comm, hosts, clients, server, schedule, links, absent, resume } = of;
  checkState(of);
  const { first } = hosts;
  let round = resume?.iteration ?? 0;
  let [floatsUp, floatsDown] = [resume?.floatsUp ?? 0, resume?.floatsDown ?? 0];
  let residual = resume?.residual;
  if (resume) {
    server?.restore(resume.server);
    clients.forEach((client, i) => {
      client.restore(resume.clients[i]);
    });
  }
  let answered = 0;
  let vector = of.start;
  const header = new Float64Array(HEADER);
  for (;;) {
    const selected = schedule.at(round, hosts.clients);
    const diverged = server !== undefined && !server.point.every(Number.isFinite);
    const [value, relative] = [residual?.value ?? Number.NaN, residual?.relative ?? Number.NaN];
    header.set([value, relative, floatsUp, floatsDown, answered, diverged ? 1 : 0]);
    const come = yield* down(of, selected, header);
    if (come.length > 0) vector = come;
    [floatsUp, floatsDown, answered] = header.subarray(2, 5);
    residual = Number.isNaN(header[0]) ? undefined : { value: header[0], relative: header[1] };
    const seen = { round, floatsUp, floatsDown, residual };
    const view: AdmmIterate = {
      ...{ iteration: round, objective: undefined, mayFail: 'diverge' },
      ...(residual && { certificate: { kind: 'residual', ...residual } }),
      ...(header[5] > 0 && {
        done: 'diverged' as const,
        next: 'Use a larger rho, or have more clients take part in each round.',
      }),
      work: {},
      metrics: { floatsUp, floatsDown, answered, ...server?.metrics?.() },
      snapshot: () => (server?.point ?? vector).slice(0, of.start.length),
      checkpoint: (): AdmmState => ({
        ...{ iteration: seen.round, rank: comm.rank, ranks: comm.size, settings: of.settings },
        ...{ floatsUp: seen.floatsUp, floatsDown: seen.floatsDown, residual: seen.residual },
        ...{ server: server?.state(), clients: clients.map((client) => client.state()) },
      }),
    };
    yield view;
    const own: Float64Array[] = [];
    const chosen = new Set(selected);
    clients.forEach((client, i) => {
      const index = first + i;
      if (!chosen.has(index)) client.idle?.();
      else if (absent?.(index, round)) own.push(new Float64Array(0));
      else own.push(links.pass(client.answer(links.pass(vector, 'down', index, round)), 'up', index, round));
    });
    const busy = own.filter(({ length }) => length > 0).length;
    if (of.work && busy > 0) yield* comm.work(of.work * busy);
    const answers = yield* up(of, selected, own, of.most);
    if (server) {
      const present = selected.filter((_, i) => answers[i].length > 0);
      const given = answers.filter(({ length }) => length > 0);
      answered = given.length;
      floatsDown += answered * vector.length;
      floatsUp += given.reduce((sum, { length }) => sum + length, 0);
      residual = server.take(present, given) ?? residual;
    }
    round++;
  }
}
