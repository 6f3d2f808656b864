import { fail } from '@southwell/numerics/core';
import type { Pattern } from '@southwell/numerics/sparse';
import { atLine } from '../line.ts';
import { elementwise, everything, readThrough } from '../ops/dependence.ts';
import type { Dependences, Dependent, Op } from '../primitive.ts';
import { traced } from '../programs/trace.ts';
import { rowMajor } from '../shapes.ts';
import { Tensor, type TensorRecord } from '../tensor.ts';
import { leavesOf } from '../tree.ts';
import type { TensorFunction } from './derive.ts';
import { Sets } from './sets.ts';

/** The rule of an operation; undefined if it has no derivative. */
function ruleOf(op: Op, x: readonly Tensor[]): Dependences<unknown> | undefined {
  if (!op.vjp && !op.decompose && !op.together) return undefined;
  if (op.depends) return op.depends;
  if (op.batch === 'elementwise') return elementwise;
  if (!op.view || x.length > 1) return everything;
  const [{ shape, dtype, storage }] = x;
  const plain = new Tensor(shape, dtype, storage, rowMajor(shape), 0);
  return ({ x: [{ sets }], attrs }) => [readThrough(sets, op.view!(plain, attrs))];
}

/** The records on which tensors depend, in order. */
function behind(results: readonly Tensor[]): TensorRecord[] {
  const found = new Set<TensorRecord>();
  const stack = [...results];
  while (stack.length > 0) {
    const { record } = stack.pop()!;
    if (!record || found.has(record)) continue;
    found.add(record);
    stack.push(...record.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/**
 * The pattern of the Jacobian of f in its first argument, a tensor, at the others, by tracing: a superset of the
 * non-zero entries for arguments with these shapes, whatever their values. Rows are the elements of the value, columns
 * those of the argument, in row-major order. f must return one tensor.
 * @throws NOT_SUPPORTED if the pattern exceeds the memory; NOT_SUPPORTED if f reads values; INVALID_PARAMETER if f does
 * not return a tensor.
 */
export function patternOf(
  name: string,
  f: TensorFunction<readonly Tensor[], unknown>,
  args: readonly Tensor[],
): Pattern & { readonly shape: readonly number[] } {
  const { inputs, result } = traced(`a function under ${name}`, f as never, args);
  const outputs = leavesOf(result);
  if (outputs.length !== 1 || outputs[0] !== result)
    fail('INVALID_PARAMETER', `${name} takes a function that returns a tensor${atLine()}.`);
  const [x] = inputs;
  const table = new Sets(x.size);
  const known = new Map<Tensor, Int32Array>();
  known.set(
    x,
    Int32Array.from({ length: x.size }, (_, i) => table.single(i)),
  );
  const union = (sets: ArrayLike<number>): number => table.union(sets);
  const setsOf = (t: Tensor): Int32Array => known.get(t) ?? new Int32Array(t.size);
  for (const { op, attrs, inputs: own, outputs: made } of behind(outputs)) {
    if (!own.some((t) => known.has(t))) continue;
    const rule = ruleOf(op as Op, own);
    if (!rule) continue;
    const dependent = own.map(
      (t): Dependent => ({
        shape: t.shape,
        sets: setsOf(t),
        get values() {
          return t.storage.values === undefined ? undefined : t.data();
        },
      }),
    );
    const found = rule({ x: dependent, shapes: made.map(({ shape }) => shape), attrs, union });
    made.forEach((y, i) => {
      if (y.dtype !== 'i32') known.set(y, found[i]);
    });
  }
  const [y] = outputs;
  return { ...byColumns(setsOf(y), x.size, table), shape: y.shape };
}

/** The pattern whose row i has the members of `sets[i]`. */
function byColumns(sets: Int32Array, cols: number, table: Sets): Pattern {
  const colPointers = new Int32Array(cols + 1);
  let total = 0;
  for (const set of sets) {
    const members = table.of(set);
    total += members.length;
    for (const j of members) colPointers[j + 1]++;
  }
  if (total > 0x7fffffff) fail('NOT_SUPPORTED', `A sparsity pattern has at most 2^31 − 1 entries, not ${total}.`);
  for (let j = 0; j < cols; j++) colPointers[j + 1] += colPointers[j];
  const next = colPointers.slice(0, cols);
  const rowIndices = new Int32Array(total);
  sets.forEach((set, i) => {
    for (const j of table.of(set)) rowIndices[next[j]++] = i;
  });
  return { rows: sets.length, cols, colPointers, rowIndices };
}
