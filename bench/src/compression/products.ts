import * as ad from '@southwell/autodiff';
import { Random } from '@southwell/numerics/core';

// Products by packed matrices beside those by the same matrices as they are unpacked, in one run.

/** A form of packed matrices. */
interface Packing {
  readonly name: string;
  readonly pack: (out: number, inner: number, random: Random) => ad.PackedMatrix;
}

/** Two of four weights other than 0, at random places. */
function twoOfFour(out: number, inner: number, random: Random): Float32Array {
  const weights = new Float32Array(out * inner);
  for (let j = 0; j < weights.length; j += 4) {
    const first = random.integer(4);
    const second = (first + 1 + random.integer(3)) % 4;
    weights[j + first] = random.normal();
    weights[j + second] = random.normal();
  }
  return weights;
}

const normals = (n: number, random: Random): Float32Array => Float32Array.from({ length: n }, () => random.normal());

const share =
  (density: number): Packing['pack'] =>
  (out, inner, random) =>
    ad.packBitmap(
      Float32Array.from({ length: out * inner }, () => (random.uniform() < density ? random.normal() : 0)),
      [out, inner],
    );

const coded =
  (bits: number): Packing['pack'] =>
  (out, inner, random) => {
    const indices = Uint8Array.from({ length: out * inner }, () => random.integer(2 ** bits));
    return ad.packCodes({ indices, bits, codebooks: normals(2 ** bits, random) }, [out, inner]);
  };

export const packings: readonly Packing[] = [
  { name: '2:4', pack: (out, inner, random) => ad.packGroups(twoOfFour(out, inner, random), [out, inner]) },
  {
    name: 'blocks of 32 around 2:4',
    pack: (out, inner, random) => {
      const [left, right] = [normals(out * 32, random), normals(inner * 32, random)];
      return ad.packWrapped({ block: 32, left, right, core: twoOfFour(out, inner, random) }, [out, inner]);
    },
  },
  ...[0.5, 0.25, 0.1].map((density) => ({ name: `${100 * density} % of the weights`, pack: share(density) })),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((bits) => ({ name: `codebooks of ${bits} bits`, pack: coded(bits) })),
  {
    name: 'int8',
    pack: (out, inner, random) => {
      const codes = Int8Array.from({ length: out * inner }, () => random.integer(255) - 127);
      return ad.packInt8(codes, normals(out, random), [out, inner]);
    },
  },
];

/** Seconds of a run of the product of x [rows, inner] by weights [out, inner], the least of seven rounds. */
function seconds(weights: ad.Tensor | ad.PackedTensor, rows: number, out: number, inner: number): number {
  const x = ad.tensor(normals(rows * inner, new Random(2)), { shape: [rows, inner] });
  const product = ad.compile((x: ad.Tensor) =>
    ad.matmulTransposed(x, ad.isPacked(weights) ? ad.unpackTensor(weights, x) : weights),
  );
  const program = product.prepare(x);
  program.run();
  const calls = Math.max(3, Math.round(1e8 / (out * inner * rows)));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    for (let c = 0; c < calls; c++) program.run();
    best = Math.min(best, (performance.now() - start) / calls);
  }
  program.free();
  return best / 1000;
}

/** What a product takes: seconds packed and unpacked, and the share of the bytes. */
export interface ProductTime {
  readonly packed: number;
  readonly dense: number;
  readonly bytes: number;
}

/** Times a product packed and, directly before it, with the matrix that it stands for. */
export function productTimes({ pack }: Packing, rows: number, out: number, inner: number): ProductTime {
  const matrix = pack(out, inner, new Random(1));
  const dense = seconds(ad.tensor(ad.unpackMatrix(matrix), { shape: [out, inner] }), rows, out, inner);
  const packed = seconds(ad.packedTensor(matrix), rows, out, inner);
  return { packed, dense, bytes: ad.packedBytes(matrix) / (4 * out * inner) };
}

/** Bytes a second with which one thread copies bytes that it has read before: products that read more cannot be faster. */
export function copyingRate(bytes: number): number {
  const [from, to] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes)];
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 9; round++) {
    const start = performance.now();
    for (let c = 0; c < 5; c++) to.set(from);
    best = Math.min(best, (performance.now() - start) / 5);
  }
  return (1000 * bytes) / best;
}
