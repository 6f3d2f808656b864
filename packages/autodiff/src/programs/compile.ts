import { fail } from '@southwell/numerics/core';
import { needFunctions } from '../given.ts';
import { atLine } from '../line.ts';
import { engineKey, watching } from '../op.ts';
import { isContiguous } from '../shapes.ts';
import { BYTES, owning, type Tensor } from '../tensor.ts';
import type { TensorFunction } from '../transforms/derive.ts';
import { flatten, type Structure } from '../tree.ts';
import { heapOf } from './evaluate.ts';
import { Program } from './program.ts';
import { traced } from './trace.ts';

/** Maximum number of cached programs of a compiled function; the least recently used is evicted. */
const KEPT = 64;

/** A function compiled by {@link compile}. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /**
   * The program for arguments of these shapes and dtypes, with their values in its inputs: for loops that write inputs,
   * run and read results in place.
   */
  prepare(...args: A): Program<A, R>;
}

/**
 * Compiles a function: traces it once for each combination of argument shapes and dtypes and replays the trace, without
 * JavaScript overhead, with dead code removed and memory planned in advance. Uses the same kernels and gives the same
 * bits as the function itself. Values other than tensors (numbers, text) are constants of a trace: pass a number that
 * changes as a tensor. Applied to tensors that are being differentiated or traced, it is the function itself.
 * @throws NOT_SUPPORTED, when traced, if f reads values.
 */
export function compile<A extends readonly unknown[], R>(f: TensorFunction<A, R>): Compiled<A, R> {
  needFunctions('compile', { f });
  const programs = new Map<string, Program<A, R>>();

  const prepared = (args: A, leaves: readonly Tensor[], structure: Structure, own: boolean): Program<A, R> => {
    const key = `${engineKey()}${structure.key}${leaves.map(signature).join()}`;
    const known = own ? undefined : programs.get(key);
    if (known) {
      programs.delete(key);
      programs.set(key, known);
      return known;
    }
    const program = new Program<A, R>(traced('a compiled function', f as never, args));
    if (own) return program;
    programs.set(key, program);
    if (programs.size > KEPT) {
      const [oldest, gone] = programs.entries().next().value!;
      programs.delete(oldest);
      gone.free();
    }
    return program;
  };

  const checked = (args: A) => {
    const leaves: Tensor[] = [];
    const structure = flatten(args, leaves);
    return { leaves, structure, known: leaves.every((x) => !x.tracked && x.storage.values !== undefined) };
  };

  const compiled = ((...args: A): R => {
    const { leaves, structure, known } = checked(args);
    // Also run operation by operation when looking for NaN.
    if (!known || watching()) return f(...args);
    const program = prepared(args, leaves, structure, false);
    fill(program, args);
    program.run();
    // Copied, because the next call overwrites the program's own results.
    const out: Tensor[] = [];
    const shape = flatten(program.result, out);
    return shape.build(out.map((x) => owning(x.stored(), x.dtype, x.shape))) as R;
  }) as Compiled<A, R>;
  compiled.prepare = (...args) => {
    const { leaves, structure, known } = checked(args);
    if (!known)
      fail('NOT_SUPPORTED', `prepare takes tensors with values${atLine()}, not those inside a derivative or a trace.`);
    const program = prepared(args, leaves, structure, true);
    fill(program, args);
    return program;
  };
  return compiled;
}

const resident = (x: Tensor): boolean => x.storage.pointer !== undefined && isContiguous(x.shape, x.strides);
const signature = (x: Tensor): string =>
  `${x.dtype}[${x.shape}]${resident(x) ? `@${x.storage.pointer! + x.offset * BYTES[x.dtype]}` : ''}`;

/** Writes the values of arguments to the inputs of a program. */
function fill<A extends readonly unknown[], R>(program: Program<A, R>, args: A): void {
  const given: Tensor[] = [];
  flatten(args, given);
  const places: Tensor[] = [];
  for (const input of program.inputs as ReadonlyArray<{ tree: unknown }>) flatten(input.tree, places);
  given.forEach((x, i) => {
    const to = places[i];
    const pointer = to.storage.pointer!;
    if (resident(x) && x.storage.pointer! + x.offset * BYTES[x.dtype] === pointer + to.offset * BYTES[to.dtype]) return;
    const { values } = x.storage;
    const heap = heapOf(program.arena, x.dtype);
    const at = pointer / BYTES[x.dtype];
    heap.set(isContiguous(x.shape, x.strides) ? values!.subarray(x.offset, x.offset + x.size) : x.stored(), at);
  });
}
