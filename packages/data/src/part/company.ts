import { type ErrorCode, fail, SouthwellError } from '@southwell/numerics/core';

/** Sends bytes to all ranks, and gives those of all of them in order. */
export type Gather = (bytes: Uint8Array) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

/** An error as it travels. */
export interface Told {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly aborted?: boolean;
}

/** Says how many bytes of a long step are done. */
export type Beat = (bytes: number) => Promise<void>;

/** Bytes after which ranks that read hear of each other, or those that are ready would take the rest for dead. */
const BEAT = 64 << 20;
const NOTHING = new Uint8Array(0);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const shared = new WeakSet<object>();

/** A mistake that was agreed on. */
export function share(error: unknown): unknown {
  if (error instanceof SouthwellError) shared.add(error);
  return error;
}

/** Whether an error of `readPart` is thrown on all ranks alike, so that it is none of the rank that tells it. */
export const isShared = (error: unknown): boolean => typeof error === 'object' && error !== null && shared.has(error);

/** The ranks that read a file together. Each step is done by all of them, and where it fails on one, it fails on all. */
export class Company {
  /** Throws where the file is not the one that it was. */
  unchanged: () => void = () => {};

  constructor(
    readonly rank: number,
    readonly size: number,
    private readonly gather: Gather,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** What a step gives on each rank. */
  async agree<T>(step: () => T | Promise<T>, alone = false): Promise<T[]> {
    const all = await this.bytes(async () => encoder.encode(JSON.stringify((await step()) ?? null)), alone);
    return all.map((bytes) => JSON.parse(decoder.decode(bytes)) as T);
  }

  /** The same of a step that reads a file, of whose parts the longest has so many bytes. */
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
   * As {@link agree}, of bytes.
   * @param alone Whether an error is one of a rank, whose number is to be told where others do not have it.
   * @throws what a rank threw.
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
        // What a file that changes makes of its readers explains nothing.
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
    return { message: message ?? String(error), ...(this.signal?.aborted && { aborted: true }) };
  }

  /** @throws that error. */
  raise({ code, message, aborted }: Told): never {
    if (code !== undefined) fail(code, message);
    if (aborted) throw new DOMException(message, 'AbortError');
    throw new Error(message);
  }
}
