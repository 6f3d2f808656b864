import { apply, barrierOp, charge, converted } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import { isHalf, Tensor, type TensorRecord } from '../tensor.ts';
import { flatten } from '../tree.ts';
import { calculus } from './calculus.ts';

/** The tensor itself, as a new variable for differentiation. */
const variableOp = defineOp<Record<never, never>>({
  name: 'variable',
  unique: true,
  view: ({ shape, strides, offset }) => ({ shape, strides, offset }),
  vjp: ({ g }) => [g[0]],
});

/** Nesting depth of derivatives in progress. */
let depth = 0;

/** A variable with the values of x; outer derivatives pass through it to x. */
export function variable(x: Tensor): Tensor {
  const v =
    x.tracked || x.storage.trace
      ? apply(variableOp, [x], {})[0]
      : new Tensor(x.shape, x.dtype, x.storage, x.strides, x.offset);
  v.leaf = true;
  return v;
}

/** x detached from its history. */
const bare = (x: Tensor): Tensor =>
  x.tracked && !x.storage.trace ? new Tensor(x.shape, x.dtype, x.storage, x.strides, x.offset) : x;

/** Detaches a result from its history, unless an outer derivative is in progress. */
export function released<T>(tree: T): T {
  if (depth > 0) return tree;
  const leaves: Tensor[] = [];
  const structure = flatten(tree, leaves);
  return structure.build(leaves.map(bare)) as T;
}

/** Runs a function while recording its operations. */
export function differentiating<T>(f: () => T): T {
  depth++;
  try {
    return f();
  } finally {
    depth--;
  }
}

/** Records on paths from leaves to outputs, in order. */
function path(outputs: readonly Tensor[], leaves: ReadonlySet<Tensor>): TensorRecord[] {
  let first = Number.POSITIVE_INFINITY;
  for (const leaf of leaves) first = Math.min(first, leaf.id);
  const found = new Set<TensorRecord>();
  const stack: Tensor[] = [...outputs];
  while (stack.length > 0) {
    const t = stack.pop()!;
    const { record } = t;
    if (leaves.has(t) || !record || record.id < first || found.has(record)) continue;
    found.add(record);
    stack.push(...record.inputs);
  }
  const reached = new Set<Tensor>(leaves);
  const ordered = [...found].sort((a, b) => a.id - b.id);
  return ordered.filter(({ inputs, outputs: made }) => {
    if (!inputs.some((x) => reached.has(x))) return false;
    for (const y of made) reached.add(y);
    return true;
  });
}

/** The cotangent of a tensor has its dtype: what is computed in single precision for one of two bytes is rounded. */
const alike = (x: Tensor, g: Tensor): Tensor => (isHalf(x.dtype) ? converted(g, x.dtype) : g);

/**
 * The cotangents of the leaves, given those of the outputs: applies the rule of every record in between, from the last
 * to the first. Undefined where the outputs do not depend on a leaf.
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: ReadonlyArray<Tensor | undefined>,
  leaves: readonly Tensor[],
): Array<Tensor | undefined> {
  const targets = new Set(leaves);
  const sums = new Map<Tensor, Tensor>();
  const gain = (x: Tensor, g: Tensor | undefined): void => {
    if (!g || x.dtype === 'i32') return;
    const before = sums.get(x);
    sums.set(x, alike(x, before ? calculus.add(before, g) : g));
  };
  // Contributions that are cheaper to sum jointly are deferred until needed.
  const waiting = new Map<Tensor, { op: Op; parts: Array<{ attrs: unknown; g: Tensor }> }>();
  const settled = (x: Tensor): Tensor | undefined => {
    const list = waiting.get(x);
    if (!list) return sums.get(x);
    waiting.delete(x);
    const g = alike(x, list.op.together!(x, sums.get(x), list.parts));
    sums.set(x, g);
    return g;
  };
  const records = path(outputs, targets);
  const reached = new Set<Tensor>(leaves);
  for (const { outputs: made } of records) for (const y of made) reached.add(y);
  outputs.forEach((y, i) => {
    if (reached.has(y)) gain(y, cotangents[i]);
  });
  const anew = new Replicas();
  for (let k = records.length - 1; k >= 0; k--) {
    const { op: any, attrs, inputs, outputs: made, line } = records[k];
    const op = any as Op;
    const g = made.map(settled);
    if (g.every((t) => t === undefined)) continue;
    const needs = inputs.map((x) => reached.has(x) && x.dtype !== 'i32');
    if (op.together && g[0]) {
      const [x] = inputs;
      const list = waiting.get(x);
      if (!list) waiting.set(x, { op, parts: [{ attrs, g: g[0] }] });
      else if (list.op === op) list.parts.push({ attrs, g: g[0] });
      else {
        settled(x);
        waiting.set(x, { op, parts: [{ attrs, g: g[0] }] });
      }
      continue;
    }
    const { x, y } = anew.of(records[k]);
    const derive = (): void => {
      const found = op.vjp?.({ o: calculus, x, y, g, attrs, needs }) ?? [];
      if (op.decompose && !needs.every((need, i) => !need || found[i])) {
        const parts = derivativeOfParts(op, attrs, x, g, needs);
        for (const [i, d] of parts.entries()) gain(inputs[i], d);
      } else {
        for (const [i, d] of found.entries()) if (needs[i]) gain(inputs[i], d);
      }
    };
    if (line) charge(`${op.name} at ${line}`, derive);
    else derive();
  }
  return leaves.map(settled);
}

/** Recomputes the values of checkpointed segments. */
class Replicas {
  private readonly replicas = new Map<Tensor, Tensor>();

  of(record: TensorRecord): { x: readonly Tensor[]; y: readonly Tensor[] } {
    const { inputs, outputs, region } = record;
    // Outside traces values are stored anyway, so recomputing them gains nothing.
    if (!region || !outputs[0].storage.trace) return { x: inputs, y: outputs };
    if (!this.replicas.has(outputs[0])) this.compute(record, region);
    return { x: inputs.map((t) => this.replicas.get(t) ?? t), y: outputs.map((t) => this.replicas.get(t) ?? t) };
  }

  private compute(last: TensorRecord, region: object): void {
    const found = new Set<TensorRecord>();
    const stack = [last];
    while (stack.length > 0) {
      const record = stack.pop()!;
      if (found.has(record)) continue;
      found.add(record);
      for (const { record: before } of record.inputs) if (before?.region === region) stack.push(before);
    }
    for (const record of [...found].sort((a, b) => a.id - b.id)) {
      if (this.replicas.has(record.outputs[0])) continue;
      const inputs = record.inputs.map((t) => {
        if (!this.replicas.has(t) && t.storage.trace) this.replicas.set(t, apply(barrierOp, [t], {})[0]);
        return this.replicas.get(t) ?? t;
      });
      const made = apply(record.op as Op, inputs, record.attrs);
      for (const [i, y] of record.outputs.entries()) this.replicas.set(y, made[i]);
    }
  }
}

/** The derivative of an operation without a rule of its own, from its decomposition. */
function derivativeOfParts(
  op: Op,
  attrs: unknown,
  inputs: readonly Tensor[],
  g: ReadonlyArray<Tensor | undefined>,
  needs: readonly boolean[],
): Array<Tensor | undefined> {
  return differentiating(() => {
    const own = inputs.map((x, i) => (needs[i] ? variable(x) : x));
    const parts = op.decompose!(calculus, own, attrs);
    const wanted = own.filter((_, i) => needs[i]);
    const found = pullback(parts, g, wanted);
    let at = 0;
    return needs.map((need) => (need ? found[at++] : undefined));
  });
}
