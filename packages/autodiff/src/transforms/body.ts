import { apply, inRegion, recordingAll } from '../op.ts';
import { reshape } from '../ops/views.ts';
import type { Op } from '../primitive.ts';
import { traced } from '../programs/trace.ts';
import type { Tensor, TensorRecord } from '../tensor.ts';

/** A traced function of tensors that depends on nothing but its inputs and constants. */
export interface Body {
  readonly inputs: readonly Tensor[];
  readonly records: readonly TensorRecord[];
  readonly results: readonly Tensor[];
}

/** Applies a recorded operation to inputs with other layouts than in the trace; a view may need a copy first. Deferred ones are recorded in the trace of others. */
export function again(op: Op, x: readonly Tensor[], attrs: unknown, beside: readonly Tensor[]): Tensor[] {
  if (op.name === 'reshape') return [reshape(x[0], (attrs as { shape: readonly number[] }).shape)];
  const trace = op.deferred ? beside.find((t) => t.storage.trace?.open)?.storage.trace : undefined;
  return trace ? recordingAll(trace, () => apply(op, x, attrs)) : apply(op, x, attrs);
}

/** Applies the operations of a trace to other inputs; tensors that are not given stay as they are. */
export function replay({ inputs, records, results }: Body, given: readonly Tensor[]): Tensor[] {
  const values = new Map<Tensor, Tensor>(inputs.map((x, i) => [x, given[i]]));
  const currentOf = (x: Tensor): Tensor => values.get(x) ?? x;
  const regions = new Map<object, object>();
  for (const { op, attrs, inputs: x, outputs, region } of records) {
    if (region && !regions.has(region)) regions.set(region, {});
    const made = inRegion(region && regions.get(region), () => again(op as Op, x.map(currentOf), attrs, given));
    for (const [i, y] of outputs.entries()) values.set(y, made[i]);
  }
  return results.map(currentOf);
}

/** Traces a function of tensors with these shapes and dtypes. */
export const bodyOf = (
  what: string,
  f: (...x: Tensor[]) => readonly Tensor[],
  like: readonly Tensor[],
  shapeOf?: (x: Tensor, i: number) => readonly number[],
  all = false,
): Body => {
  const { inputs, records, result } = traced(what, f as never, like, shapeOf, all);
  return { inputs, records, results: result as readonly Tensor[] };
};

/** The tensors over which traced functions close and that are not constants: traced outside, or being differentiated. */
export function freeIn(bodies: readonly Body[]): Tensor[] {
  const free = new Set<Tensor>();
  for (const { inputs, records, results } of bodies) {
    const own = new Set(inputs);
    const see = (x: Tensor): void => {
      if (!own.has(x) && (x.tracked || x.storage.trace)) free.add(x);
    };
    for (const record of records) {
      record.inputs.forEach(see);
      for (const y of record.outputs) own.add(y);
    }
    results.forEach(see);
  }
  return [...free];
}

/** The same with the free tensors as further inputs. */
export function closed(what: string, body: Body, free: readonly Tensor[], all = false): Body {
  const inputs = [...body.inputs, ...free];
  return bodyOf(what, (...x) => replay({ ...body, inputs }, x), inputs, undefined, all);
}
