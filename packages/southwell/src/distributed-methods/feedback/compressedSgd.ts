import { agree, alone, type Communicator, type Exchange, type Request } from '@southwell/distributed';
import {
  checkGiven,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { type Client, type ClientState, type Clients, OwnClients } from './clients.ts';
import { collect, type Round, share } from './exchange.ts';
import { type Feedback, feedbackOf, feedbackRecords } from './methods.ts';
import { type FeedbackServer, serverOf, stepOfServer } from './steps.ts';

/** Step sizes of rounds, counted from 0. */
export type Schedule = (round: number) => number;

const records = {
  ...feedbackRecords,
  /** Step size γ of the server, above 0, or a function of the round, counted from 0. Required. */
  stepSize: otherOption<number | Schedule>(
    'a finite number above 0 or a function of the round',
    (value) => typeof value === 'function' || (typeof value === 'number' && value > 0 && Number.isFinite(value)),
  ),
  /** Steps that a client takes by itself in a round; it then sends the mean of its gradients. Default 1. */
  localSteps: integerOption({ min: 1 }),
  /**
   * Step size of a client's own steps. Default: stepSize / localSteps, so that whole gradients give the mean of the clients'
   * points (federated averaging). Required if stepSize is a function and localSteps is above 1.
   */
  localStepSize: numberOption({ min: 0, open: true, finite: true }),
  /** Default 0. Client i has streams of its own, whatever the number of ranks. */
  seed: seedOption(),
  /** A state from a checkpoint of this rank, of the same problem and options. */
  resume: otherOption<CompressedSgdState>('a state from a checkpoint'),
} as const;

/** Options of {@link compressedSgd}. */
export type CompressedSgdOptions = OptionsOf<typeof records> & { readonly stepSize: number | Schedule };

/** What a rank needs to go on, as plain data. */
export interface CompressedSgdState {
  /** Rounds that are complete. */
  readonly rounds: number;
  readonly rank: number;
  readonly ranks: number;
  readonly settings: string;
  readonly x: Float64Array;
  /** On the first rank. */
  readonly estimate: Float64Array;
  readonly clients: readonly ClientState[];
  readonly bytesSent: number;
  /** Length of the first direction, by which the certificate is divided. */
  readonly scale: number;
}

const programKeys: OptionKeys<CompressedSgdOptions> = keysOf(records);
const keys: OptionKeys<CompressedSgdOptions & RunOptions<Float64Array, number | undefined>> = {
  ...runKeys,
  ...programKeys,
};

/** Everything on which the iterates depend, for comparison. */
const settingsOf = (clients: Clients, d: number, options: CompressedSgdOptions, feedback: Feedback) => ({
  method: feedback.method,
  compressor: feedback.compressor.name,
  'the number of clients': clients.length,
  'the length of the start': d,
  eta: feedback.eta,
  momentum: feedback.momentum,
  stepSize: typeof options.stepSize === 'number' ? options.stepSize : 'a function',
  localSteps: options.localSteps ?? 1,
  localStepSize: options.localStepSize ?? 'the default',
  seed: options.seed ?? 0,
});

/** @throws INVALID_PARAMETER unless the state is one of this rank and these settings. */
function checkState(state: CompressedSgdState, comm: Communicator, settings: string): void {
  if (state.ranks !== comm.size || state.rank !== comm.rank)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint is of rank ${state.rank} of ${state.ranks}, but this is rank ${comm.rank} of ${comm.size}. Resume with as many ranks as before, each with its own state.`,
    );
  if (state.settings !== settings)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint was made with other settings: ${state.settings}, and not ${settings}. Resume with the same problem and options.`,
    );
}

/** @throws INVALID_PARAMETER, NON_FINITE. */
function checkProblem(clients: Clients, start: ArrayLike<number>): void {
  if (!(clients.length >= 1)) fail('INVALID_PARAMETER', 'compressedSgd needs at least one client, but there are none.');
  if (start.length === 0) fail('INVALID_PARAMETER', 'The start of compressedSgd has no entries.');
  for (let i = 0; i < start.length; i++)
    if (!Number.isFinite(start[i])) fail('NON_FINITE', `Entry ${i} of the start is ${start[i]}.`);
}

/** @throws INVALID_PARAMETER for options that do not go together. */
function localStepOf({ stepSize, localSteps = 1, localStepSize }: CompressedSgdOptions): number {
  if (localStepSize !== undefined) return localStepSize;
  if (typeof stepSize === 'number') return stepSize / localSteps;
  if (localSteps > 1)
    fail('INVALID_PARAMETER', 'localStepSize is required where stepSize is a function and localSteps is above 1.');
  return 0;
}

/** @throws INVALID_PARAMETER unless the schedule gives a finite number above 0. */
function stepAt(stepSize: number | Schedule, round: number): number {
  if (typeof stepSize === 'number') return stepSize;
  const found = stepSize(round);
  if (!(found > 0 && Number.isFinite(found)))
    fail('INVALID_PARAMETER', `stepSize gives ${found} for round ${round}; it must be a finite number above 0.`);
  return found;
}

const lengthOf = (v: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
};

/** Runs an exchange under the name of a phase. */
function* under<R>(comm: Communicator, phase: string, exchange: Exchange<R>): Exchange<R> {
  const before = yield* comm.phase(phase);
  const found = yield* exchange;
  yield* comm.phase(before);
  return found;
}

/**
 * The program of {@link compressedSgd} for any number of ranks, each of which has an equal share of the clients in their
 * order: ranks send the messages of their clients to rank 0, which takes the step and broadcasts the point. Iterates are the
 * same on all ranks, and their bits do not depend on the number of ranks or the driver. Communication is counted in phases:
 * `first gradients`, `messages`, `reports` (lengths of messages, values of f and norms, 32 bytes a client), `model`.
 * @param clients all of them on every rank, of which a rank asks only for its own (`clients.at(i)`).
 * @param start the first point, the same on all ranks: that of rank 0 is used.
 * @throws as {@link compressedSgd}; MISMATCH if ranks differ in their options or the number of clients.
 */
export function* compressedSgdProgram(
  comm: Communicator,
  clients: Clients,
  start: ArrayLike<number>,
  options: CompressedSgdOptions,
): Generator<Iterate<Float64Array, number | undefined> | Request, void, unknown> {
  knownKeys('compressedSgd', options, programKeys);
  checkGiven(records, options);
  checkProblem(clients, start);
  if (options.stepSize === undefined) fail('INVALID_PARAMETER', 'stepSize is required.');
  const { stepSize, seed = 0, localSteps = 1, resume } = options;
  const d = start.length;
  const feedback = feedbackOf(options, d);
  const settings = settingsOf(clients, d, options, feedback);
  yield* under(comm, 'agree', agree(comm, settings));
  const local = { steps: localSteps, stepSize: localStepOf(options) };
  const own = new OwnClients(clients, share(clients.length, comm), { feedback, length: d, local, seed });
  const text = JSON.stringify(settings);
  if (resume) checkState(resume, comm, text);
  const x = Float64Array.from(resume ? resume.x : start);
  if (!resume) yield* under(comm, 'agree', comm.broadcast(x));
  let server: FeedbackServer = { x, estimate: Float64Array.from(resume?.estimate ?? []) };
  let { bytesSent = 0, scale = 0 } = resume ?? {};
  if (resume) own.restore(resume.clients);
  else if (feedback.scheme.estimate === 'none') server = serverOf(feedback, x, []);
  else {
    const first = yield* collect(comm, clients.length, own.first(x), 'first gradients');
    if (first.failure !== undefined) fail('NON_FINITE', first.failure);
    bytesSent += first.bytes;
    if (comm.rank === 0) server = serverOf(feedback, x, first.messages);
  }
  for (let round = resume?.rounds ?? 0; ; round++) {
    const before = server.x.slice();
    const work = {
      oracleCalls: clients.length * localSteps * (round + 1),
      messages: clients.length * round,
      bytesSent,
      bytesReceived: 8 * d * clients.length * round,
    };
    const found: Round = yield* collect(comm, clients.length, own.round(before, round), 'messages');
    if (found.failure !== undefined) {
      // Without an iterate before, there is no point to return.
      if (round === 0) fail('NON_FINITE', found.failure);
      const ended = { done: 'diverged', next: found.failure, mayFail: 'diverge' } as const;
      yield { iteration: round, objective: Number.NaN, work, ...ended, snapshot: () => before.slice() };
      return;
    }
    const step = stepAt(stepSize, round);
    // x, and the length of the direction.
    const model = new Float64Array(d + 1);
    if (comm.rank === 0) {
      model[d] = lengthOf(stepOfServer(feedback, server, found.messages, step));
      model.set(server.x);
    }
    yield* under(comm, 'model', comm.broadcast(model));
    server.x.set(model.subarray(0, d));
    if (scale === 0) scale = model[d];
    bytesSent += found.bytes;
    yield {
      iteration: round,
      objective: found.objective,
      certificate: { kind: 'gradientNorm', value: model[d], relative: scale > 0 ? model[d] / scale : 0 },
      metrics: { errorNorm: found.errorNorm, estimateGap: found.estimateGap },
      work,
      mayFail: 'diverge',
      snapshot: () => before.slice(),
      checkpoint: (): CompressedSgdState => ({
        ...{ rounds: round + 1, rank: comm.rank, ranks: comm.size, settings: text, bytesSent, scale },
        ...{ x: server.x.slice(), estimate: server.estimate.slice(), clients: own.state() },
      }),
    };
  }
}

/**
 * Stochastic gradient descent on f = mean of f_i over clients that send compressed messages, with the error of past messages
 * fed back: EControl (Gao, Islamov & Stich 2024) and its relatives; formulas in {@link feedbackClientStep} and {@link
 * feedbackServerStep}. Messages to the server are compressed, the point is broadcast whole. Methods with estimates begin
 * with a round of whole gradients, which `bytesSent` counts.
 *
 * Iterate t is the point after t rounds. Its objective is the mean of the values that clients return there, undefined if one
 * returns none; its certificate ‖direction‖, relative to the first one, which is a gradient norm for methods with estimates
 * and for `sgd`, and without noise; metrics `errorNorm` = √mean‖e_i‖² and `estimateGap` = √mean‖g_i − h_i‖². Work counts
 * messages and bytes until the point was reached: `bytesSent` by clients, `bytesReceived` by them. By default it ends only if it
 * diverges: give `maxIter`, or `tol` for gradients without noise. O(clients · length) a round and the cost of the
 * gradients and the compressor; memory 2 · length for each client.
 *
 * This is {@link compressedSgdProgram} on one rank.
 * @param clients one for each f_i.
 * @param start the first point, finite.
 * @throws INVALID_PARAMETER for invalid options, no clients, or `ec-ideal` with clients that have no `atOptimum`;
 * NON_FINITE for a start or first gradients that are not finite, naming the client. Later, such gradients end the run as
 * `diverged`.
 */
export function compressedSgd(
  clients: readonly Client[],
  start: ArrayLike<number>,
  options: CompressedSgdOptions & RunOptions<Float64Array, number | undefined>,
): Solution<Float64Array, number | undefined> {
  knownKeys('compressedSgd', options, keys);
  const own = Object.fromEntries(Object.entries(options).filter(([key]) => key in programKeys)) as never;
  const limits = only<RunOptions<Float64Array, number | undefined>>(options, runKeys);
  return run(
    alone((comm: Communicator) => compressedSgdProgram(comm, clients, start, own)),
    limits,
  );
}
