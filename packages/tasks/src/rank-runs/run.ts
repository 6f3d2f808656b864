import { type Communicator, type EventList, type EventMark, eventList, simulate } from '@southwell/distributed';
import { fail, type Iterate, Random } from '@southwell/numerics/core';
import { aggregate, attackGradients, attacks, compressorOf } from 'southwell/distributed-methods';
import { check, labels } from '../declaration/check.ts';
import { askedOf, type FormValues, formOf } from '../declaration/form.ts';
import type { ValuesOf } from '../declaration/option.ts';
import { answered, type MeanSettings, RankMean, write } from '../training/ranks/rankMean.ts';
import { attackTitles, rankRunOptions } from './options.ts';

export type RankRunRequest = ValuesOf<typeof rankRunOptions>;

/** Number of unknowns; curvatures from the least to 1, equally spaced in their logarithms. */
const [SIZE, LEAST_CURVATURE] = [256, 0.1];
/** Seconds of a gradient on a rank that is not slow. */
const WORK = 1e-3;
/** The rank that is slower than the others. */
const SLOW = 1;
/** Seconds after which a message that failed is sent again. */
const RETRANSMIT = 2e-3;
/** Streams of the seed: the data and the attack. */
const [DATA, ATTACK] = [1, 2];

/** Quadratics of different ranks with the same curvatures, so that the minimum of their mean is known. */
class Quadratics {
  readonly curvatures = Float64Array.from({ length: SIZE }, (_, j) => LEAST_CURVATURE ** (1 - j / (SIZE - 1)));
  private readonly centres: readonly Float64Array[];
  private readonly optimum = new Float64Array(SIZE);

  /** @param honest the ranks whose mean is minimised, the first ones. */
  constructor(
    ranks: number,
    readonly honest: number,
    seed: number,
  ) {
    const random = new Random(seed).split(DATA);
    const common = Float64Array.from({ length: SIZE }, () => 2 * random.normal());
    this.centres = Array.from({ length: ranks }, () => common.map((c) => c + random.normal()));
    for (const centre of this.centres.slice(0, honest))
      for (let j = 0; j < SIZE; j++) this.optimum[j] += centre[j] / honest;
  }

  gradient(rank: number, x: Float64Array): Float64Array {
    return x.map((value, j) => this.curvatures[j] * (value - this.centres[rank][j]));
  }

  /** Value of the mean above its minimum. */
  above(x: Float64Array): number {
    return x.reduce((sum, value, j) => sum + 0.5 * this.curvatures[j] * (value - this.optimum[j]) ** 2, 0);
  }
}

/** What a rank sends as its gradient: the last ranks are hostile, and know the gradients of the others. */
function sentBy(rank: number, x: Float64Array, round: number, task: Quadratics, request: RankRunRequest): Float64Array {
  const { ranks, attack, seed } = request;
  if (rank < task.honest || attack === 'none') return task.gradient(rank, x);
  const all = Array.from({ length: ranks }, (_, r) => task.gradient(r, x));
  const made = attack === 'drop' ? attacks.drop({ share: 0.9 }) : attack === 'random' ? noise : attacks[attack]();
  return attackGradients(all, ranks - task.honest, made, new Random(seed).split(ATTACK).split(round))[rank];
}
const noise = attacks.random({ distribution: 'normal', scale: 10 });

/** Gradient descent as a program of a rank: work, an exchange as `train --ranks` makes it, a step. */
function* descent(comm: Communicator, task: Quadratics, request: RankRunRequest, settings: MeanSettings) {
  const { rounds, rate } = request;
  const mean = new RankMean(settings, comm);
  const x = new Float64Array(SIZE);
  for (let round = 0; ; round++) {
    const objective = task.above(x);
    yield { iteration: round, objective, work: {}, snapshot: () => x.slice() } satisfies Iterate<Float64Array>;
    if (round === rounds || !Number.isFinite(objective)) return;
    yield* comm.work(WORK);
    const direction = sentBy(comm.rank, x, round, task, request);
    write(direction, yield* answered(comm, mean.of(direction)));
    for (let j = 0; j < SIZE; j++) x[j] -= rate * direction[j];
  }
}

const hostileOf = ({ attack, hostile }: RankRunRequest): number => (attack === 'none' ? 0 : hostile);

function settingsOf(request: RankRunRequest): MeanSettings {
  const { compress, feedback, aggregate: rule, seed } = request;
  const none = compress === 'none';
  const name = none ? (rule === 'mean' ? 'identity' : undefined) : compress;
  // Methods that add up messages over rounds would keep one of a hostile rank for ever.
  const kept = rule === 'mean' ? feedback : 'ec';
  return {
    compressor: name === undefined ? undefined : compressorOf(name),
    method: none ? 'sgd' : kept === 'none' ? 'csgd' : kept,
    ...{ aggregate: rule, faulty: hostileOf(request), seed },
  };
}

/**
 * Minimises a sum of quadratics, one for each rank, by gradients that ranks send each other over a simulated network, with the
 * exchange of `train --ranks`; returns what happened. Takes a fraction of a second.
 * @throws INVALID_PARAMETER where the rule needs more ranks, or there are as many hostile ranks as others.
 */
export function rankRun(request: RankRunRequest): EventList {
  const { ranks, slow, latency, bandwidth, clocks, loss, seed, compress, aggregate: rule } = request;
  const hostile = hostileOf(request);
  if (2 * hostile >= ranks)
    fail('INVALID_PARAMETER', `${hostile} of ${ranks} ranks cannot be hostile: fewer than half of them can be.`);
  const settings = settingsOf(request);
  // The rule says what it needs before anything runs.
  if (rule !== 'mean')
    aggregate(
      Array.from({ length: ranks }, (_, r) => Float64Array.of(r + 1)),
      { rule, f: hostile },
    );
  const task = new Quadratics(ranks, ranks - hostile, seed);
  const running = simulate((comm) => descent(comm, task, request, settings), {
    ...{ ranks, seed, loss, checks: false, retransmit: RETRANSMIT, clocks: { offset: clocks / 1e3 } },
    ...{ latency: latency / 1e3, bandwidth: 1e6 * bandwidth, stragglers: slow > 1 ? { [SLOW]: slow } : {} },
  });
  const values: number[] = [];
  let step = running.next();
  for (; !step.done; step = running.next()) values.push(step.value.objective);
  const { times } = step.value;
  const marks = values.map((value, k): EventMark => [times[k], k, value / values[0]]);
  const sends = compress === 'none' ? 'all numbers' : compress;
  const title = `${ranks} ranks, ${sends}, ${rule}${hostile > 0 ? `, ${hostile} hostile: ${attackTitles[request.attack]}` : ''}`;
  return eventList(step.value, {
    ...{ title, measure: 'error', marks },
    hostile: Array.from({ length: hostile }, (_, k) => ranks - 1 - k),
  });
}

/**
 * The same from the values of a form.
 * @throws a sentence for values that are not allowed, too.
 */
export function rankRunOf(values: FormValues): EventList {
  const of = { options: rankRunOptions };
  return rankRun(check<RankRunRequest>(of, askedOf(formOf(rankRunOptions), values), labels(of)));
}
