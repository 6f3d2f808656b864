import { alone, type Communicator, type Exchange, type Request } from '@southwell/distributed';
import { checkOptions, fail, keysOf, knownKeys, type OptionsOf, only, Random } from '@southwell/numerics/core';
import { type AdmmIterate, clientsOfRound, Hosts, rounds } from './engine.ts';
import { type FederatedResult, limited } from './limited.ts';
import { checkNoise, Links } from './noise.ts';
import { budgetRecords, type FederatedSettings, federatedRecords } from './options.ts';
import { uniformSubsets } from './schedule.ts';
import { norm, squaredDistance } from './vectors.ts';
import {
  localSolution,
  momentsOfClients,
  sumOfMoments,
  type WlsClient,
  type WlsMoments,
  type WlsSolution,
  wlsMoments,
} from './wls.ts';
import { WlsModel } from './wlsClients.ts';
import { WlsServer } from './wlsServer.ts';

const records = { ...federatedRecords, ...budgetRecords };

/** A round as seen by an observer who knows everything; in a federation nobody does. */
export interface FederatedRound {
  readonly round: number;
  /** ‖w − reference‖² / ‖reference‖², where `reference` is given. */
  readonly nmse?: number;
  /** ‖Σ Hₖwₖ + ρC(wₙ − wₙ₋₁) − Σ gₖ‖ / ‖Σ gₖ‖. */
  readonly invariantDrift: number;
  /** Numbers sent so far, of all clients. */
  readonly floatsUp: number;
  readonly floatsDown: number;
  /** Clients that answered. */
  readonly answered: number;
}

export interface FederatedWlsOptions extends FederatedSettings, OptionsOf<typeof budgetRecords> {
  /** Vector of L numbers with which `nmse` compares the model. Default: none. */
  readonly reference?: ArrayLike<number>;
  /** Called with each round, from 0, the start. */
  readonly onRound?: (round: FederatedRound, w: Float64Array) => void;
}

export interface FederatedWls {
  /** Global model, L numbers. */
  readonly w: Float64Array;
  /** Models of the clients. */
  readonly local: readonly Float64Array[];
  readonly history: readonly FederatedRound[];
  /** The solution of all rows, for comparison. */
  readonly wls: WlsSolution;
  readonly rho: number;
  /** Whether the tolerance was reached. */
  readonly converged: boolean;
}

/** ρ = a third of the mean eigenvalue, from the traces of the clients. @throws INVALID_PARAMETER if all are 0. */
function automaticRho(traces: readonly Float64Array[], length: number): number {
  const mean = traces.reduce((sum, [trace]) => sum + trace, 0) / traces.length / length;
  if (!(mean > 0))
    fail('INVALID_PARAMETER', 'The features of all clients are 0, so that rho cannot be chosen: give rho.');
  return mean / 3;
}

/** What an observer in the process of a client sees. */
interface Inside {
  rho: number;
  perRound: number;
  models: readonly WlsModel[];
  server: WlsServer | undefined;
}

function* wlsProgram(
  comm: Communicator,
  moments: readonly WlsMoments[],
  length: number,
  options: FederatedSettings,
  inside: Partial<Inside>,
): Generator<AdmmIterate | Request, void, unknown> {
  const { method = 'robust', seed = 0, continual = false, w0, rho: given = 'auto' } = options;
  const noise = checkNoise(options.noise);
  const start = w0 === undefined ? new Float64Array(length) : Float64Array.from(w0);
  if (start.length !== length) fail('INVALID_SHAPE', `w0 has ${start.length} numbers for ${length} features.`);
  const { perRound: asked, schedule: named } = options;
  const settings = JSON.stringify({
    method,
    continual,
    given,
    noise,
    seed,
    asked,
    schedule: named?.name,
    start: [...start],
  });
  const hosts = yield* Hosts.over(comm, moments.length, settings);
  const perRound = clientsOfRound(asked, named, hosts.clients);
  const schedule = named ?? uniformSubsets(perRound, seed);
  schedule.at(0, hosts.clients);
  let rho: number;
  if (given === 'auto') {
    const own = moments.map(({ H }) => Float64Array.of(trace(H, length)));
    rho = automaticRho(yield* hosts.gather(comm, own, 1), length);
  } else rho = given;
  const clients = moments.map((of) => new WlsModel(of, method, rho, start, continual));
  const server = comm.rank === 0 ? new WlsServer(method, perRound, hosts.clients, start) : undefined;
  Object.assign(inside, { rho, perRound, models: clients, server });
  const links = new Links(noise, new Random(seed).split(1), length);
  const { absent, work, resume } = options;
  yield* rounds({ comm, hosts, clients, server, schedule, links, absent, work, resume, settings, start, most: length });
}

function trace(H: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += H[i * length + i];
  return sum;
}

/**
 * Federated weighted least squares as a part of a program for any number of ranks: iterates, one for each round, until the caller stops.
 * Every rank passes the rows of its own clients, which stay there, and the same options; rank 0 is also the server. The certificate is the
 * root mean square over the clients of how far each was from what it was last sent (for 'dual': from its answer before), relative to the
 * norm of the model, once all have taken part. Metrics: `floatsUp` and `floatsDown` of all clients, `answered`. Phases of the traffic: `setup`
 * (settings, numbers of clients, and with ρ 'auto' a trace of each), `down`, `up`. A rank that dies ends the run of the others by an error NO_ANSWER; they go on from their checkpoints with a rank in its place.
 * Each round takes O(L²) for each of its clients.
 *
 * @param clients rows of this rank's clients; may be empty. `features` L is needed on ranks without a row.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; MISMATCH for ranks with different options; NO_ANSWER.
 */
export function* federatedWlsIterates(
  comm: Communicator,
  clients: readonly WlsClient[],
  options: FederatedSettings = {},
  features?: number,
): Generator<AdmmIterate | Request, void, unknown> {
  checkOptions('federatedWlsIterates', federatedRecords, options);
  const length = yield* commonLength(comm, features ?? clients.find(({ X }) => X.length > 0)?.X[0].length ?? 0);
  const moments = clients.map((client) => wlsMoments(client, length));
  yield* wlsProgram(comm, moments, length, options, {});
}

/**
 * {@link federatedWlsIterates} up to `rounds` or `tol`; all ranks return the same result, whose model the first rank tells the others
 * (phase `result`).
 * @throws as {@link federatedWlsIterates}.
 */
export function* federatedWlsRanks(
  comm: Communicator,
  clients: readonly WlsClient[],
  options: FederatedSettings & OptionsOf<typeof budgetRecords> = {},
  features?: number,
): Generator<AdmmIterate | Request, FederatedResult, unknown> {
  checkOptions('federatedWlsRanks', records, options);
  const settings = only(options as FederatedSettings, keysOf(federatedRecords));
  return yield* limited(comm, federatedWlsIterates(comm, clients, settings, features), options);
}

/** The number of features of all ranks; ranks without rows learn it. @throws EMPTY, INVALID_SHAPE on all ranks. */
export function* commonLength(comm: Communicator, own: number): Exchange<number> {
  const phase = yield* comm.phase('setup');
  const all = new Float64Array(comm.size);
  yield* comm.allGather(Float64Array.of(own), all);
  yield* comm.phase(phase);
  const length = all.reduce((a, b) => Math.max(a, b), 0);
  if (length === 0) fail('EMPTY', 'No client has a row with a feature.');
  const other = all.findIndex((n) => n > 0 && n !== length);
  if (other >= 0)
    fail('INVALID_SHAPE', `The rows of rank ${other} have ${all[other]} features where others have ${length}.`);
  return length;
}

/**
 * Minimises Σₖ ‖yₖ − Xₖw‖² in the norms of the weights over clients that keep their rows, by ADMM over a star with noisy links. In
 * each round C clients are drawn; each receives one vector of L numbers and sends one.
 *
 * The robust form sends u = 2wₙ − wₙ₋₁ and has no dual variable: wₖ ← wₖ + ρ(Hₖ + ρI)⁻¹(u − wₖ), and wₙ₊₁ is the mean of what is
 * received. As clients start at their own solutions, Σ Hₖwₖ + ρC(wₙ − wₙ₋₁) = Σ gₖ in all rounds without noise, whichever clients
 * take part, so that agreement is possible at the solution only. Noise makes this sum a random walk (`predictedDrift`): use a
 * small ρ, or average. With all clients in all rounds and noisy links, the dual form is better, as its error stays bounded. Where fewer than C answer, their sum is completed ({@link FederatedRound.answered}); in a round
 * without an answer the model is kept.
 *
 * Lari, Arablouei, Gogineni & Werner 2024, Noise-robust and resource-efficient ADMM-based federated learning (arXiv 2409.13451). The form of
 * the update is a reconstruction from its abstract.
 *
 * All clients are in this process; the iterates are those of {@link federatedWlsIterates} on any number of ranks. O(Σ D L² + K L³), and O(C L²) a round.
 *
 * @example federatedWls([{ X: [[1]], y: [1] }, { X: [[1]], y: [3] }], { rounds: 200 }).w // 2
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function federatedWls(clients: readonly WlsClient[], options: FederatedWlsOptions = {}): FederatedWls {
  const { onRound, reference, ...given } = options;
  knownKeys('federatedWls', options, { ...keysOf(records), onRound: true, reference: true });
  checkOptions('federatedWls', records, given);
  const { rounds: most = 1000, tol = 0 } = given;
  const moments = momentsOfClients(clients);
  const [{ length }] = moments;
  if (reference && reference.length !== length)
    fail('INVALID_SHAPE', `The reference has ${reference.length} numbers for ${length} features.`);
  const total = sumOfMoments(moments);
  const inside: Partial<Inside> = {};
  const settings = only(given as FederatedSettings, keysOf(federatedRecords));
  const history: FederatedRound[] = [];
  let converged = false;
  for (const iterate of alone((comm) => wlsProgram(comm, moments, length, settings, inside))) {
    const { iteration: round, certificate, metrics } = iterate;
    const { models, server, rho, perRound } = inside as Inside;
    const entry: FederatedRound = {
      round,
      ...(reference && { nmse: squaredDistance(server!.point, reference) / norm(reference) ** 2 }),
      invariantDrift: invariantDrift(models, server!, rho * perRound, total.g),
      ...(metrics as { floatsUp: number; floatsDown: number; answered: number }),
    };
    history.push(entry);
    onRound?.(entry, server!.point);
    converged = certificate !== undefined && certificate.relative <= tol;
    if (round >= most || converged || iterate.done) break;
  }
  const { models, server, rho } = inside as Inside;
  return {
    ...{ w: server!.point.slice(), local: models.map(({ w }) => w.slice()), history },
    ...{ wls: localSolution(total), rho, converged },
  };
}

function invariantDrift(models: readonly WlsModel[], server: WlsServer, scale: number, g: Float64Array): number {
  const sum = g.map((v, i) => scale * (server.point[i] - server.before[i]) - v);
  for (const { moments, w } of models)
    for (let i = 0; i < w.length; i++) for (let j = 0; j < w.length; j++) sum[i] += moments.H[i * w.length + j] * w[j];
  const size = norm(g);
  return norm(sum) / (size > 0 ? size : 1);
}
