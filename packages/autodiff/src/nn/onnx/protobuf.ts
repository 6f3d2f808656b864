// As much of Protocol Buffers as ONNX needs: messages are pieces one after the other.

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

/** Pieces as one. */
export function joinBytes(pieces: readonly Piece[]): Piece {
  const out = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** A field of bytes, a text or a message. */
export function bytesField(field: number, value: Piece | string): Piece {
  const bytes = typeof value === 'string' ? encoder.encode(value) : value;
  return joinBytes([varint(BigInt(field * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

/** A field of a whole number. */
export const intField = (field: number, value: number): Piece =>
  joinBytes([varint(BigInt(field * 8)), varint(BigInt(value))]);

/** A field of whole numbers, packed. */
export const intsField = (field: number, values: readonly number[]): Piece =>
  bytesField(field, joinBytes(values.map((v) => varint(BigInt(v)))));

/** A field of a number in single precision. */
export function floatField(field: number, value: number): Piece {
  const out = new Uint8Array(5);
  out[0] = field * 8 + 5;
  new DataView(out.buffer).setFloat32(1, value, true);
  return out;
}

/** A message of pieces. */
export const message = (field: number, pieces: readonly Piece[]): Piece => bytesField(field, joinBytes(pieces));
