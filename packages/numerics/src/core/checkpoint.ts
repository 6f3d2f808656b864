import { knownKeys, type OptionKeys } from './checks.ts';
import { fail } from './errors.ts';
import { decodePlain, encodePlain } from './plain.ts';

/**
 * The common checkpoint format: the state that a method needs to resume from a boundary (a path point, an epoch, a
 * generation), as text. Numbers and typed arrays are preserved bit for bit. A file that is truncated, altered, or
 * written by another version, by another method or for other data is rejected with an explanation.
 */
export interface Checkpoint<S = unknown> {
  /** Name of the method, such as `cma-es`. */
  readonly method: string;
  /** {@link fingerprint} of data and options; a state can be resumed only with the same ones. */
  readonly problem: string;
  readonly iteration: number;
  readonly state: S;
}

type Expected = Partial<Pick<Checkpoint, 'method' | 'problem'>>;

const expectedKeys: OptionKeys<Expected> = { method: true, problem: true };

const FORMAT = 'southwell checkpoint';
const VERSION = 2;

/** Serialises a checkpoint; the caller should write the text atomically. O(size). */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const body = encodePlain(checkpoint);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, check: fingerprint(body) })}\n${body}\n`;
}

/**
 * Parses a checkpoint. O(size).
 * @throws INVALID_FORMAT if the text is not a checkpoint or is damaged, and INVALID_PARAMETER if it belongs to another
 * method or problem than `expected` names.
 */
export function decodeCheckpoint<S = unknown>(text: string, expected: Expected = {}): Checkpoint<S> {
  knownKeys('decodeCheckpoint', expected, expectedKeys);
  const end = text.indexOf('\n');
  let head: { format?: unknown; version?: unknown; check?: unknown };
  try {
    head = JSON.parse(end < 0 ? text : text.slice(0, end));
  } catch {
    head = {};
  }
  if (head === null || typeof head !== 'object' || head.format !== FORMAT) {
    fail('INVALID_FORMAT', 'This is not a checkpoint; give the file that --checkpoint wrote.');
  }
  if (head.version !== VERSION) {
    fail(
      'INVALID_FORMAT',
      `The checkpoint has version ${String(head.version)}, and this release reads version ${VERSION}: start afresh, or resume with the release that wrote it.`,
    );
  }
  const body = text.slice(end + 1).trimEnd();
  if (end < 0 || fingerprint(body) !== head.check) {
    fail('INVALID_FORMAT', 'The checkpoint is damaged (cut short or altered): start afresh, or use a copy.');
  }
  const found = decodePlain(body) as Checkpoint<S>;
  if (expected.method !== undefined && found.method !== expected.method) {
    fail('INVALID_PARAMETER', `The checkpoint was written by ${found.method}, not by ${expected.method}.`);
  }
  if (expected.problem !== undefined && found.problem !== expected.problem) {
    fail(
      'INVALID_PARAMETER',
      'The checkpoint belongs to other data or other options: give those that it was written with, or start afresh.',
    );
  }
  return found;
}

/**
 * A fingerprint of 16 hexadecimal digits (two 32-bit FNV-1a hashes), which for all practical purposes differs where the
 * values differ. Accepts strings, numbers, booleans, typed arrays and plain objects of them; undefined entries are
 * ignored. O(size).
 */
export function fingerprint(...values: unknown[]): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  const byte = (v: number) => {
    a = Math.imul(a ^ v, 0x01000193);
    b = Math.imul(b ^ v ^ 0x5c, 0x01000193);
  };
  const bytes = (view: ArrayLike<number>) => {
    for (let i = 0; i < view.length; i++) byte(view[i]);
  };
  const text = (s: string) => {
    for (let i = 0; i < s.length; i++) {
      const c = s.charCodeAt(i);
      byte(c & 255);
      byte(c >>> 8);
    }
    byte(1);
  };
  const take = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      text(value.constructor.name);
      bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (Array.isArray(value)) {
      byte(2);
      for (const v of value) take(v);
      byte(3);
    } else if (value !== null && typeof value === 'object') {
      byte(4);
      for (const key of Object.keys(value).sort()) {
        const inner = (value as Record<string, unknown>)[key];
        if (inner === undefined) continue;
        text(key);
        take(inner);
      }
      byte(5);
    } else if (typeof value === 'number') bytes(new Uint8Array(Float64Array.of(value).buffer));
    else text(`${typeof value} ${String(value)}`);
  };
  for (const value of values) take(value);
  const hex = (v: number) => (v >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}
