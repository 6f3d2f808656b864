import { alone, type Communicator, type Request } from '@southwell/distributed';
import { checkOptions, fail, keysOf, type OptionsOf, only, Random } from '@southwell/numerics/core';
import { CONTROL, DualClient, TwoGlobalClient } from './consensusClient.ts';
import { DualServer } from './consensusServer.ts';
import { type AdmmIterate, clientsOfRound, Hosts, rounds } from './engine.ts';
import { commonLength } from './federatedWls.ts';
import { type FederatedResult, limited } from './limited.ts';
import type { LocalProx } from './lossProx.ts';
import { checkNoise, Links } from './noise.ts';
import { budgetRecords, type ConsensusSettings, consensusRecords } from './options.ts';
import { uniformSubsets } from './schedule.ts';
import { WlsServer } from './wlsServer.ts';

const records = { ...consensusRecords, ...budgetRecords };

export interface ConsensusOptions extends ConsensusSettings, OptionsOf<typeof budgetRecords> {
  /** Called with each round, from 0, the start. */
  readonly onRound?: (iterate: AdmmIterate, w: Float64Array) => void;
}

/** Result of {@link consensusAdmm}. */
export interface ConsensusResult extends FederatedResult {
  /** Models of the clients. */
  readonly local: readonly Float64Array[];
  /** ρ at the end. */
  readonly rho: number;
}

interface Inside {
  locals: ReadonlyArray<{ readonly x: Float64Array }>;
  rho: number;
}

const ANDERSON = 10;
const RELAXATION = 1.6;

/** @throws INVALID_PARAMETER for options that do not go together. */
function checkForms(options: ConsensusSettings, length: number): void {
  const { method = 'dual', l1 = 0, ridge = 0, relaxation, acceleration = 0, free } = options;
  const penalised = [l1, ridge].some((of) => (typeof of === 'number' ? of > 0 : Array.from(of).some((v) => v > 0)));
  if (method === 'two-global' && (penalised || relaxation !== undefined || acceleration > 0))
    fail(
      'INVALID_PARAMETER',
      "The method 'two-global' has no penalty, relaxation or acceleration at the server: leave out l1, ridge, relaxation and acceleration, or use 'dual'.",
    );
  for (const index of Array.from(free ?? []))
    if (!Number.isInteger(index) || index >= length)
      fail('INVALID_PARAMETER', `free has the coefficient ${index}, but there are only ${length}, from 0.`);
}

/** Weights of a penalty by coefficient, 0 where there is none. @throws INVALID_SHAPE. */
function weightsOf(name: string, given: number | ArrayLike<number>, free: ArrayLike<number>, length: number) {
  const out = typeof given === 'number' ? new Float64Array(length).fill(given) : Float64Array.from(given);
  if (out.length !== length) fail('INVALID_SHAPE', `${name} has ${out.length} numbers for ${length} coefficients.`);
  for (const index of Array.from(free)) out[index] = 0;
  return out;
}

/** ρ from the traces of the Hessians of all clients. */
function* automaticRho(comm: Communicator, hosts: Hosts, proxes: readonly LocalProx[], start: Float64Array) {
  // NaN for a client that does not know it.
  const own = proxes.map((local) => Float64Array.of(local.curvature?.(start) ?? Number.NaN));
  const traces = yield* hosts.gather(comm, own, 1);
  const mean = traces.reduce((sum, [trace]) => sum + trace, 0) / traces.length / start.length;
  if (!(mean > 0 && Number.isFinite(mean)))
    fail(
      'INVALID_PARAMETER',
      `rho cannot be chosen, because the mean curvature of the clients at w0 is ${mean}: give rho.`,
    );
  return mean / 3;
}

function* program(
  comm: Communicator,
  proxes: readonly LocalProx[],
  options: ConsensusSettings,
  inside: Partial<Inside>,
): Generator<AdmmIterate | Request, void, unknown> {
  const { method = 'dual', seed = 0, w0, rho: given = 'auto', l1: lasso = 0, ridge: squares = 0, free = [] } = options;
  const noise = checkNoise(options.noise);
  const length = yield* commonLength(comm, proxes[0]?.length ?? 0);
  const other = proxes.findIndex((local) => local.length !== length);
  if (other >= 0)
    fail(
      'INVALID_SHAPE',
      `Client ${other} of a rank has ${proxes[other].length} coefficients where others have ${length}.`,
    );
  checkForms(options, length);
  const [l1, ridge] = [weightsOf('l1', lasso, free, length), weightsOf('ridge', squares, free, length)];
  const start = w0 === undefined ? new Float64Array(length) : Float64Array.from(w0);
  if (start.length !== length) fail('INVALID_SHAPE', `w0 has ${start.length} numbers for ${length} coefficients.`);
  const { perRound: asked, schedule: named, relaxation = method === 'dual' ? RELAXATION : 1, acceleration } = options;
  const settings = JSON.stringify({
    ...{ method, given, noise, seed, asked, schedule: named?.name, start: [...start] },
    ...{ l1: [...l1], ridge: [...ridge], relaxation, acceleration },
  });
  const hosts = yield* Hosts.over(comm, proxes.length, settings);
  const perRound = clientsOfRound(asked, named, hosts.clients);
  const whole = perRound === hosts.clients && named === undefined && noise.up + noise.down === 0;
  if (!whole && acceleration !== undefined && acceleration > 0)
    fail(
      'INVALID_PARAMETER',
      'Rounds can be combined only if all clients take part in all of them and links have no noise: leave out acceleration, or leave out perRound, schedule and noise.',
    );
  const schedule = named ?? uniformSubsets(perRound, seed);
  schedule.at(0, hosts.clients);
  const rho = given === 'auto' ? yield* automaticRho(comm, hosts, proxes, start) : given;
  const memory = method === 'dual' && whole ? (acceleration ?? ANDERSON) : 0;
  const clients = proxes.map((local) =>
    method === 'dual' ? new DualClient(local, start, relaxation, memory + 1) : new TwoGlobalClient(local, start, rho),
  );
  const balanced = given === 'auto' && whole;
  const count = hosts.clients;
  const server =
    comm.rank > 0
      ? undefined
      : method === 'dual'
        ? new DualServer({ clients: count, start, rho, balanced, relaxation, memory, l1, ridge })
        : new WlsServer(method, perRound, count, start);
  Object.assign(inside, { locals: clients, rho });
  const links = new Links(noise, new Random(seed).split(1), length);
  const { absent, work, resume } = options;
  const most = length + CONTROL + memory + 1;
  yield* rounds({ comm, hosts, clients, server, schedule, links, absent, work, resume, settings, start, most });
}

/**
 * Consensus ADMM as a part of a program for any number of ranks: iterates, one for each round, until the caller stops. Every rank passes the
 * objectives of its own clients, whose rows stay there, and the same options; rank 0 is also the server. The certificate is the root mean square over the clients of ‖xₖ − w‖ relative to
 * ‖w‖, where xₖ is the client's minimiser: for the dual form 1/ρK times the gradient of the whole objective is at most that. Metrics: `floatsUp`, `floatsDown`, `answered`, on
 * rank 0 also `rho`. Phases of the traffic: `setup`, `down`, `up`. A rank that dies ends the run of the others by an error NO_ANSWER.
 *
 * @param proxes of this rank's clients; may be empty.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, SINGULAR; MISMATCH for ranks with different options; NO_ANSWER.
 */
export function* consensusAdmmIterates(
  comm: Communicator,
  proxes: readonly LocalProx[],
  options: ConsensusSettings = {},
): Generator<AdmmIterate | Request, void, unknown> {
  checkOptions('consensusAdmmIterates', consensusRecords, options);
  yield* program(comm, proxes, options, {});
}

/**
 * {@link consensusAdmmIterates} up to `rounds` or `tol`; all ranks return the same result, whose model the first rank tells the others.
 * @throws as {@link consensusAdmmIterates}.
 */
export function* consensusAdmmRanks(
  comm: Communicator,
  proxes: readonly LocalProx[],
  options: ConsensusSettings & OptionsOf<typeof budgetRecords> = {},
): Generator<AdmmIterate | Request, FederatedResult, unknown> {
  checkOptions('consensusAdmmRanks', records, options);
  const settings = only(options as ConsensusSettings, keysOf(consensusRecords));
  return yield* limited(comm, consensusAdmmIterates(comm, proxes, settings), options);
}

/**
 * Minimises Σₖ fₖ(w) + λ₁‖w‖₁ + λ₂/2 ‖w‖² over clients of which each can only solve proximal problems of its own fₖ, by consensus ADMM
 * (Boyd, Parikh, Chu, Peleato & Eckstein 2011, §7) in the form of Douglas–Rachford splitting. In each round each selected client receives one vector of L
 * numbers (and a few for control) and sends one of L.
 *
 * The dual form is over-relaxed, and where all clients take part in all rounds, the server combines the last rounds so that residuals
 * become least (Anderson acceleration, as Fu, Zhang & Boyd 2020 for this splitting). It knows the results of all clients, so clients are only told the weights, and combine their
 * own results. A combination after which residuals more than double is given up, at most 20 times. With `rho: 'auto'` it also balances ρ, by residuals
 * relative to the norms of models and duals (Wohlberg 2017), five times at most. With subsets, clients that do not take part keep their last
 * results in the mean. 'two-global' has no duals, and neither penalty nor acceleration.
 *
 * All clients are in this process; the iterates are those of {@link consensusAdmmIterates} on any number of ranks. Memory of the server: 2(acceleration + 1) K L numbers.
 *
 * @example consensusAdmm([lossProx('squared', { X: [[1]], y: [1] }), lossProx('squared', { X: [[1]], y: [3] })], { tol: 1e-12 }).w // 2
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, SINGULAR.
 */
export function consensusAdmm(proxes: readonly LocalProx[], options: ConsensusOptions = {}): ConsensusResult {
  const { onRound, ...given } = options;
  checkOptions('consensusAdmm', records, given);
  const inside: Partial<Inside> = {};
  let rho: number | undefined;
  const settings = only(given as ConsensusSettings, keysOf(consensusRecords));
  const running = alone((comm) => limited(comm, program(comm, proxes, settings, inside), given));
  for (;;) {
    const { value, done } = running.next();
    if (done) return { ...value, local: inside.locals!.map(({ x }) => x.slice()), rho: rho ?? inside.rho! };
    const iterate = value as AdmmIterate;
    rho = iterate.metrics?.rho;
    onRound?.(iterate, iterate.snapshot());
  }
}
