import { fail } from '@southwell/numerics/core';

/** Doubles as base64, little-endian: every bit, NaN and infinities too. */
export function encodeNumbers(values: Float64Array): string {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((v, i) => void view.setFloat64(8 * i, v, true));
  const bytes = new Uint8Array(view.buffer);
  let text = '';
  // In pieces: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

/** What {@link encodeNumbers} wrote. Throws `INVALID_FORMAT` for anything else. */
export function decodeNumbers(text: string): Float64Array {
  let bytes: string;
  try {
    bytes = atob(text);
  } catch {
    fail('INVALID_FORMAT', 'The values of the checkpoint are no base64.');
  }
  if (bytes.length % 8 !== 0) fail('INVALID_FORMAT', 'The values of the checkpoint are cut off.');
  const view = new DataView(Uint8Array.from(bytes, (c) => c.charCodeAt(0)).buffer);
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}
