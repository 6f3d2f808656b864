import type { Table } from '@southwell/data';
import type { Communicator } from '@southwell/distributed';
import { fingerprint, type Iterate, inOnePlace, run, type Solution, type SplitRows } from '@southwell/numerics/core';
import {
  consensusAdmmIterates,
  federatedWlsIterates,
  type LocalLoss,
  type LossRows,
  lossProx,
} from 'southwell/distributed-methods';
import { LinearModel, type Link, saveModel } from 'southwell/linear-models';
import { logistic, poisson, squared } from 'southwell/losses';
import { Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { number } from '../../format.ts';
import { columnDeviations } from '../../stats.ts';
import { resultOf } from '../gather.ts';
import { isSeparated, judged } from '../judged.ts';
import type { FitRequest } from '../options.ts';
import { checkFeatures, type Problem, problemOf } from '../problem.ts';
import { problemPrint } from '../problemPrint.ts';
import type { FitResult } from '../result.ts';
import { clientsOf } from './clients.ts';
import { type FederatedState, iteratesOf, type Program } from './iterates.ts';
import { leftRanks } from './left.ts';
import { counted, rowsThatStay } from './rows.ts';
import { rowsOfClient, type Standardised, standardised } from './standardised.ts';

const losses: Readonly<Record<string, LocalLoss>> = {
  ...{ lasso: 'squared', 'elastic-net': 'squared', ridge: 'squared' },
  ...{ logistic: 'logistic', poisson: 'poisson' },
};
const bindings = { squared, logistic, poisson };
const links: Readonly<Record<LocalLoss, Link>> = { squared: 'identity', logistic: 'logit', poisson: 'log' };
const ratios: Readonly<Record<string, number>> = { ridge: 0, 'elastic-net': 0.5 };

/** Rounds at most, without and with noise. */
const ROUNDS = 20_000;
const NOISY_ROUNDS = 1000;
/** A residual has first-order errors, where a duality gap has second-order ones. */
const STRICTER = 1e-3;
/** Each client factors a matrix of this many rows and columns. */
const MOST_FEATURES = 3000;

/** What clients fit, and how. */
interface Federated {
  readonly loss: LocalLoss;
  readonly form: 'robust' | 'dual';
  readonly alpha: number;
  readonly l1Ratio: number;
  readonly standard: Standardised;
  readonly clients: readonly LossRows[];
  /** Of all ranks. */
  readonly count: number;
  readonly width: number;
}

const whyForm = ({ form, loss, alpha }: Federated): string =>
  form === 'robust'
    ? 'for least squares without a penalty, a client receives the vector 2wₙ − wₙ₋₁ and returns its model; there is no dual variable in which noise on the links could pile up'
    : loss === 'squared' && alpha > 0
      ? 'the server applies the penalty, and the form without duals has no such step'
      : 'the form without duals begins from the best model of each client, which few rows, or rows of one class, do not have';

/** The signs of a target of two classes, the second in their order positive; or the numbers. */
function targetOf(
  p: Problem,
  loss: LocalLoss,
): { readonly y: Float64Array; readonly classes?: Array<string | number> } {
  if (loss !== 'logistic') return { y: Float64Array.from(p.y as ArrayLike<number>) };
  const labels = Array.from(p.y as ArrayLike<string | number>);
  const told = p.summary.classes!.map(({ label }) => label);
  const classes = p.y instanceof Float64Array ? told.map(Number) : told;
  classes.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { y: Float64Array.from(labels, (label) => (label === classes[1] ? 1 : -1)), classes };
}

function federatedOf(p: Problem, table: Table, request: FitRequest, tools: TaskTools) {
  const { X, featureNames } = p.design;
  if (X.kind === 'parts') throw new Error('A federated fit keeps rows.');
  const { intercept, standardize = false, alpha = 0 } = request;
  const loss = losses[p.modelName];
  const { y, classes } = targetOf(p, loss);
  const sampleWeight = p.sampleWeight;
  const standard = standardised(X, y, p.spread, { sampleWeight, intercept, standardize, names: featureNames });
  if (standard.kept.length > MOST_FEATURES)
    throw new RequestError(
      `${p.summary.name} has ${standard.kept.length} features, but each client of a federated fit factors a matrix of their products, for at most ${MOST_FEATURES}: leave some out with ${tools.spell('drop')}, or fit without ${tools.spell('federated')}.`,
    );
  const lists = clientsOf(table, request.clients, p.design.rows, X.rows, tools.spell);
  const clients = rowsOfClient(X, y, standard, intercept, lists);
  const [count] = tools.ranks ? [p.spread.tell(clients.length).reduce((a, b) => a + b, 0)] : [clients.length];
  if (request.perRound !== undefined && request.perRound > count)
    throw new RequestError(
      `${tools.spell('perRound')} ${request.perRound} is more than there are clients: ${p.summary.name} has ${count}.`,
    );
  const form = loss === 'squared' && alpha === 0 ? 'robust' : 'dual';
  const l1Ratio = request.l1Ratio ?? ratios[p.modelName] ?? 1;
  const width = standard.kept.length + (intercept ? 1 : 0);
  return { federated: { loss, form, alpha, l1Ratio, standard, clients, count, width } satisfies Federated, y, classes };
}

/** Where the model begins: at the mean of the target, without features. */
function startOf({ loss, standard, width }: Federated, intercept: boolean): Float64Array {
  const w0 = new Float64Array(width);
  const { targetMean: mean } = standard;
  if (intercept)
    w0[width - 1] =
      loss === 'squared'
        ? mean
        : loss === 'poisson'
          ? Math.log(Math.max(mean, 1e-12))
          : Math.log((1 + mean) / (1 - mean));
  return w0;
}

/** The rounds on all ranks, as a program. */
function programOf(of: Federated, request: FitRequest, work: number | undefined): Program {
  const { loss, form, alpha, l1Ratio, standard, clients, width } = of;
  const { intercept, perRound, noise = 0, seed } = request;
  const shared = {
    ...{ w0: startOf(of, intercept), perRound, seed: seed ?? 0, work },
    ...(noise > 0 && { noise: { up: noise, down: noise } }),
  };
  if (form === 'robust') {
    // Rows without weight tell nothing.
    const counting = clients.map(({ X, y, weights }) => {
      const list = Array.from(weights!, (_, i) => i).filter((i) => weights![i] > 0);
      const pick = (from: ArrayLike<number>) => Float64Array.from(list, (i) => from[i]);
      return { X: list.map((i) => X[i]), y: pick(y), weights: pick(weights!) };
    });
    return (comm: Communicator, resume) => federatedWlsIterates(comm, counting, { ...shared, resume }, width);
  }
  const { kept, scales, units } = standard;
  const ratios = Array.from(kept, (j) => units[j] / scales[j]);
  const free = intercept ? [0] : [];
  const l1 = [...ratios.map((r) => alpha * l1Ratio * r), ...free];
  const ridge = [...ratios.map((r) => alpha * (1 - l1Ratio) * r * r), ...free];
  const proxes = clients.map((rows) => lossProx(loss, rows, width));
  return (comm: Communicator, resume) => consensusAdmmIterates(comm, proxes, { ...shared, l1, ridge, resume });
}

/** The model of the first rank, on all of them. */
function modelOfFirst(w: Float64Array, { ranks }: TaskTools): Float64Array {
  const whole = w.slice();
  ranks?.together((comm) => counted(comm, 'result', comm.broadcast(whole)));
  return whole;
}

/** Coefficients in the units of the data. */
function inUnits(w: Float64Array, p: number, { kept, centres, scales }: Standardised, intercept: boolean) {
  const coef = new Float64Array(p);
  let base = intercept ? w[w.length - 1] : 0;
  kept.forEach((j, k) => {
    coef[j] = w[k] / scales[j];
    base -= coef[j] * centres[j];
  });
  return { coef, intercept: intercept ? base : 0 };
}

/** The objective of all rows, of which each rank tells its sum. */
function objectiveOf(of: Federated, y: Float64Array, rows: SplitRows, eta: Float64Array, coef: Float64Array): number {
  const { loss, alpha, l1Ratio, standard } = of;
  let penalty = 0;
  coef.forEach((b, j) => {
    const size = Math.abs(b) * standard.units[j];
    penalty += alpha * (l1Ratio * size + 0.5 * (1 - l1Ratio) * size * size);
  });
  // Bound to the rows of this rank alone, which may be of one class.
  const own = Object.assign(inOnePlace(y.length), { max: (into: Float64Array) => void into.fill(1) });
  const bound = y.length > 0 ? bindings[loss]().bind(y, standard.weights, own) : undefined;
  const total = new Float64Array(1);
  rows.sum(total, (_, __, ___, part) => {
    part[0] += bound?.value(eta) ?? 0;
  });
  return total[0] + penalty;
}

/** How a federated fit ended, as a sentence. */
function messageOf({ status, certificate, iterations, next }: Solution<unknown, undefined>, tol: number): string {
  const far =
    certificate === undefined
      ? 'clients have not all taken part'
      : `clients agree with the model to ${certificate.relative.toExponential(1)} of it`;
  const rounds = `${iterations} round${iterations === 1 ? '' : 's'}`;
  if (status === 'converged') return `Converged: ${far} (asked for ${tol.toExponential(0)}) after ${rounds}.`;
  if (status === 'completed') return `Done: ${rounds} over noisy links; ${far}.`;
  const how =
    status === 'diverged'
      ? 'Diverged'
      : status === 'aborted'
        ? 'Stopped on request'
        : `Stopped by its ${status.replace('-', ' ')}`;
  return `${how} before converging: ${far} after ${rounds} (asked for ${tol.toExponential(0)}).${next ? ` ${next}` : ''}`;
}

/** With noise no round is the last by itself: the planned ones are all. */
function* upTo<P>(iterates: Iterable<Iterate<P, undefined>>, rounds: number): Generator<Iterate<P, undefined>> {
  for (const iterate of iterates) yield iterate.iteration < rounds ? iterate : { ...iterate, done: 'completed' };
}

/** A hash of the data of all ranks, of which each tells its own, and of what determines the rounds. */
function printOf(p: Problem, request: FitRequest): string {
  const own = problemPrint({ ...p, spread: inOnePlace(p.design.X.rows) }, { ...request, tol: 0, maxIter: undefined });
  return fingerprint(p.spread.tell(own));
}

/**
 * Fits without bringing rows together. All that ranks tell each other about their rows are sums, largest values and classes, and then the
 * models of the rounds; the outcome is an ordinary model.
 */
export async function federatedJob(request: FitRequest, tools: TaskTools): Promise<FitResult> {
  const started = performance.now();
  const { ranks, spell, command } = tools;
  if (!ranks && request.clients === undefined)
    throw new RequestError(
      `A federated fit needs clients: name the column that tells them with ${spell('clients')}, or run it on several ranks, each of which is one.`,
    );
  const table = await tools.read('data', { stay: true });
  const rows = ranks ? rowsThatStay(ranks, table) : inOnePlace(table.rows);
  const p = problemOf(table, request, spell, rows);
  const deviations = columnDeviations(p.design.X, p.spread, p.spreads);
  checkFeatures(p, deviations, request);
  const { federated, y, classes } = federatedOf(p, table, request, tools);
  const stage = new Stages(
    'federated fit',
    tools.checkpoint ? printOf(p, request) : '',
    tools.checkpoint,
  ).stage<FederatedState>('rounds');
  const tol = STRICTER * request.tol;
  const noisy = (request.noise ?? 0) > 0;
  const most = request.maxIter ?? (noisy ? NOISY_ROUNDS : ROUNDS);
  const iterates = iteratesOf(ranks, programOf(federated, request, ranks?.work), stage.resume);
  let rho: number | undefined;
  const solution = run(noisy ? upTo(iterates, most) : iterates, {
    ...(!noisy && { tol }),
    maxIter: most,
    timeLimit: request.timeLimit,
    signal: ranks?.signal ?? tools.signal,
    checkpoint: stage.checkpoint,
    onIterate: watcher(tools, (found) => {
      rho = found ?? rho;
    }),
  });
  const w = modelOfFirst(solution.point, tools);
  const { X, featureNames } = p.design;
  const { coef, intercept } = inUnits(w, X.cols, federated.standard, request.intercept);
  const { loss, alpha } = federated;
  const draft = new LinearModel(
    loss,
    links[loss],
    coef,
    intercept,
    alpha,
    { ...reportOf(solution, tol), objective: 0 },
    classes,
    featureNames,
  );
  const eta = X.kind === 'parts' ? new Float64Array(0) : draft.decisionFunction(X);
  const objective = objectiveOf(federated, y, p.spread, eta, coef);
  const [constant] = request.intercept ? startOf(federated, true).subarray(-1) : [0];
  const ofConstant = objectiveOf(federated, y, p.spread, eta.slice().fill(constant), coef.slice().fill(0));
  const notes =
    noisy && !(objective < ofConstant)
      ? [
          `The model fits no better than a constant (objective ${number(objective)}; that of the constant is ${number(ofConstant)}): the noise on the links is too large for these clients.`,
        ]
      : [];
  const model = new LinearModel(
    loss,
    links[loss],
    coef,
    intercept,
    alpha,
    { ...reportOf(solution, tol), objective },
    classes,
    featureNames,
  );
  const status = alpha === 0 && loss === 'logistic' && isSeparated(model, p) ? 'unbounded' : solution.status;
  const { floatsUp = 0, floatsDown = 0 } = solution.metrics ?? {};
  const modelText = saveModel(model, {
    ...{ encoding: p.design.encoding, kind: p.modelName, target: p.summary.target, command },
  });
  const seconds = (performance.now() - started) / 1000;
  return {
    command,
    ...resultOf({ model, status, chosenBy: 'alpha' }, p, request, { seconds, deviations, notes, spell }),
    ...(classes && { classification: judged(model, p, undefined, undefined) }),
    federated: {
      ...{ clients: federated.count, ranks: ranks?.size ?? 1, perRound: request.perRound ?? federated.count },
      ...{ noise: request.noise ?? 0, form: federated.form, why: whyForm(federated), rounds: solution.iterations },
      ...{ ...(rho !== undefined && { rho }), up: floatsUp, down: floatsDown },
      left: ranks ? leftRanks(ranks) : [],
    },
    modelText,
    curves: undefined,
  };
}

const reportOf = (solution: Solution<Float64Array, undefined>, tol: number) => ({
  ...{ status: solution.status, certificate: solution.certificate, iterations: solution.iterations },
  ...{ seconds: solution.seconds, trace: [], message: messageOf(solution, tol) },
});

/** Milliseconds between progress reports. */
const WORDS_MS = 50;

/** Reports progress, and marks residuals in the events of ranks. */
function watcher({ progress, ranks }: TaskTools, seen: (rho: number | undefined) => void) {
  let told = Number.NEGATIVE_INFINITY;
  return ({ iteration, certificate, metrics }: Iterate<Float64Array, undefined>) => {
    seen(metrics?.rho);
    const relative = certificate?.relative;
    if (relative !== undefined && Number.isFinite(relative)) ranks?.mark?.('residual', iteration, relative);
    const now = performance.now();
    if (now - told < WORDS_MS) return;
    told = now;
    const how = relative === undefined ? '' : `, residual ${relative.toExponential(1)}`;
    progress({ text: `round ${number(iteration)}${how}`, iteration, gap: relative });
  };
}
