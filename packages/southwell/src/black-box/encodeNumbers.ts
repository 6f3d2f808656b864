/** Doubles as base64, little-endian: exact, including NaN and infinities. */
export function encodeNumbers(values: Float64Array): string {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((v, i) => void view.setFloat64(8 * i, v, true));
  const bytes = new Uint8Array(view.buffer);
  let text = '';
  // In pieces, since a call takes a limited number of arguments.
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}
