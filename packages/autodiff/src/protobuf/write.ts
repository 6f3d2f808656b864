// The part of the Protocol Buffers encoding that ONNX needs to be written.

type Piece = Uint8Array;
const encoder = new TextEncoder();

function varint(value: bigint): Piece {
  const out: number[] = [];
  let left = BigInt.asUintN(64, value);
  while (left > 127n) {
    out.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  out.push(Number(left));
  return Uint8Array.from(out);
}

/** Concatenates byte arrays. */
export function joinBytes(pieces: readonly Piece[]): Piece {
  const out = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** A length-delimited field: bytes, string or message. */
export function bytesField(field: number, value: Piece | string): Piece {
  const bytes = typeof value === 'string' ? encoder.encode(value) : value;
  return joinBytes([varint(BigInt(field * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

/** A varint field. */
export const intField = (field: number, value: number): Piece =>
  joinBytes([varint(BigInt(field * 8)), varint(BigInt(value))]);

/** A packed varint field. */
export const intsField = (field: number, values: readonly number[]): Piece =>
  bytesField(field, joinBytes(values.map((v) => varint(BigInt(v)))));

/** A 32-bit float field. */
export function floatField(field: number, value: number): Piece {
  const out = new Uint8Array(5);
  out[0] = field * 8 + 5;
  new DataView(out.buffer).setFloat32(1, value, true);
  return out;
}

/** A message from its fields. */
export const message = (field: number, pieces: readonly Piece[]): Piece => bytesField(field, joinBytes(pieces));

/** A packed field of 32-bit floats. */
export function floatsField(field: number, values: readonly number[]): Piece {
  const out = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((v, i) => {
    out.setFloat32(4 * i, v, true);
  });
  return bytesField(field, new Uint8Array(out.buffer));
}
