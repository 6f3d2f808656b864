import type { Arena } from '@southwell/kernels';
import { type Place, tensorKernels } from '../primitive.ts';
import { BYTES, type Storage, type Tensor } from '../tensor.ts';
import { heapOf } from './evaluate.ts';
import type { Plan, Step } from './plan.ts';

// Constant matrices of products with few rows, packed once when a program is made. Products pack them at each run otherwise, which takes longer than
// the product itself.

/** Rows of a product up to which packing is a considerable part of it. */
const ROWS = 32;
/** Products with one or two rows by weights as they lie in PyTorch do not pack them. */
const UNPACKED = 2;

/** A constant matrix of out × inner numbers, as gemm reads it. */
interface Matrix {
  readonly storage: Storage;
  readonly offset: number;
  readonly out: number;
  readonly inner: number;
  /** Whether the numbers of a row are contiguous, rather than those of a column. */
  readonly byRows: boolean;
  readonly ld: number;
}

/** The constant matrix of a product that would gain; undefined for other operations. */
function matrixOf({ record: { op }, inputs }: Step, root: Plan['root']): Matrix | undefined {
  if (op.name !== 'matmul' && op.name !== 'turnedProduct') return undefined;
  const [x, w] = inputs;
  const turned = op.name === 'turnedProduct';
  if (w.dtype !== 'f32' || x.rank !== 2 || w.rank !== 2 || x.size === 0 || w.size === 0) return undefined;
  const [rows, inner] = x.shape;
  if (rows > ROWS || (turned && rows <= UNPACKED) || (inner > 1 && x.strides[1] !== 1)) return undefined;
  if (rows > 1 && x.strides[0] < inner) return undefined;
  const out = turned ? w.shape[0] : w.shape[1];
  const [alongOut, alongInner] = turned ? w.strides : [w.strides[1], w.strides[0]];
  const shared = { storage: root(w.storage), offset: w.offset, out, inner };
  if (alongOut === 1 && alongInner >= out) return { ...shared, byRows: false, ld: alongInner };
  if (alongInner === 1 && alongOut >= inner) return { ...shared, byRows: true, ld: alongOut };
  return undefined;
}

const same = (a: Matrix, b: Matrix): boolean =>
  a.offset === b.offset && a.out === b.out && a.inner === b.inner && a.byRows === b.byRows && a.ld === b.ld;

/** The matrices that are packed, by their storages: constants of this program that nothing else reads. */
export function packedMatrices(
  { steps, constants, root }: Plan,
  results: readonly Tensor[],
): ReadonlyMap<Storage, Matrix> {
  const candidates = new Set(constants.filter((s) => s.pointer === undefined && s.values !== undefined));
  const found = new Map<Storage, Matrix>();
  for (const x of results) candidates.delete(root(x.storage));
  for (const step of steps) {
    const matrix = matrixOf(step, root);
    step.inputs.forEach((x, i) => {
      const s = root(x.storage);
      const before = found.get(s);
      if (i === 1 && matrix && (before === undefined || same(before, matrix))) found.set(s, matrix);
      else candidates.delete(s);
    });
  }
  for (const s of found.keys()) if (!candidates.has(s)) found.delete(s);
  return found;
}

/** Packs a matrix into memory that `alloc` gives, and returns its address. */
export function packedAt(arena: Arena, matrix: Matrix, alloc: (bytes: number) => number): number {
  const { storage, offset, out, inner, byRows, ld } = matrix;
  const pointer = alloc(Math.ceil(out / 8) * 8 * inner * BYTES.f32);
  const plain = arena.alloc(storage.length * BYTES.f32);
  heapOf(arena, 'f32').set(storage.values!, plain / BYTES.f32);
  tensorKernels(arena).sgemmPack(byRows, out, inner, plain + offset * BYTES.f32, ld, pointer);
  arena.free(plain);
  return pointer;
}

/** The call of a product by a packed matrix. */
export function packedProduct(arena: Arena, x: Place, packed: number, y: Place, work: number): () => void {
  const { sgemmPacked } = tensorKernels(arena);
  const [rows, inner] = x.shape;
  const out = y.shape[1];
  const ld = rows > 1 ? x.strides[0] : inner;
  const [from, to] = [x.pointer, y.pointer];
  return () => sgemmPacked(out, rows, inner, packed, from, ld, to, out, work);
}
