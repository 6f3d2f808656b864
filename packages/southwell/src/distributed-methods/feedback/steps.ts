import { checkOptions, fail, type Random } from '@southwell/numerics/core';
import { failFormat, readVarint, varint } from '../compressors/bits.ts';
import { type Compressor, type Entries, identity } from '../compressors/index.ts';
import { joined } from '../compressors/message.ts';
import { type Feedback, type FeedbackOptions, feedbackOf, feedbackRecords } from './methods.ts';

/** What a client keeps between rounds, as plain data. Arrays that its method does not need are empty. */
export interface FeedbackClient {
  /** e: what past messages left out. */
  readonly error: Float64Array;
  /** h: the gradient as the server has it. */
  readonly estimate: Float64Array;
  /** v: the average of gradients. */
  readonly average: Float64Array;
  /** Of the compressor. */
  readonly memory: Float64Array;
}

/** What the server keeps between rounds, as plain data. */
export interface FeedbackServer {
  readonly x: Float64Array;
  /** Mean of the estimates of all clients; empty for methods without them. */
  readonly estimate: Float64Array;
}

const empty = () => new Float64Array(0);

const ARRAYS = ['error', 'estimate', 'average', 'memory'] as const;

export const copied = ({ error, estimate, average, memory }: FeedbackClient): FeedbackClient => ({
  ...{ error: error.slice(), estimate: estimate.slice(), average: average.slice(), memory: memory.slice() },
});

/** @throws INVALID_SHAPE. */
function checkLength(what: string, found: number, wanted: number): void {
  if (found !== wanted) fail('INVALID_SHAPE', `${what} has ${found} entries in place of ${wanted}.`);
}

export function clientOf({ scheme, compressor }: Feedback, first: Numbers): FeedbackClient {
  const d = first.length;
  return {
    error: scheme.error === 'none' ? empty() : new Float64Array(d),
    estimate: scheme.estimate === 'none' ? empty() : new Float64Array(first),
    average: scheme.momentum ? new Float64Array(first) : empty(),
    memory: new Float64Array(compressor.memory(d) * (scheme.estimate === 'second' ? 2 : 1)),
  };
}

/**
 * A client of a method with error feedback before its first round. Of methods that keep an estimate (`econtrol`, `d-ec`,
 * `ef21`, `ef21-sgdm`), it begins as the first gradient, which has to reach the server whole ({@link feedbackServer}).
 * @param first a gradient at the start; other methods take only its length.
 * @throws INVALID_PARAMETER for invalid options.
 */
export function feedbackClient(options: FeedbackOptions, first: Numbers): FeedbackClient {
  checkOptions('feedbackClient', feedbackRecords, options);
  return clientOf(feedbackOf(options, first.length), first);
}

type Numbers = Float32Array | Float64Array;

/** A vector: all of it, or the entries that are not zero. */
export type WholeOrEntries = Float64Array | Entries;

/** C(v) of a message: its entries, if the compressor has them, or else all of it, in `room`. */
function restored(compressor: Compressor, message: Uint8Array, room: Float64Array): WholeOrEntries {
  if (compressor.entries) return compressor.entries(message, room.length);
  compressor.restore(message, room);
  return room;
}

/** into ← share · error + gradient − estimate, of which the error or the estimate may be missing. */
function addUp(into: Float64Array, share: number, gradient: Numbers, { error, estimate }: FeedbackClient): void {
  if (share === 0) for (let i = 0; i < into.length; i++) into[i] = gradient[i] - estimate[i];
  else if (estimate.length === 0) for (let i = 0; i < into.length; i++) into[i] = share * error[i] + gradient[i];
  else for (let i = 0; i < into.length; i++) into[i] = share * error[i] + (gradient[i] - estimate[i]);
}

/** The error after a message: into ← error + gradient − estimate − sent. Where only entries are sent, `into` has the rest already. */
function leave(into: Float64Array, { error, estimate }: FeedbackClient, gradient: Numbers, sent: WholeOrEntries): void {
  const newsAt = (i: number) => (estimate.length === 0 ? gradient[i] : gradient[i] - estimate[i]);
  if ('indices' in sent) {
    const { indices, values } = sent;
    for (let k = 0; k < indices.length; k++) into[indices[k]] = error[indices[k]] + (newsAt(indices[k]) - values[k]);
  } else for (let i = 0; i < into.length; i++) into[i] = error[i] + (newsAt(i) - sent[i]);
}

/** into ← from + by; they may be the same. */
function move(into: Float64Array, from: Float64Array, by: WholeOrEntries): void {
  if ('indices' in by) {
    const { indices, values } = by;
    if (into !== from) into.set(from);
    for (let k = 0; k < indices.length; k++) into[indices[k]] += values[k];
  } else for (let i = 0; i < into.length; i++) into[i] = from[i] + by[i];
}

/**
 * A round of a client, which stays as it is: the state afterwards is written to `next`, whose arrays are also the room for what
 * is compressed.
 */
export function stepOfClient(
  { scheme, eta, momentum, compressor }: Feedback,
  client: FeedbackClient,
  next: FeedbackClient,
  gradient: Numbers,
  random: Random,
): Uint8Array {
  const { error, estimate, memory } = next;
  const [erring, estimating, second] = [error.length > 0, estimate.length > 0, scheme.estimate === 'second'];
  let wanted = gradient;
  if (scheme.momentum) {
    const [before, { average }] = [client.average, next];
    for (let i = 0; i < average.length; i++) average[i] = (1 - momentum) * before[i] + momentum * gradient[i];
    wanted = average;
  }
  memory.set(client.memory);
  const split = second ? memory.length / 2 : memory.length;
  const compressed = (v: Float64Array, own: Float64Array) =>
    compressor.compress(v, random, own.length > 0 ? own : undefined);
  if (erring) addUp(error, 1, wanted, client);
  if (estimating) addUp(estimate, second ? 0 : eta, wanted, client);
  const target = estimating && !second ? estimate : erring ? error : doubles(wanted);
  const message = compressed(target, memory.subarray(0, split));
  const other = second ? compressed(estimate, memory.subarray(split)) : undefined;
  if (!erring && !estimating) return message;
  const sent = restored(compressor, message, target);
  if (erring) leave(error, client, wanted, sent);
  if (estimating) move(estimate, client.estimate, other ? restored(compressor, other, estimate) : sent);
  return other ? joined(varint(message.length), message, other) : message;
}

const doubles = (v: Numbers): Float64Array => (v instanceof Float64Array ? v : new Float64Array(v));

/**
 * One round of a client: takes a gradient g at the point of the server, changes `client`, and returns the message to send.
 * With C the compressor, e the error and h the estimate, the message is Δ = C(ηe + g − h), after which e ← e + g − h − Δ
 * and h ← h + Δ (`econtrol`; Gao, Islamov & Stich, EControl, ICLR 2024). `ef21` has no e (Richtárik, Sokolov & Fatkhullin
 * 2021), `ec` and `ec-ideal` η = 1 and no h (Seide et al. 2014; Stich & Karimireddy 2020), for `ec-ideal` with the gradient
 * less that of this client at the optimum; `ef21-sgdm` replaces g by v ← (1 − a)v + ag (Fatkhullin, Tyurin & Richtárik
 * 2023); `d-ec` takes η = 1 and moves h by a second message C(g − h); `csgd` sends C(g), and `sgd` g. O(length) and the
 * compressor's cost.
 * @param client from {@link feedbackClient} with the same options.
 * @param gradient finite, of the length of the first.
 * @param random draws of the compressor.
 * @param next another state of the same lengths, whose contents become the state after the round, while `client` stays as it
 * is; nothing is allocated for vectors then. By default `client` becomes it.
 * @throws INVALID_PARAMETER for invalid options, INVALID_SHAPE for another length, NON_FINITE for entries that are not finite;
 * `client` is then unchanged.
 */
export function feedbackClientStep(
  options: FeedbackOptions,
  client: FeedbackClient,
  gradient: Numbers,
  random: Random,
  next?: FeedbackClient,
): Uint8Array {
  checkOptions('feedbackClientStep', feedbackRecords, options);
  for (const own of [client.error, client.estimate, client.average])
    if (own.length > 0) checkLength('The gradient', gradient.length, own.length);
  const feedback = feedbackOf(options, gradient.length);
  if (next) {
    for (const name of ARRAYS)
      checkLength(`The array '${name}' of the next state`, next[name].length, client[name].length);
    return stepOfClient(feedback, client, next, gradient, random);
  }
  const after = copied(client);
  const message = stepOfClient(feedback, client, after, gradient, random);
  for (const name of ARRAYS) client[name].set(after[name]);
  return message;
}

/** The bytes of a first gradient, which is sent whole. */
export const wholeMessage = (gradient: Float64Array, random: Random): Uint8Array =>
  identity().compress(gradient, random);

/** The mean of what messages restore, added up in their order: its entries, if all messages have them and they are fewer than `d`. */
function meanOf(compressor: Compressor, messages: ReadonlyArray<Uint8Array>, d: number): WholeOrEntries {
  const parts = compressor.entries && messages.map((message) => compressor.entries!(message, d));
  if (parts && parts.reduce((count, { indices }) => count + indices.length, 0) < d) {
    const { indices, values } = parts.reduce(sumOfTwo);
    return { indices, values: values.map((sum) => sum / messages.length) };
  }
  const sum = new Float64Array(d);
  compressor.restore(messages[0], sum);
  const room = messages.length > 1 ? new Float64Array(d) : sum;
  for (const message of messages.slice(1)) {
    compressor.restore(message, room);
    move(sum, sum, room);
  }
  for (let i = 0; i < d; i++) sum[i] /= messages.length;
  return sum;
}

/** The sum of two vectors. O(entries). */
function sumOfTwo(a: Entries, b: Entries): Entries {
  const most = a.indices.length + b.indices.length;
  const [indices, values] = [new Int32Array(most), new Float64Array(most)];
  let [i, j, n] = [0, 0, 0];
  for (; i < a.indices.length || j < b.indices.length; n++) {
    const [p, q] = [a.indices[i] ?? END, b.indices[j] ?? END];
    indices[n] = Math.min(p, q);
    values[n] = p < q ? a.values[i] : p > q ? b.values[j] : a.values[i] + b.values[j];
    if (p <= q) i++;
    if (q <= p) j++;
  }
  return { indices: indices.subarray(0, n), values: values.subarray(0, n) };
}

/** After all indices. */
const END = 2 ** 31;

export function serverOf(
  { scheme }: Feedback,
  start: ArrayLike<number>,
  firsts: ReadonlyArray<Uint8Array>,
): FeedbackServer {
  const x = Float64Array.from(start);
  return {
    x,
    estimate: scheme.estimate === 'none' ? empty() : wholeOf(meanOf(identity(), firsts, x.length), x.length),
  };
}

/**
 * The server of a method with error feedback before its first round.
 * @param start the first point, of any length.
 * @param firsts messages of the compressor `identity`, one for the first gradient of each client in their order; unused by
 * methods without estimates.
 * @throws INVALID_PARAMETER for invalid options, or without messages where the method needs them.
 */
export function feedbackServer(
  options: FeedbackOptions,
  start: ArrayLike<number>,
  firsts: ReadonlyArray<Uint8Array>,
): FeedbackServer {
  checkOptions('feedbackServer', feedbackRecords, options);
  const feedback = feedbackOf(options, start.length);
  if (feedback.scheme.estimate !== 'none' && firsts.length === 0)
    fail('INVALID_PARAMETER', `${feedback.method} needs the first gradient of each client, but there are no messages.`);
  return serverOf(feedback, start, firsts);
}

/** The vector of some entries, in an array that the caller may keep. */
function wholeOf(v: WholeOrEntries, d: number): Float64Array {
  if (!('indices' in v)) return v;
  const whole = new Float64Array(d);
  for (let k = 0; k < v.indices.length; k++) whole[v.indices[k]] = v.values[k];
  return whole;
}

/**
 * The direction of a round. The estimate stays as it is: that afterwards is written to `next`, which may be the same array, and is the
 * direction of methods that move it first.
 */
function directionOf(
  { scheme, compressor }: Feedback,
  estimate: Float64Array,
  next: Float64Array,
  messages: ReadonlyArray<Uint8Array>,
  d: number,
): WholeOrEntries {
  if (scheme.estimate === 'none') return meanOf(compressor, messages, d);
  if (scheme.estimate === 'message') {
    move(next, estimate, meanOf(compressor, messages, d));
    return next;
  }
  const splits = messages.map(splitMessage);
  const means = [0, 1].map((which) =>
    meanOf(
      compressor,
      splits.map((parts) => parts[which]),
      d,
    ),
  );
  const direction = new Float64Array(d);
  move(direction, estimate, means[0]);
  move(next, estimate, means[1]);
  return direction;
}

/** Takes the step and returns the direction that it took. */
export function stepOfServer(
  feedback: Feedback,
  { x, estimate }: FeedbackServer,
  messages: ReadonlyArray<Uint8Array>,
  stepSize: number,
): Float64Array {
  const found = directionOf(feedback, estimate, estimate, messages, x.length);
  const direction = found === estimate ? estimate.slice() : wholeOf(found, x.length);
  for (let i = 0; i < x.length; i++) x[i] -= stepSize * direction[i];
  return direction;
}

/** The two messages of a round in which a client sends two. */
function splitMessage(message: Uint8Array): [Uint8Array, Uint8Array] {
  const [length, from] = readVarint(message, 0);
  if (from + length > message.length) failFormat('it ends too early');
  return [message.subarray(from, from + length), message.subarray(from + length)];
}

/**
 * One round of the server: takes a message of each client, always in the same order, and moves `server`: h ← h + mean Δ, x ← x
 * − stepSize · h, with the new h; without estimates x ← x − stepSize · mean Δ; `d-ec`: x ← x − stepSize · (h + mean Δ), and
 * then h by the mean of the second messages. Returns the direction that was multiplied by stepSize. O(clients · length).
 * @throws INVALID_PARAMETER for invalid options, without messages, or for a step size that is not finite; INVALID_FORMAT for
 * a message of another compressor.
 */
export function feedbackServerStep(
  options: FeedbackOptions,
  server: FeedbackServer,
  messages: ReadonlyArray<Uint8Array>,
  stepSize: number,
): Float64Array {
  checkOptions('feedbackServerStep', feedbackRecords, options);
  checkMessages(messages);
  if (!Number.isFinite(stepSize)) fail('INVALID_PARAMETER', `stepSize must be a finite number, but is ${stepSize}.`);
  return stepOfServer(feedbackOf(options, server.x.length), server, messages, stepSize);
}

/** @throws INVALID_PARAMETER. */
function checkMessages(messages: ReadonlyArray<Uint8Array>): void {
  if (messages.length === 0) fail('INVALID_PARAMETER', 'A round needs a message of each client, but there are none.');
}

/**
 * The direction of {@link feedbackServerStep} without the step, for receivers that keep the point themselves: the estimate moves, and `x`
 * only gives the length. Methods without an estimate, with a compressor that has `entries`, take O(entries) and return them.
 * @param next another state of the same lengths, whose estimate becomes that after the round, while `server` stays as it is.
 * By default `server` becomes it.
 * @returns all of the direction, which may be the array of the estimate, or its entries.
 * @throws INVALID_PARAMETER for invalid options or without messages; INVALID_SHAPE for another length; INVALID_FORMAT for a
 * message of another compressor.
 */
export function feedbackDirection(
  options: FeedbackOptions,
  server: FeedbackServer,
  messages: ReadonlyArray<Uint8Array>,
  next: FeedbackServer = server,
): WholeOrEntries {
  checkOptions('feedbackDirection', feedbackRecords, options);
  checkMessages(messages);
  checkLength('The next estimate', next.estimate.length, server.estimate.length);
  const d = server.x.length;
  return directionOf(feedbackOf(options, d), server.estimate, next.estimate, messages, d);
}
