/**
 * Serialises plain data and typed arrays to text without loss. O(size).
 * @throws TypeError for anything else, such as functions or class instances.
 */
export const encodePlain = (value: unknown): string => JSON.stringify(packed(value));

/** Inverse of {@link encodePlain}. O(size). */
export const decodePlain = (text: string): unknown => unpacked(JSON.parse(text));

const ARRAYS = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array, Int8Array, Uint16Array, Int16Array };
type ArrayName = keyof typeof ARRAYS;

/** Key that marks values without a JSON representation: typed arrays (as bytes), NaN and infinities, undefined. */
const TAG = '$';

function packed(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [TAG]: 'number', of: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (value === undefined) return { [TAG]: 'undefined' };
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name;
    if (!(name in ARRAYS)) throw new TypeError(`Plain data cannot hold a ${name}.`);
    return { [TAG]: name, of: base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  }
  if (Array.isArray(value)) return value.map(packed);
  if (value !== null && typeof value === 'object') {
    const proto = Object.getPrototypeOf(value);
    if (proto !== Object.prototype && proto !== null) {
      throw new TypeError(`Checkpoints and messages hold plain data only, not a ${value.constructor.name}.`);
    }
    if (TAG in value) throw new TypeError(`A key of plain data cannot be ${TAG}.`);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, packed(inner)]));
  }
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    throw new TypeError(`Checkpoints and messages hold plain data only, not a ${typeof value}.`);
  }
  return value;
}

function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== 'object') return value;
  if (TAG in value) {
    const { [TAG]: name, of } = value as { [TAG]: string; of?: string };
    if (name === 'number') return Number(of);
    if (name === 'undefined') return undefined;
    const bytes = unbase64(of!);
    return new ARRAYS[name as ArrayName](bytes.buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  // In chunks, because the number of arguments of a call is limited.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

function unbase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
