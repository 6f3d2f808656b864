import { type ErrorCode, fail, SouthwellError, stoppedBy } from '@southwell/numerics/core';

/** All-gather: sends bytes to all ranks and returns those of all ranks in order. */
export type Gather = (bytes: Uint8Array) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** An error in serialised form. */
export interface Told {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly aborted?: boolean;
  /** Whether a time limit has aborted it. */
  readonly late?: boolean;
}

/** Reports the progress of a long step in bytes. */
export type Beat = (bytes: number) => Promise<void>;

/**
 * Number of bytes after which reading ranks exchange a sign of life; otherwise ranks that are done would consider the
 * others dead.
 */
const BEAT = 64 << 20;
const NOTHING = new Uint8Array(0);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const shared = new WeakSet<object>();

/** Marks an error as agreed on by all ranks. */
export function share(error: unknown): unknown {
  if (error instanceof SouthwellError) shared.add(error);
  return error;
}

/**
 * Whether an error of `readPart` is thrown on all ranks alike, and is thus not specific to the rank that reports it.
 */
export const isShared = (error: unknown): boolean => typeof error === 'object' && error !== null && shared.has(error);

/**
 * The group of ranks that read a file together. All of them take every step, and if a step fails on one rank, it fails
 * on all.
 */
export class Company {
  /** Throws if the file has changed since it was opened. */
  unchanged: () => void = () => {};

  constructor(
    readonly rank: number,
    readonly size: number,
    private readonly gather: Gather,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Runs a step and returns its results on all ranks. */
  async agree<T>(step: () => T | Promise<T>, alone = false): Promise<T[]> {
    const all = await this.bytes(async () => encoder.encode(JSON.stringify((await step()) ?? null)), alone);
    return all.map((bytes) => JSON.parse(decoder.decode(bytes)) as T);
  }

  /** The same for a step that reads a file; `longest` is the size in bytes of the largest part. */
  async reading<T>(longest: number, step: (beat: Beat) => Promise<T>): Promise<T[]> {
    const beats = Number.isFinite(longest) ? Math.floor(longest / BEAT) : 0;
    let beaten = 0;
    const beat = async (bytes: number) => {
      while (beaten < beats && bytes >= (beaten + 1) * BEAT) {
        beaten++;
        await this.gather(NOTHING);
      }
    };
    return this.agree(async () => {
      try {
        return await step(beat);
      } finally {
        await beat(Number.POSITIVE_INFINITY);
      }
    });
  }

  /**
   * Like {@link agree}, for bytes.
   * @param alone Whether errors are specific to a rank, whose number is then reported unless all ranks have the same
   * error.
   * @throws the error of the first rank that failed.
   */
  async bytes(step: () => Uint8Array | Promise<Uint8Array>, alone = false): Promise<Uint8Array[]> {
    let sent: Uint8Array;
    let own: unknown;
    try {
      try {
        const bytes = await step();
        this.unchanged();
        sent = new Uint8Array(bytes.length + 1);
        sent.set(bytes, 1);
      } catch (error) {
        // If the file has changed, that is the error to report rather than its consequences.
        this.unchanged();
        throw error;
      }
    } catch (error) {
      own = error;
      const told = encoder.encode(JSON.stringify(this.told(error)));
      sent = new Uint8Array(told.length + 1);
      sent.set(told, 1);
      sent[0] = 1;
    }
    const all = await this.gather(sent);
    const errors = all.map((bytes) =>
      bytes[0] === 1 ? (JSON.parse(decoder.decode(bytes.subarray(1))) as Told) : undefined,
    );
    const first = errors.findIndex((error) => error !== undefined);
    if (first < 0) return all.map((bytes) => bytes.subarray(1));
    const told = errors[first]!;
    const shared = errors.every((error) => error?.message === told.message);
    if (own !== undefined && told.code === undefined && (first === this.rank || told.aborted)) throw own;
    return this.raise(
      shared || !(alone || told.code === 'FILE') ? told : { ...told, message: `Rank ${first}: ${told.message}` },
    );
  }

  told(error: unknown): Told {
    const { message } = error as Error;
    if (error instanceof SouthwellError) return { code: error.code, message };
    return {
      message: message ?? String(error),
      ...(this.signal?.aborted && { aborted: true, late: stoppedBy(this.signal) === 'time-limit' }),
    };
  }

  /** @throws the given error. */
  raise({ code, message, aborted, late }: Told): never {
    if (code !== undefined) fail(code, message);
    if (aborted) throw new DOMException(message, late ? 'TimeoutError' : 'AbortError');
    throw new Error(message);
  }
}
