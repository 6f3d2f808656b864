import type { Communicator, Exchange } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { checkStart, isFinitePoint, lipschitzEstimate, type Prox, plus } from '../operators.ts';
import { type CheckedSettings, checkedSettings, stepOf, type VariationalSettings } from './options.ts';
import { Device, type VariationalProblem } from './problem.ts';
import { restored, Sender, Star } from './star.ts';
import { checkState, type RankState, type VariationalState } from './state.ts';

/** Streams of random numbers, of which the first two are the same on all ranks. */
const STREAMS = { coin: 0, senders: 1, server: 2, devices: 3, samples: 4 } as const;

/** The step from an estimate of the Lipschitz constant is made as if it were larger by this factor. */
const CAUTION = 1.1;

/** What one side remembers of messages: the compressors of one exchange of a step, and errors that feedback carries on. */
interface Slot {
  readonly senders: readonly Sender[];
  readonly server: Sender;
  /** By device; empty without feedback. */
  readonly errors: readonly Float64Array[];
  readonly serverError: Float64Array | undefined;
}

/** The part of one rank in a method with compressed messages: its devices, and on the first rank the server. */
export class Rank {
  readonly devices: readonly Device[];
  readonly random: Random;
  readonly coin: Random;
  private readonly draws: Random;
  private readonly slots: Slot[] = [];

  private constructor(
    private readonly star: Star,
    readonly settings: CheckedSettings,
    { operators, prox }: VariationalProblem,
    readonly start: Float64Array,
    private readonly place: { readonly rank: number; readonly size: number; readonly settings: string },
  ) {
    this.random = new Random(settings.seed);
    this.coin = this.random.split(STREAMS.coin);
    this.draws = this.random.split(STREAMS.senders);
    const samples = this.random.split(STREAMS.samples);
    this.devices = operators.map((F, k) => new Device(F, start.length, samples.split(star.first + k)));
    this.prox = prox ?? ((z) => z);
    this.givenProx = prox;
  }

  readonly prox: Prox;
  readonly givenProx: Prox | undefined;

  static *over(comm: Communicator, problem: VariationalProblem, options: VariationalSettings): Exchange<Rank> {
    const start = checkStart(problem.z0);
    const settings = checkedSettings(options, start.length);
    const { uplink, downlink, lipschitz: _, ...shared } = settings;
    const names = { ...shared, uplink: uplink.name, downlink: downlink.name, start: [...start], prox: !!problem.prox };
    const star = yield* Star.over(comm, problem.operators.length, start.length, names);
    const text = JSON.stringify({ ...names, devices: star.devices });
    if (options.resume) checkState(options.resume, comm, text);
    const rank = new Rank(star, settings, problem, start, { rank: comm.rank, size: comm.size, settings: text });
    if (options.resume) rank.restore(options.resume);
    return rank;
  }

  /** What this rank keeps between steps. */
  state(): RankState {
    const { star, place, coin, draws, devices, slots } = this;
    return {
      ...{ rank: place.rank, ranks: place.size, settings: place.settings },
      ...{ coin: coin.state(), draws: draws.state(), bytesUp: star.bytesUp, bytesDown: star.bytesDown },
      devices: devices.map((device) => device.state()),
      slots: slots.map(({ senders, server, errors, serverError }) => ({
        senders: senders.map((sender) => sender.state()),
        server: server.state(),
        errors: errors.map((e) => e.slice()),
        serverError: serverError?.slice(),
      })),
    };
  }

  private restore({ own }: VariationalState): void {
    const { star, coin, draws, devices } = this;
    coin.restore(own.coin);
    draws.restore(own.draws);
    [star.bytesUp, star.bytesDown] = [own.bytesUp, own.bytesDown];
    for (const [k, device] of devices.entries()) device.restore(own.devices[k]);
    for (const [at, saved] of own.slots.entries()) {
      const slot = this.slot(at);
      for (const [k, sender] of slot.senders.entries()) sender.restore(saved.senders[k]);
      slot.server.restore(saved.server);
      for (const [k, error] of slot.errors.entries()) error.set(saved.errors[k]);
      if (saved.serverError) slot.serverError?.set(saved.serverError);
    }
  }

  get bytesUp(): number {
    return this.star.bytesUp;
  }
  get bytesDown(): number {
    return this.star.bytesDown;
  }
  get calls(): number {
    return this.devices.reduce((sum, { calls }) => sum + calls, 0);
  }

  /** The step size, from the Lipschitz constants of all devices; those that are estimated near the start count as calls. */
  *step(): Exchange<ReturnType<typeof stepOf>> {
    const { settings, start, devices, star } = this;
    if (typeof settings.gamma === 'number') return stepOf(settings, []);
    const own = devices.map(
      (device, k) => settings.lipschitz?.[k] ?? CAUTION * lipschitzEstimate((z) => device.value(z), start),
    );
    const everyone = Array.from({ length: star.devices }, (_, m) => m);
    const bytes = own.map((L) => new Uint8Array(Float64Array.of(L).buffer));
    const all = yield* star.up(everyone, bytes);
    const L = all.map((message) => new Float64Array(message.slice().buffer)[0]);
    const made = L.length > 0 ? stepOf(settings, L).gamma : 0;
    const sent = yield* star.down(new Uint8Array(Float64Array.of(Number.isFinite(made) ? made : 1).buffer));
    return { gamma: new Float64Array(sent.slice().buffer)[0], adaptive: settings.gamma === 'auto' };
  }

  /** The mean over all devices of dense values, which each device sends and the server returns. */
  *dense(values: readonly Float64Array[]): Exchange<Float64Array> {
    const { star, start } = this;
    const everyone = Array.from({ length: star.devices }, (_, m) => m);
    const messages = yield* star.up(everyone, values.map(bytesOf));
    const mean = meanOf(messages.map(numbersOf), start.length);
    return numbersOf(yield* star.down(bytesOf(mean)));
  }

  /** Refreshes the reference values of all devices, and returns their mean. */
  *refresh(w: Float64Array): Exchange<Float64Array> {
    for (const device of this.devices) device.reference = device.value(w);
    return yield* this.dense(this.devices.map(({ reference }) => reference));
  }

  /** Devices that send in this step, ascending, the same on all ranks. */
  senders(): readonly number[] {
    const { star, settings } = this;
    const { participation = star.devices } = settings;
    if (participation >= star.devices) return Array.from({ length: star.devices }, (_, m) => m);
    return [...this.draws.sample(star.devices, participation)].sort((a, b) => a - b);
  }

  /**
   * The mean of compressed vectors of some devices, compressed again by the server. With feedback, vectors are what is to be
   * moved (multiplied by the step size), and what messages leave out is added to the next ones.
   * @param at Which exchange of a step it is: each has its own errors.
   */
  *compressed(
    at: number,
    senders: readonly number[],
    vectorOf: (device: Device) => Float64Array,
  ): Exchange<Float64Array> {
    const { star, settings, start, devices } = this;
    const slot = this.slot(at);
    const first = star.first;
    const own = senders.filter((m) => m >= first && m < first + devices.length).map((m) => m - first);
    const messages = own.map((k) => sent(slot.senders[k], vectorOf(devices[k]), slot.errors[k]));
    const received = yield* star.up(senders, messages);
    // Only the server has them all.
    const mean = meanOf(
      received.map((message) => restored(settings.uplink, message, start.length)),
      start.length,
    );
    const answer = received.length > 0 ? sent(slot.server, mean, slot.serverError) : undefined;
    return restored(settings.downlink, yield* star.down(answer), start.length);
  }

  /** Errors that feedback carries become 0, as after a change of the step size. */
  forget(): void {
    for (const { errors, serverError } of this.slots)
      for (const e of [...errors, ...(serverError ? [serverError] : [])]) e.fill(0);
  }

  private slot(at: number): Slot {
    const { settings, start, random, star, devices } = this;
    const length = start.length;
    if (this.slots[at]) return this.slots[at];
    const ofDevices = random.split(STREAMS.devices);
    const made: Slot = {
      senders: devices.map((_, k) => new Sender(settings.uplink, length, ofDevices.split(star.first + k).split(at))),
      server: new Sender(settings.downlink, length, random.split(STREAMS.server).split(at)),
      errors: settings.feedback.up ? devices.map(() => new Float64Array(length)) : [],
      serverError: settings.feedback.down ? new Float64Array(length) : undefined,
    };
    this.slots[at] = made;
    return made;
  }
}

function bytesOf(v: Float64Array): Uint8Array {
  return new Uint8Array(v.slice().buffer);
}
function numbersOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}

/** The message of v + e, of which e keeps what the message leaves out. */
function sent(sender: Sender, v: Float64Array, error: Float64Array | undefined): Uint8Array {
  if (!error) return sender.message(v);
  const whole = plus(v, 1, error);
  const message = sender.message(whole);
  if (isFinitePoint(whole)) {
    const arrived = restored(sender.compressor, message, v.length);
    for (let i = 0; i < error.length; i++) error[i] = whole[i] - arrived[i];
  }
  return message;
}

/** The mean in the order of the list. */
function meanOf(vectors: readonly Float64Array[], length: number): Float64Array {
  const out = new Float64Array(length);
  for (const v of vectors) for (let i = 0; i < length; i++) out[i] += v[i];
  return out.map((v) => v / Math.max(vectors.length, 1));
}
