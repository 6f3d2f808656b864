import type { Communicator, Exchange } from '@southwell/distributed';

/** What a client has for the server in a round: a message, the value of f_i, ‖e_i‖², ‖g_i − h_i‖²; or why it has none. */
export type Report =
  | {
      readonly message: Uint8Array;
      readonly value: number | undefined;
      readonly squares: number;
      readonly gap: number;
    }
  | { readonly failure: string };

/** A round as all ranks see it; the messages are on rank 0 only. */
export interface Round {
  readonly messages: ReadonlyArray<Uint8Array>;
  /** Of all messages. */
  readonly bytes: number;
  readonly objective: number | undefined;
  readonly errorNorm: number;
  readonly estimateGap: number;
  /** Why a client has no message, if one has none. */
  readonly failure?: string;
}

const [REPORT, MESSAGE] = [1, 2];
/** Numbers of a report: length of the message, or of the failure with a minus sign; value; ‖e_i‖²; ‖g_i − h_i‖². */
const WIDTH = 4;

/** The clients of a rank: from the first to the one after the last. */
export const share = (clients: number, { rank, size }: Pick<Communicator, 'rank' | 'size'>): [number, number] => [
  Math.floor((clients * rank) / size),
  Math.floor((clients * (rank + 1)) / size),
];

/** The reports of a rank as numbers and bytes. */
function packed(
  reports: Iterable<Report>,
  count: number,
): { readonly numbers: Float64Array; readonly bytes: Uint8Array[] } {
  const numbers = new Float64Array(WIDTH * count);
  const bytes: Uint8Array[] = [];
  let k = 0;
  for (const report of reports) {
    if ('failure' in report) {
      const text = new TextEncoder().encode(report.failure);
      numbers[WIDTH * k++] = -text.length;
      bytes.push(text);
      continue;
    }
    const { message, value, squares, gap } = report;
    // A value that is missing is sent as NaN; one that is NaN has no further meaning either.
    numbers.set([message.length, value ?? Number.NaN, squares, gap], WIDTH * k++);
    bytes.push(message);
  }
  return { numbers, bytes };
}

/** The bytes of a rank's clients one after the other, and apart again. */
function together(parts: ReadonlyArray<Uint8Array>): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function apart(all: Uint8Array, numbers: Float64Array): Uint8Array[] {
  let at = 0;
  return Array.from({ length: numbers.length / WIDTH }, (_, k) => {
    const end = at + Math.abs(numbers[WIDTH * k]);
    const part = all.subarray(at, end);
    at = end;
    return part;
  });
}

/** The sums over all clients in their order, as rank 0 has the numbers. */
function summary(numbers: Float64Array, clients: number): Float64Array {
  const sums = new Float64Array(WIDTH);
  for (let k = 0; k < clients; k++) for (let j = 0; j < WIDTH; j++) sums[j] += numbers[WIDTH * k + j];
  return sums;
}

/**
 * Sends the reports of all ranks' clients to rank 0 and tells all ranks what they amount to. Rank 0 receives in rank order, so
 * that messages are in the order of the clients.
 */
export function* collect(
  comm: Communicator,
  clients: number,
  reports: Iterable<Report>,
  phase: string,
): Exchange<Round> {
  const [from, to] = share(clients, comm);
  const own = packed(reports, to - from);
  const all = new Float64Array(comm.rank === 0 ? WIDTH * clients : 0);
  const messages = [...own.bytes];
  const before = yield* comm.phase('reports');
  if (comm.rank > 0 && to > from) {
    yield* comm.send(0, own.numbers, REPORT);
    yield* comm.phase(phase);
    yield* comm.send(0, together(own.bytes), MESSAGE);
    yield* comm.phase('reports');
  }
  if (comm.rank === 0) {
    all.set(own.numbers);
    for (let rank = 1; rank < comm.size; rank++) {
      const [first, end] = share(clients, { rank, size: comm.size });
      if (end === first) continue;
      const numbers = all.subarray(WIDTH * first, WIDTH * end);
      yield* comm.receive(rank, numbers, REPORT);
      let length = 0;
      for (let k = 0; k < numbers.length; k += WIDTH) length += Math.abs(numbers[k]);
      const bytes = new Uint8Array(length);
      yield* comm.receive(rank, bytes, MESSAGE);
      messages.push(...apart(bytes, numbers));
    }
  }
  const failed = comm.rank === 0 ? messages.findIndex((_, k) => all[WIDTH * k] < 0) : -1;
  // The sums, and the bytes of a failure.
  const told = new Float64Array(WIDTH + 1);
  if (comm.rank === 0) told.set(summary(all, clients));
  if (failed >= 0) told[WIDTH] = messages[failed].length;
  yield* comm.broadcast(told);
  const text = failed >= 0 ? messages[failed].slice() : new Uint8Array(told[WIDTH]);
  if (text.length > 0) yield* comm.broadcast(text);
  yield* comm.phase(before);
  const [bytes, values, squares, gaps] = told;
  return {
    messages,
    bytes,
    objective: Number.isNaN(values) ? undefined : values / clients,
    errorNorm: Math.sqrt(squares / clients),
    estimateGap: Math.sqrt(gaps / clients),
    ...(text.length > 0 && { failure: new TextDecoder().decode(text) }),
  };
}
