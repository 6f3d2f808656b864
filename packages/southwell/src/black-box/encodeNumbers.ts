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
