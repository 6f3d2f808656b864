import type { Communicator, Exchange, Pending } from '@southwell/distributed';
import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { type CodedJobs, type CodedRun, Notes, Results, type Settings, Tasks } from './runParts.ts';
import type { SequentialCode } from './sequentialCode.ts';

const codedRecords = {
  /** A round waits for (1 + mu) times the time of its first result before it does without the rest. Default: 1. */
  mu: numberOption({ min: 0, finite: true }),
  /** For whom a round waits where the code does not admit its stragglers: `enough`, until it admits those that are left, or `all`. Default: enough. */
  waitFor: choiceOption({ enough: 'enough workers to do without the rest', all: 'all workers' }),
  /** Rows between two looks for a cancellation; these should take less than 5 ms. The bits depend on it. Default: 64. */
  sliceRows: integerOption({ min: 1 }),
  /** Seconds that a row takes on a simulated clock. Default: 0. */
  secondsPerRow: numberOption({ min: 0, finite: true }),
  /** Seconds after which a round ends without those that have not answered, if the code admits that, and the run as stalled if not. Default: 60. */
  patience: numberOption({ min: 0, open: true, finite: true }),
  /** Seconds for which a worker (from 0) waits before it works in a round (from 1): for trials. Infinite for a dead one. Default: none. */
  slowness: otherOption<(round: number, worker: number) => number>('a function of round and worker'),
};

export interface RunCodedOptions extends OptionsOf<typeof codedRecords> {}

const START = 71;
const RESULT = 72;
/** The words in front of a start: its round, or 0 at the end. In front of a result: its round, or 0 at the end, and its worker. */
const HEAD = 1;
const RESULT_HEAD = 2;

/** One rank: it does the tasks of all workers in turn, none of which can straggle. */
function* alone(comm: Communicator, code: SequentialCode, work: CodedJobs, settings: Settings, notes: Notes): Exchange {
  const rounds = code.rounds(work.jobs);
  const tasks = new Tasks(comm, code, work, settings);
  const results = new Results(work);
  const points = new Map<number, Float64Array>();
  const begun = yield* comm.clock();
  for (let round = 1; rounds.decoded < work.jobs; round++) {
    const from = yield* comm.clock();
    if (round <= work.jobs) {
      const x = new Float64Array(work.length);
      work.point(round, x);
      points.set(round, x);
    }
    for (const [worker, own] of rounds.assignment().entries()) {
      for (const task of own) {
        const result = new Float64Array(work.length);
        // biome-ignore lint/correctness/useYield: a worker that nobody cancels
        yield* tasks.compute(task, points.get(task.job)!, result, function* () {
          return false;
        });
        results.keep(task.job, round, worker, result);
      }
    }
    const now = yield* comm.clock();
    notes.round(now - from, 0, false);
    for (const job of results.end(rounds, new Uint8Array(code.n))) notes.finished(job, now - begun);
    points.delete(round - code.delay);
  }
}

/** Rank 0: it starts rounds, and ends each when what is there suffices. The start of a round cancels what is left of the last. */
function* coordinate(
  comm: Communicator,
  code: SequentialCode,
  work: CodedJobs,
  settings: Settings,
  notes: Notes,
): Exchange {
  const { n, delay } = code;
  const rounds = code.rounds(work.jobs);
  const results = new Results(work);
  const inbox = new Float64Array(RESULT_HEAD + (delay + 1) * work.length);
  let coming = yield* comm.begin(comm.receive('any', inbox, RESULT));
  let sent: Pending[] = [];
  let stragglers = new Uint8Array(n);
  function* start(round: number): Exchange {
    for (const one of sent) yield* comm.wait(one);
    sent = [];
    const message = new Float64Array(HEAD + n + (round > 0 && round <= work.jobs ? work.length : 0));
    message[0] = round;
    message.set(stragglers, HEAD);
    if (message.length > HEAD + n) work.point(round, message.subarray(HEAD + n));
    for (let to = 1; to < comm.size; to++) sent.push(yield* comm.begin(comm.send(to, message, START)));
  }
  const begun = yield* comm.clock();
  for (let round = 1; rounds.decoded < work.jobs; round++) {
    const assignment = rounds.assignment();
    const from = yield* comm.clock();
    yield* start(round);
    // Workers without a task are not waited for.
    const arrived = Uint8Array.from(assignment, (own) => (own.length === 0 ? 1 : 0));
    const absent = () => arrived.map((v) => 1 - v);
    const limit = from + settings.patience;
    let [cut, waits] = [Number.POSITIVE_INFINITY, false];
    stragglers = new Uint8Array(n);
    while (arrived.includes(0)) {
      if ((yield* comm.waitAny([coming], waits ? limit : Math.min(cut, limit))) !== undefined) {
        yield* comm.wait(coming);
        const worker = inbox[1];
        if (inbox[0] === round) {
          arrived[worker] = 1;
          assignment[worker].forEach(({ job }, k) => {
            const at = RESULT_HEAD + k * work.length;
            results.keep(job, round, worker, inbox.slice(at, at + work.length));
          });
          const now = yield* comm.clock();
          cut = Math.min(cut, from + (1 + settings.mu) * (now - from));
        }
        coming = yield* comm.begin(comm.receive('any', inbox, RESULT));
        if (waits && !settings.all && arrived.includes(0) && rounds.admits(absent())) {
          stragglers = absent();
          break;
        }
      } else if (!waits && cut <= limit) {
        if (rounds.admits(absent())) {
          stragglers = absent();
          break;
        }
        waits = true;
      } else {
        // Others than the dead may have been late.
        if (rounds.admits(absent())) stragglers = absent();
        break;
      }
    }
    const now = yield* comm.clock();
    const dropped = stragglers.reduce((sum, v) => sum + v, 0);
    notes.round(now - from, dropped, waits);
    if (dropped === 0 && arrived.includes(0)) {
      notes.stalled(arrived);
      break;
    }
    for (const job of results.end(rounds, stragglers)) notes.finished(job, now - begun);
  }
  yield* start(0);
  // Late results are taken, so that no worker waits for its message to leave.
  for (let left = comm.size - 1; left > 0; ) {
    yield* comm.wait(coming);
    if (inbox[0] === 0) left--;
    if (left > 0) coming = yield* comm.begin(comm.receive('any', inbox, RESULT));
  }
  for (const one of sent) yield* comm.wait(one);
}

/** The other ranks: each is the workers i with i mod (size − 1) = rank − 1, so that neighbours in a code are on different ranks. */
function* serve(comm: Communicator, code: SequentialCode, work: CodedJobs, settings: Settings): Exchange {
  const { n, delay } = code;
  const own = Array.from({ length: n }, (_, i) => i).filter((i) => i % (comm.size - 1) === comm.rank - 1);
  const rounds = code.rounds(work.jobs);
  const tasks = new Tasks(comm, code, work, settings);
  const points = new Map<number, Float64Array>();
  const sending: Pending[] = [];
  let message = new Float64Array(HEAD + n + work.length);
  yield* comm.receive(0, message, START);
  while (message[0] > 0) {
    const round = message[0];
    if (round > 1) rounds.end(Uint8Array.from(message.subarray(HEAD, HEAD + n)));
    if (round <= work.jobs) points.set(round, message.slice(HEAD + n));
    points.delete(round - delay - 1);
    const next = new Float64Array(message.length);
    const coming = yield* comm.begin(comm.receive(0, next, START));
    const assignment = rounds.assignment();
    const from = yield* comm.clock();
    let open = own
      .filter((i) => assignment[i].length > 0)
      .map((worker) => ({ worker, due: from + waitOf(settings, round, worker) }))
      .sort((a, b) => a.due - b.due);
    working: while (open.length > 0) {
      const now = yield* comm.clock();
      const wait = open[0].due;
      if (wait > now && (yield* comm.waitAny([coming], wait)) !== undefined) break;
      // All whose wait is over, so that results of workers of one rank leave together.
      const batch = open.filter(({ due }) => due <= Math.max(now, wait));
      open = open.slice(batch.length);
      const ready: Float64Array[] = [];
      for (const { worker } of batch) {
        const result = new Float64Array(RESULT_HEAD + assignment[worker].length * work.length);
        result.set([round, worker]);
        for (const [k, task] of assignment[worker].entries()) {
          const at = RESULT_HEAD + k * work.length;
          const into = result.subarray(at, at + work.length);
          if (!(yield* tasks.compute(task, points.get(task.job)!, into, () => comm.test(coming)))) break working;
        }
        ready.push(result);
      }
      for (const result of ready) sending.push(yield* comm.begin(comm.send(0, result, RESULT)));
    }
    yield* comm.wait(coming);
    message = next;
    while (sending.length > 0 && (yield* comm.test(sending[0]))) yield* comm.wait(sending.shift()!);
  }
  for (const one of sending) yield* comm.wait(one);
  yield* comm.send(0, new Float64Array(RESULT_HEAD), RESULT);
}

function waitOf({ slowness }: Settings, round: number, worker: number): number {
  const seconds = slowness?.(round, worker) ?? 0;
  if (!(seconds >= 0)) {
    fail(
      'INVALID_PARAMETER',
      `The slowness of worker ${worker + 1} in round ${round} is ${seconds}; it must be seconds of at least 0.`,
    );
  }
  return seconds;
}

/**
 * Runs jobs under a code, with `code.n` workers on all ranks but rank 0, which coordinates; a single rank does everything. A round ends without those who take more than
 * (1 + mu) times as long as the first, if the code admits them, and otherwise as `waitFor` says. The start of the next round cancels their work: they look for it between slices
 * of rows, and while they wait. All ranks call it and return the same notes; sums are handed over on rank 0 only. With a code that is a fractional repetition (s + 1 or λ + 1
 * divides n) the bits of the sums do not depend on who straggled, nor on the number of ranks; otherwise they differ by the rounding of the decoder, about 1e-12 relative.
 * Ranks that die are found by the communicator (its timeout); workers that are only silent stall the run after `patience`, if the code does not admit that they are missing.
 * Messages of a round: a point to each rank, and (T + 1)·length numbers at most from each worker.
 * @throws INVALID_PARAMETER for other options, jobs and rows that are not whole numbers of at least 1, and negative or NaN slowness.
 */
export function* runCoded(
  comm: Communicator,
  code: SequentialCode,
  work: CodedJobs,
  options: RunCodedOptions = {},
): Exchange<CodedRun> {
  checkOptions('runCoded', codedRecords, options);
  wholeNumber('jobs', work.jobs, 1);
  wholeNumber('rows', work.rows, 1);
  wholeNumber('length', work.length, 1);
  const { mu = 1, waitFor = 'enough', sliceRows = 64, secondsPerRow = 0, patience = 60, slowness } = options;
  const settings: Settings = {
    mu,
    all: waitFor === 'all',
    sliceRows,
    secondsPerRow,
    patience,
    ...(slowness && { slowness }),
  };
  const notes = new Notes(code.n, work.jobs + code.delay, work.jobs);
  if (comm.size === 1) yield* alone(comm, code, work, settings, notes);
  else if (comm.rank === 0) yield* coordinate(comm, code, work, settings, notes);
  else yield* serve(comm, code, work, settings);
  yield* comm.broadcast(notes.numbers);
  return notes.read();
}
