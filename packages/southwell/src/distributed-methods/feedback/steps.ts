import { checkOptions, fail, type Random } from '@southwell/numerics/core';
import { failFormat, readVarint, varint } from '../compressors/bits.ts';
import { identity } from '../compressors/index.ts';
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

/** @throws INVALID_SHAPE. */
function checkLength(what: string, found: number, wanted: number): void {
  if (found !== wanted) fail('INVALID_SHAPE', `${what} has ${found} entries in place of ${wanted}.`);
}

export function clientOf({ scheme, compressor }: Feedback, first: Float64Array): FeedbackClient {
  const d = first.length;
  return {
    error: scheme.error === 'none' ? empty() : new Float64Array(d),
    estimate: scheme.estimate === 'none' ? empty() : first.slice(),
    average: scheme.momentum ? first.slice() : empty(),
    memory: new Float64Array(compressor.memory(d) * (scheme.estimate === 'second' ? 2 : 1)),
  };
}

/**
 * A client of a method with error feedback before its first round. Of methods that keep an estimate (`econtrol`, `d-ec`,
 * `ef21`, `ef21-sgdm`), it begins as the first gradient, which has to reach the server whole ({@link feedbackServer}).
 * @param first a gradient at the start; other methods take only its length.
 * @throws INVALID_PARAMETER for invalid options.
 */
export function feedbackClient(options: FeedbackOptions, first: Float64Array): FeedbackClient {
  checkOptions('feedbackClient', feedbackRecords, options);
  return clientOf(feedbackOf(options, first.length), first);
}

/** C(v) and its message. */
function sent(
  { compressor }: Feedback,
  v: Float64Array,
  random: Random,
  memory: Float64Array,
): { readonly message: Uint8Array; readonly restored: Float64Array } {
  const message = compressor.compress(v, random, memory.length > 0 ? memory : undefined);
  const restored = new Float64Array(v.length);
  compressor.restore(message, restored);
  return { message, restored };
}

export function stepOfClient(
  feedback: Feedback,
  client: FeedbackClient,
  gradient: Float64Array,
  random: Random,
): Uint8Array {
  const { scheme, eta, momentum } = feedback;
  const { error, estimate, average, memory } = client;
  const d = gradient.length;
  if (scheme.momentum) for (let i = 0; i < d; i++) average[i] = (1 - momentum) * average[i] + momentum * gradient[i];
  const wanted = scheme.momentum ? average : gradient;
  // What is new: the gradient less its estimate.
  const news = wanted.slice();
  if (scheme.estimate !== 'none') for (let i = 0; i < d; i++) news[i] -= estimate[i];
  const target = news.slice();
  if (scheme.error !== 'none') for (let i = 0; i < d; i++) target[i] = eta * error[i] + news[i];
  const second = scheme.estimate === 'second';
  const split = second ? memory.length / 2 : memory.length;
  const { message, restored } = sent(feedback, target, random, memory.subarray(0, split));
  if (scheme.error !== 'none') for (let i = 0; i < d; i++) error[i] += news[i] - restored[i];
  if (scheme.estimate === 'message') for (let i = 0; i < d; i++) estimate[i] += restored[i];
  if (!second) return message;
  const next = sent(feedback, news, random, memory.subarray(split));
  for (let i = 0; i < d; i++) estimate[i] += next.restored[i];
  return joined(varint(message.length), message, next.message);
}

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
 * @throws INVALID_PARAMETER for invalid options, INVALID_SHAPE for another length, NON_FINITE for entries that are not finite.
 */
export function feedbackClientStep(
  options: FeedbackOptions,
  client: FeedbackClient,
  gradient: Float64Array,
  random: Random,
): Uint8Array {
  checkOptions('feedbackClientStep', feedbackRecords, options);
  for (const own of [client.error, client.estimate, client.average])
    if (own.length > 0) checkLength('The gradient', gradient.length, own.length);
  return stepOfClient(feedbackOf(options, gradient.length), client, gradient, random);
}

/** The bytes of a first gradient, which is sent whole. */
export const wholeMessage = (gradient: Float64Array, random: Random): Uint8Array =>
  identity().compress(gradient, random);

/** The mean of what `restore` makes of the messages, added up in their order. */
function meanOf(
  messages: ReadonlyArray<Uint8Array>,
  d: number,
  restore: (message: Uint8Array, into: Float64Array) => void,
): Float64Array {
  const [sum, one] = [new Float64Array(d), new Float64Array(d)];
  for (const message of messages) {
    restore(message, one);
    for (let i = 0; i < d; i++) sum[i] += one[i];
  }
  for (let i = 0; i < d; i++) sum[i] /= messages.length;
  return sum;
}

export function serverOf(
  { scheme }: Feedback,
  start: ArrayLike<number>,
  firsts: ReadonlyArray<Uint8Array>,
): FeedbackServer {
  const x = Float64Array.from(start);
  const whole = identity();
  return {
    x,
    estimate: scheme.estimate === 'none' ? empty() : meanOf(firsts, x.length, (m, into) => whole.restore(m, into)),
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

/** Takes the step and returns the direction that it took. */
export function stepOfServer(
  { scheme, compressor }: Feedback,
  { x, estimate }: FeedbackServer,
  messages: ReadonlyArray<Uint8Array>,
  stepSize: number,
): Float64Array {
  const d = x.length;
  const restore = (message: Uint8Array, into: Float64Array) => compressor.restore(message, into);
  const second = scheme.estimate === 'second';
  const splits = second ? messages.map(splitMessage) : [];
  const direction = meanOf(second ? splits.map(([first]) => first) : messages, d, restore);
  if (scheme.estimate !== 'none') for (let i = 0; i < d; i++) direction[i] = estimate[i] + direction[i];
  if (scheme.estimate === 'message') estimate.set(direction);
  if (second) {
    const moved = meanOf(
      splits.map(([, next]) => next),
      d,
      restore,
    );
    for (let i = 0; i < d; i++) estimate[i] += moved[i];
  }
  for (let i = 0; i < d; i++) x[i] -= stepSize * direction[i];
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
  if (messages.length === 0) fail('INVALID_PARAMETER', 'A round needs a message of each client, but there are none.');
  if (!Number.isFinite(stepSize)) fail('INVALID_PARAMETER', `stepSize must be a finite number, but is ${stepSize}.`);
  return stepOfServer(feedbackOf(options, server.x.length), server, messages, stepSize);
}
