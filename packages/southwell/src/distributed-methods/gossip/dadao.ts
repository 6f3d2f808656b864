import { agree, alone, type Communicator, type Exchange, type Request } from '@southwell/distributed';
import {
  checkGiven,
  fail,
  type Iterate,
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
import type { Client } from '../feedback/index.ts';
import { dadaoConstants } from './constants.ts';
import { PoissonEvents, type PoissonState } from './events.ts';
import { DadaoHost } from './host.ts';
import {
  checkProblem,
  clientAt,
  type DadaoPoint,
  type DecentralisedProblem,
  type Rates,
  startsOf,
  timingOf,
} from './problem.ts';
import { Reports } from './reports.ts';

const records = {
  /**
   * Proportions of the rates of links: `uniform`, `optimal` (those of gossipRates), or one number a link. All are scaled such that χ₁χ₂ = ½.
   * Default uniform.
   */
  rates: otherOption<Rates>("'uniform', 'optimal' or one number a link"),
  /** Default 0. Order of events and draws of each node, the same for any number of ranks. */
  seed: seedOption(),
  /** Units of time between iterates, for which all ranks meet; each node computes one gradient per unit. Default 1. */
  interval: numberOption({ min: 0, open: true, finite: true }),
  /** With several graphs: units of time for which each holds. Default χ₁ of the Laplacian with the scaled rates, inverted. */
  switchEvery: numberOption({ min: 0, open: true, finite: true }),
  /** The minimum, if it is known: the certificate is then the squared distance from it. */
  optimum: otherOption<ArrayLike<number>>('a point'),
  /** Keeps the mean of each node's points at its gradients, for stochastic ones. Default false. */
  averages: otherOption<boolean>('true or false', (value) => typeof value === 'boolean'),
  /** Seconds that a gradient takes on a simulated clock, by `work` of the communicator. Default 0. */
  gradientSeconds: numberOption({ min: 0, finite: true }),
  /** A state from a checkpoint of this rank, of the same problem and options. */
  resume: otherOption<DadaoState>('a state from a checkpoint'),
} as const;

/** Options of {@link dadao} except limits. */
export type DadaoSettings = OptionsOf<typeof records>;
/** Options of {@link dadao}. */
export interface DadaoOptions extends DadaoSettings, RunOptions<DadaoPoint, number | undefined> {}

/** What a rank needs to go on, as plain data. */
export interface DadaoState {
  readonly rank: number;
  readonly ranks: number;
  readonly settings: string;
  readonly iteration: number;
  readonly gradients: number;
  readonly communications: number;
  readonly scale: number;
  readonly events: PoissonState;
  readonly values: Float64Array;
  readonly since: Float64Array;
  readonly averages: Float64Array;
  readonly counts: Float64Array;
  readonly draws: ReadonlyArray<readonly number[]>;
}

const programKeys: OptionKeys<DadaoSettings> = keysOf(records);
const keys: OptionKeys<DadaoOptions> = { ...runKeys, ...programKeys };

/** @throws INVALID_PARAMETER unless the state is one of this rank and these settings. */
function checkState(state: DadaoState, comm: Communicator, settings: string): void {
  if (state.ranks !== comm.size || state.rank !== comm.rank) {
    fail(
      'INVALID_PARAMETER',
      `The checkpoint is of rank ${state.rank} of ${state.ranks}, but this is rank ${comm.rank} of ${comm.size}. Resume with as many ranks as before, each with its own state.`,
    );
  }
  if (state.settings !== settings) {
    fail(
      'INVALID_PARAMETER',
      `The checkpoint was made with other settings: ${state.settings}, and not ${settings}. Resume with the same problem and options.`,
    );
  }
}

const MESSAGE = 1;

/** Both sides of a communication between ranks: Y + Z of the two nodes. */
function* swap(comm: Communicator, host: DadaoHost): Exchange {
  const { remote } = host;
  host.outgoing();
  const sending = yield* comm.begin(comm.send(remote, host.sent, MESSAGE));
  yield* comm.receive(remote, host.received, MESSAGE);
  yield* comm.wait(sending);
  host.incoming();
}

/**
 * The program of {@link dadao} for any number of ranks, each of which has an equal share of the nodes in their order. All ranks draw the same
 * order of events; a rank waits only for the partner of its own next communication, and for all at iterates, `interval` units of time apart.
 * Points are the same on all ranks, and their bits do not depend on the number of ranks or the driver. Communication is counted in phases:
 * `messages` between nodes on different ranks, 8d bytes each, and `reports` for iterates.
 *
 * @param problem its functions are on all ranks, of which each asks only for its own (`local.at(i)`).
 * @throws as {@link dadao}; MISMATCH if ranks differ in their options.
 */
export function* dadaoProgram(
  comm: Communicator,
  problem: DecentralisedProblem,
  options: DadaoSettings = {},
): Generator<Iterate<DadaoPoint, number | undefined> | Request, void, unknown> {
  knownKeys('dadao', options, programKeys);
  checkGiven(records, options);
  const { rates = 'uniform', seed = 0, interval = 1, optimum, averages = false, gradientSeconds = 0, resume } = options;
  const graphs = checkProblem(problem);
  const starts = startsOf(problem);
  const [n, d] = [starts.length, starts[0].length];
  if (optimum && optimum.length !== d) {
    fail('INVALID_PARAMETER', `The optimum has ${optimum.length} entries, and the start ${d}.`);
  }
  const timing = timingOf(graphs, rates);
  const { switchEvery = 1 / timing.chi1 } = options;
  const settings = {
    ...{ nodes: n, length: d, mu: problem.mu, L: problem.L, seed, interval, switchEvery, gradientSeconds },
    ...{ averages: `${averages}`, graphs: graphs.length, links: graphs[0].from.length },
    rates: typeof rates === 'string' ? rates : Array.from(rates).join(' '),
  };
  yield* agree(comm, settings);
  const constants = dadaoConstants(problem.mu, problem.L, timing.chi1);
  const events = new PoissonEvents(timing.sequence, seed, graphs.length > 1 ? switchEvery : undefined);
  const client = (i: number): Client => clientAt(problem.local, i);
  const host = new DadaoHost({ comm, starts, constants, events, client, seed, averages, pauses: gradientSeconds > 0 });
  const reports = new Reports(comm, { host, client, starts, optimum, seed, averages });
  const text = JSON.stringify(settings);
  if (resume) checkState(resume, comm, text);
  if (resume) host.restore(resume);
  else events.next();
  let scale = resume?.scale ?? Number.NaN;
  yield* comm.phase('messages');
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    const time = iteration * interval;
    while (!host.advance(time)) {
      if (host.remote >= 0) yield* swap(comm, host);
      else yield* comm.work(gradientSeconds);
    }
    yield* comm.phase('reports');
    const report = yield* reports.at(time);
    yield* comm.phase('messages');
    if (Number.isNaN(scale)) scale = report.measure;
    const { gradients, communications } = host;
    const finite = Number.isFinite(report.measure);
    yield {
      iteration,
      objective: report.objective,
      ...(finite && {
        certificate: {
          kind: optimum ? 'squaredDistance' : 'gradientNorm',
          value: report.measure,
          relative: scale > 0 ? report.measure / scale : 0,
        },
      }),
      metrics: { time, gradients, communications, spread: report.spread },
      work: { oracleCalls: gradients, messages: 2 * communications, bytesSent: 16 * d * communications },
      mayFail: 'diverge',
      ...(!finite && {
        done: 'diverged',
        next: `After ${time} units of time the points are not finite: L may be too small.`,
      }),
      snapshot: () => report.point(),
      checkpoint: (): DadaoState => ({
        ...{ rank: comm.rank, ranks: comm.size, settings: text, iteration: iteration + 1, scale },
        ...host.state(),
      }),
    };
    if (!finite) return;
  }
}

/**
 * DADAO (Nabli and Oyallon, ICML 2023): minimises the mean of functions f_i on the nodes of a graph, of which each computes gradients of its own
 * and exchanges vectors with neighbours, at random times that do not depend on each other. It is accelerated in both: O(n√(L/μ) log(1/ε))
 * gradients, and √(2χ₁χ₂) communications per n of them ({@link graphSpectrum}). Between events the variables of a node follow a linear flow,
 * which is applied when the node is next used.
 *
 * Iterate t has the points of all nodes after t · `interval` units of time, in each of which a node computes one gradient in the mean. With
 * `optimum` the certificate is Σ‖x_i − x*‖² / n, relative to its first value; else ‖∇f‖ at the mean of the points, for which each node computes
 * a gradient that is not counted, and the objective is f there, if all functions return values. Metrics are `time`, `gradients`,
 * `communications` (uses of links) and `spread`, Σ‖x_i − mean‖² / n. By default it ends only if it diverges: give `maxIter` or `tol`. O(d) an
 * event and the cost of gradients; n(6d + 1) numbers.
 *
 * With several graphs, rates are those of the worst χ₁ and χ₂, and the graph changes every `switchEvery` units of time.
 *
 * This is {@link dadaoProgram} on one rank.
 * @throws INVALID_PARAMETER for invalid options, a graph that is not connected, functions that are not one a node, and moduli other than 0 < μ ≤ L < ∞;
 * NON_FINITE for a start that is not finite.
 */
export function dadao(
  problem: DecentralisedProblem,
  options: DadaoOptions = {},
): Solution<DadaoPoint, number | undefined> {
  knownKeys('dadao', options, keys);
  const settings = only<DadaoSettings>(options, programKeys);
  const limits = only<RunOptions<DadaoPoint, number | undefined>>(options, runKeys);
  return run(
    alone((comm: Communicator) => dadaoProgram(comm, problem, settings)),
    limits,
  );
}
