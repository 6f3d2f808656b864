import { fail } from '@southwell/numerics/core';
import { described } from '../given.ts';
import { type Shape, show, sizeOf } from '../shapes.ts';

// Matrices of out × inner numbers of single precision that are kept in fewer bytes. A row is an output. Fractions are
// in arrays F, bits and whole numbers in arrays I of 32-bit words: typed arrays or tensors. The layouts are those that
// the kernels read (kernels/assembly/packed).

interface Form<Name extends string, Arrays> {
  readonly form: Name;
  /** The shape of the weights: the first axis is that of the outputs, all others together are the inputs. */
  readonly shape: Shape;
  readonly arrays: Arrays;
}

/** The rows and columns of a block of the form `groups`. */
export const GROUPS = { rows: 8, columns: 16 } as const;

/**
 * At most two of every four consecutive inputs (2:4 sparsity), in blocks of 8 rows and 16 columns, one row of blocks
 * after the other, padded by zeros. A block has 64 values and 4 words of places: value (4·g + p)·4 + l is of the group
 * of columns g and the row 2·p + ⌊l/2⌋, and its place in the group is in the bits 8·p + 2·l of word g.
 */
export type PackedGroups<F, I> = Form<'groups', { readonly values: F; readonly places: I }>;

/**
 * Any weights other than 0: a bit for each weight, each row from a new word on; the values, row after row; and for each
 * row the number of values before it, with one more entry for the end.
 */
export type PackedBitmap<F, I> = Form<'bitmap', { readonly values: F; readonly bits: I; readonly starts: I }>;

/**
 * Places in codebooks: of `bits` bits each, the first in the lowest bits, without gaps, each row from a new word on.
 * There is a codebook of 2^bits numbers for each run of rows, whose first rows are `boundaries`; rows may have scales.
 */
export type PackedCodebooks<F, I> = Form<
  'codebooks',
  { readonly codes: I; readonly codebooks: F; readonly boundaries: I; readonly scales?: F }
> & {
  /** Bits of a place, from 1 to 8. */
  readonly bits: number;
};

/** Signed bytes, four in a word, each row from a new word on, times a scale for each row. */
export type PackedInt8<F, I> = Form<'int8', { readonly codes: I; readonly scales: F }>;

/**
 * The product A·S·B: A and B are block-diagonal, their blocks one after the other, each column after column; S is of the
 * form `groups`. The sizes of S are those of the matrix, padded to multiples of the block.
 */
export type PackedWrapped<F, I> = Form<
  'wrapped',
  { readonly left: F; readonly right: F; readonly values: F; readonly places: I }
> & {
  /** Rows and columns of the blocks of A and B. */
  readonly block: number;
};

/** A packed matrix over arrays of the types F (fractions) and I (words). */
export type Packed<F, I> =
  | PackedGroups<F, I>
  | PackedBitmap<F, I>
  | PackedCodebooks<F, I>
  | PackedInt8<F, I>
  | PackedWrapped<F, I>;

/** A packed matrix as plain data. */
export type PackedMatrix = Packed<Float32Array, Int32Array>;

/** The forms of packed matrices, with the arrays of each and the names of its sizes. */
export const FORMS: {
  readonly [Name in PackedMatrix['form']]: {
    /** In the order of the inputs of operations; those that may be absent come last. */
    readonly arrays: ReadonlyArray<readonly [name: string, dtype: 'f32' | 'i32']>;
    readonly size?: 'bits' | 'block';
  };
} = {
  groups: {
    arrays: [
      ['values', 'f32'],
      ['places', 'i32'],
    ],
  },
  bitmap: {
    arrays: [
      ['values', 'f32'],
      ['bits', 'i32'],
      ['starts', 'i32'],
    ],
  },
  codebooks: {
    arrays: [
      ['codes', 'i32'],
      ['codebooks', 'f32'],
      ['boundaries', 'i32'],
      ['scales', 'f32'],
    ],
    size: 'bits',
  },
  int8: {
    arrays: [
      ['codes', 'i32'],
      ['scales', 'f32'],
    ],
  },
  wrapped: {
    arrays: [
      ['left', 'f32'],
      ['right', 'f32'],
      ['values', 'f32'],
      ['places', 'i32'],
    ],
    size: 'block',
  },
};

/** A packed matrix without its arrays: plain data that JSON keeps. */
export type PackedSizes =
  | { readonly form: 'groups' | 'bitmap' | 'int8'; readonly shape: Shape }
  | { readonly form: 'codebooks'; readonly shape: Shape; readonly bits: number }
  | { readonly form: 'wrapped'; readonly shape: Shape; readonly block: number };

export const sizesOf = <F, I>(packed: Packed<F, I>): PackedSizes => {
  const { arrays: _, ...sizes } = packed;
  return sizes;
};

/** Rows and columns of the matrix. */
export function extentOf({ shape }: { readonly shape: Shape }): readonly [out: number, inner: number] {
  return [shape[0], sizeOf(shape.slice(1))];
}

/** Rows and columns of the sparse factor of a wrapped matrix. */
export function paddedExtent(packed: { readonly shape: Shape; readonly block: number }): [out: number, inner: number] {
  const [out, inner] = extentOf(packed);
  return [Math.ceil(out / packed.block) * packed.block, Math.ceil(inner / packed.block) * packed.block];
}

/** Blocks in a row of blocks, and rows of them. */
export const groupBlocks = (out: number, inner: number): [rows: number, columns: number] => [
  Math.ceil(out / GROUPS.rows),
  Math.ceil(inner / GROUPS.columns),
];

/**
 * The size of the arrays in bytes.
 * @throws INVALID_PARAMETER for other values.
 */
export function packedBytes(packed: PackedMatrix): number {
  needPacked('packedBytes', packed);
  return Object.values<Float32Array | Int32Array>(packed.arrays).reduce((n, a) => n + a.byteLength, 0);
}

/** The lengths that the arrays must have; undefined if the length depends on the values. */
function lengthsOf(sizes: PackedSizes, lengths: Readonly<Record<string, number>>): Record<string, number | undefined> {
  const [out, inner] = extentOf(sizes);
  const blocks = (m: number, n: number) => groupBlocks(m, n).reduce((a, b) => a * b, 1);
  switch (sizes.form) {
    case 'groups':
      return { values: 64 * blocks(out, inner), places: 4 * blocks(out, inner) };
    case 'bitmap':
      return { values: undefined, bits: out * Math.ceil(inner / 32), starts: out + 1 };
    case 'codebooks':
      return {
        codes: out * Math.ceil((inner * sizes.bits) / 32),
        codebooks: lengths.boundaries * 2 ** sizes.bits,
        boundaries: undefined,
        scales: out,
      };
    case 'int8':
      return { codes: out * Math.ceil(inner / 4), scales: out };
    case 'wrapped': {
      const [m, n] = paddedExtent(sizes);
      return {
        left: m * sizes.block,
        right: n * sizes.block,
        values: 64 * blocks(m, n),
        places: 4 * blocks(m, n),
      };
    }
  }
}

const damaged = (name: string, why: string): never =>
  fail('INVALID_FORMAT', `${name}: the packed matrix is damaged: ${why}.`);

/**
 * Whether a value looks like a packed matrix, over any arrays.
 * @throws INVALID_PARAMETER if it does not.
 */
export function needPacked(name: string, value: unknown): void {
  const { form, arrays } = (value ?? {}) as { form?: unknown; arrays?: unknown };
  if (typeof form !== 'string' || typeof arrays !== 'object' || arrays === null)
    fail('INVALID_PARAMETER', `${name} takes a packed matrix, { form, shape, arrays }, not ${described(value)}.`);
}

/**
 * Checks form, sizes and lengths of the arrays.
 * @param name the function in messages.
 * @throws INVALID_FORMAT for other forms, sizes and lengths.
 */
export function checkPackedSizes(
  name: string,
  packed: Packed<{ readonly length: number }, { readonly length: number }>,
): void {
  const { form, shape, arrays } = packed;
  if (!Object.hasOwn(FORMS, form))
    fail(
      'INVALID_FORMAT',
      `${name}: there is no form '${form}' of packed matrices, only ${Object.keys(FORMS).join(', ')}.`,
    );
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
    damaged(name, 'its shape must be a list of at least two whole numbers');
  if (form === 'codebooks' && !(Number.isInteger(packed.bits) && packed.bits >= 1 && packed.bits <= 8))
    damaged(name, `places in codebooks have 1 to 8 bits, not ${packed.bits}`);
  if (form === 'wrapped' && !(Number.isInteger(packed.block) && packed.block >= 1))
    damaged(name, `blocks have at least one row, not ${packed.block}`);
  const given = arrays as Readonly<Record<string, { readonly length: number } | undefined>>;
  const lengths = Object.fromEntries(Object.entries(given).map(([key, a]) => [key, a?.length ?? 0]));
  const needed = lengthsOf(packed, lengths);
  for (const [key] of FORMS[form].arrays) {
    if (given[key] === undefined) {
      if (form !== 'codebooks' || key !== 'scales') damaged(name, `it has no ${key}`);
    } else if (needed[key] !== undefined && lengths[key] !== needed[key])
      damaged(name, `${show(shape)} of the form ${form} needs ${needed[key]} entries in ${key}, not ${lengths[key]}`);
  }
}

/**
 * Checks all that the kernels rely on.
 * @param name the function in messages.
 * @throws INVALID_FORMAT for damaged matrices; INVALID_PARAMETER for other values.
 */
export function checkPacked(name: string, packed: PackedMatrix): void {
  needPacked(name, packed);
  for (const [key, dtype] of FORMS[packed.form]?.arrays ?? []) {
    const array = (packed.arrays as Readonly<Record<string, unknown>>)[key];
    if (array !== undefined && !(array instanceof (dtype === 'f32' ? Float32Array : Int32Array)))
      damaged(name, `${key} must be ${dtype === 'f32' ? 'a Float32Array' : 'an Int32Array'}`);
  }
  checkPackedSizes(name, packed);
  const [out, inner] = extentOf(packed);
  if (packed.form === 'codebooks') {
    const { boundaries } = packed.arrays;
    if (out > 0 && boundaries[0] !== 0) damaged(name, 'the first run of rows must begin at row 0');
    for (let g = 1; g < boundaries.length; g++)
      if (boundaries[g] <= boundaries[g - 1] || boundaries[g] >= out)
        damaged(name, `runs of its ${out} rows must begin at ascending rows, not at ${boundaries.join(', ')}`);
  }
  if (packed.form === 'bitmap') {
    const { values, bits, starts } = packed.arrays;
    const words = Math.ceil(inner / 32);
    let count = 0;
    for (let row = 0; row < out; row++) {
      if (starts[row] !== count)
        damaged(name, `row ${row} begins at value ${starts[row]}, but ${count} come before it`);
      for (let w = 0; w < words; w++) {
        const word = bits[row * words + w];
        const beyond = w === words - 1 && inner % 32 > 0 && word >>> (inner % 32) !== 0;
        if (beyond) damaged(name, `row ${row} has weights beyond column ${inner}`);
        count += bitCount(word);
      }
    }
    if (starts[out] !== count || values.length !== count)
      damaged(name, `its bits stand for ${count} values, but there are ${values.length}`);
  }
}

/** How many bits of a word are set. */
export function bitCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
