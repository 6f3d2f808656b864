import { mapCodes } from '@southwell/kernels/networks';
import { apply, arithmetic } from '../op.ts';
import { type Batching, type Binding, defineOp, type Op, type Place, type Pullback } from '../primitive.ts';
import { live } from '../programs/live.ts';
import { liveAt } from '../programs/places.ts';
import { Program } from '../programs/program.ts';
import { rowMajor } from '../shapes.ts';
import { BYTES, Storage, Tensor, type TensorRecord } from '../tensor.ts';
import { type Body, bodyOf, replay } from './body.ts';
import { differentiating, pullback, variable } from './reverse.ts';
import { vmap } from './vmap.ts';

/**
 * A loop of fixed length. Inputs of the operation, and in the same order of the body: the carried tensors; tensors of
 * which each step gets an entry of the first axis; and tensors that are the same in all steps. Results: the carried
 * tensors after the last step; those stacked along a new first axis, whose last ones are the carried tensors before
 * each step, which the derivative needs; and those summed over the steps.
 */
export interface Loop {
  readonly body: Body;
  readonly carries: number;
  readonly sliced: number;
  /** The numbers of stacked and summed results. */
  readonly stacked: number;
  readonly summed: number;
  readonly length: number;
  /** Whether the steps go from the last entry to the first. */
  readonly reverse: boolean;
}

/** A tensor for which a program reserves memory. */
const room = ({ shape, dtype, size }: Place | Tensor): Tensor =>
  new Tensor(shape, dtype, new Storage(dtype, size, undefined), rowMajor(shape), 0);

function bound(binding: Binding<Loop>): () => void {
  const { arena, kernels, x, y, attrs, keep, work, meta } = binding;
  const { body, carries, sliced, stacked, length, reverse } = attrs;
  // The carried tensors stay where the last step is to leave them.
  const args = [
    y.slice(0, carries).map(liveAt),
    body.inputs.slice(carries, carries + sliced).map(room),
    x.slice(carries + sliced).map(liveAt),
  ] as const;
  const program = new Program({ ...body, args, result: body.results });
  keep(program);
  const { inputs, outputs } = program;
  /** Copies of words of two bytes: the address and its change from step to step on both sides. */
  type Move = readonly [from: number, to: number, words: number, fromStep: number, toStep: number];
  const wordsOf = (p: { readonly dtype: Place['dtype']; readonly size: number }): number =>
    (p.size * BYTES[p.dtype]) / 2;
  const start = y.slice(0, carries).map((p, i): Move => [x[i].pointer / 2, p.pointer / 2, wordsOf(p), 0, 0]);
  const before = (inputs[1].tree as readonly Tensor[]).map((t, i): Move => {
    const words = wordsOf(t);
    return [x[carries + i].pointer / 2, t.storage.pointer! / 2, words, words, 0];
  });
  const resultAt = (i: number): number => outputs[i].pointer / 2;
  const after = y.slice(0, carries + stacked).map((p, i): Move => {
    const words = wordsOf(body.results[i]);
    return [resultAt(i), p.pointer / 2, words, 0, i < carries ? 0 : words];
  });
  const sums = y.slice(carries + stacked).map((p, i) => {
    const kernel = p.dtype === 'f64' ? kernels.mapElements : kernels.smapElements;
    const own: Move = [resultAt(carries + stacked + i), p.pointer / 2, wordsOf(p), 0, 0];
    const at = meta([1, p.size, 1, 1, 1, 0]);
    const from = outputs[carries + stacked + i].pointer;
    return { own, add: () => kernel(mapCodes.add, at, p.pointer, p.pointer, from, from, work) };
  });
  const move = (moves: readonly Move[], k: number): void => {
    const heap = arena.u16;
    for (let i = 0; i < moves.length; i++) {
      const [from, to, words, fromStep, toStep] = moves[i];
      const source = from + k * fromStep;
      heap.copyWithin(to + k * toStep, source, source + words);
    }
  };
  const first = sums.map(({ own }) => own);
  return () => {
    move(start, 0);
    if (length === 0) for (const [, to, words] of first) arena.u16.fill(0, to, to + words);
    for (let step = 0; step < length; step++) {
      const k = reverse ? length - 1 - step : step;
      move(before, k);
      program.run();
      move(after, k);
      if (step === 0) move(first, 0);
      else for (let i = 0; i < sums.length; i++) sums[i].add();
    }
  };
}

/** The loop that takes the cotangents back, from the last step to the first. */
function transposed({ o, x, y, g, attrs, needs }: Pullback<Loop>): Array<Tensor | undefined> {
  const { body, carries, sliced, stacked, length, reverse } = attrs;
  const floating = (i: number): boolean => x[i].dtype !== 'i32';
  const carried = [...Array(carries).keys()].filter(floating);
  const given = (from: number, count: number): number[] =>
    [...Array(count).keys()].map((i) => from + i).filter((i) => g[i] !== undefined);
  const [ups, totals] = [given(carries, stacked), given(carries + stacked, attrs.summed)];
  const shared = x.slice(carries + sliced);
  // Cotangents of the carried tensors; those of stacked results, the sliced and the carried tensors; those of sums and
  // what all steps share.
  const inputs = [
    ...carried.map((i) => g[i] ?? o.zerosLike(x[i])),
    ...[
      ...ups.map((i) => g[i]!),
      ...x.slice(carries, carries + sliced),
      ...y.slice(carries + stacked - carries, carries + stacked),
    ],
    ...[...totals.map((i) => g[i]!), ...shared],
  ];
  const slices = ups.length + sliced + carries;
  const wanted = [...Array(x.length).keys()].filter((i) => floating(i) && (i < carries || needs[i]));
  let found: Array<Tensor | undefined> = [];
  const back = bodyOf(
    'the derivative of a loop',
    (...own) => {
      let at = 0;
      const next = (count: number): Tensor[] => own.slice(at, (at += count));
      const [down, up, cut, state, whole, same] = [
        carried.length,
        ups.length,
        sliced,
        carries,
        totals.length,
        shared.length,
      ].map(next);
      found = differentiating(() => {
        const variables = [...state, ...cut, ...same].map((v, i) => (wanted.includes(i) ? variable(v) : v));
        const results = replay(body, variables);
        const cotangents = new Array<Tensor | undefined>(results.length);
        carried.forEach((i, k) => {
          cotangents[i] = down[k];
        });
        ups.forEach((i, k) => {
          cotangents[i] = up[k];
        });
        totals.forEach((i, k) => {
          cotangents[i] = whole[k];
        });
        return pullback(
          results,
          cotangents,
          wanted.map((i) => variables[i]),
        );
      });
      const of = (from: number, to: number) =>
        found.filter((d, k): d is Tensor => d !== undefined && wanted[k] >= from && wanted[k] < to);
      return [
        ...carried.map((i) => found[wanted.indexOf(i)] ?? o.zerosLike(x[i])),
        ...of(carries, carries + sliced),
        ...down,
        // Sums over the steps are of single precision.
        ...arithmetic(of(carries + sliced, x.length)),
      ];
    },
    inputs,
    (t, i) => (i >= carried.length && i < carried.length + slices ? t.shape.slice(1) : t.shape),
  );
  const counted = (from: number, to: number) => wanted.filter((i, k) => found[k] && i >= from && i < to);
  const [cuts, sums] = [counted(carries, carries + sliced), counted(carries + sliced, x.length)];
  const made = apply(loopOp, inputs, {
    body: back,
    carries: carried.length,
    sliced: slices,
    stacked: cuts.length + carried.length,
    summed: sums.length,
    length,
    reverse: !reverse,
  });
  const out = new Array<Tensor | undefined>(x.length);
  carried.forEach((i, k) => {
    out[i] = needs[i] ? made[k] : undefined;
  });
  cuts.forEach((i, k) => {
    out[i] = made[carried.length + k];
  });
  sums.forEach((i, k) => {
    out[i] = made[2 * carried.length + cuts.length + k];
  });
  return out;
}

/** The loop over a batch, which every carried tensor and every result then has as its first axis. */
function batched({ o, x, mapped, size, attrs, apply: anew }: Batching<Loop>): Tensor[] {
  const { body, carries, sliced, stacked } = attrs;
  const wide = carries + sliced;
  const swap = (t: Tensor): Tensor => o.permute(t, [1, 0, ...t.shape.slice(2).map((_, d) => d + 2)]);
  const inputs = x.map((t, i) => {
    if (i < carries) return mapped[i] ? t : o.broadcastTo(t, [size, ...t.shape]);
    return i < wide && mapped[i] ? swap(t) : t;
  });
  const axes = x.map((_, i) => (i < carries || mapped[i] ? 0 : null));
  const whole = bodyOf(
    'a loop over a batch',
    vmap((...own: Tensor[]) => replay(body, own), { axes }),
    inputs,
    (t, i) => (i >= carries && i < wide ? t.shape.slice(1) : t.shape),
  );
  const made = anew(inputs, { ...attrs, body: whole });
  return made.map((y, i) => (i >= carries && i < carries + stacked ? swap(y) : y));
}

/** The loop without results that are not used, and without what only they need. */
function trimmed({ inputs, outputs, attrs }: TensorRecord, used: ReadonlySet<Tensor>) {
  const { body, carries, sliced, stacked, ...rest } = attrs as Loop;
  const kept = new Set(outputs.flatMap((y, i) => (used.has(y) ? [i] : [])));
  let needed: ReadonlySet<Tensor>;
  let count: number;
  // A carried tensor that a kept result depends on is kept too.
  do {
    count = kept.size;
    needed = live(
      body.records,
      body.results.filter((_, i) => kept.has(i)),
    ).used;
    for (let i = 0; i < carries; i++) if (needed.has(body.inputs[i])) kept.add(i);
  } while (kept.size > count);
  const there = (i: number): boolean => (i < carries ? kept.has(i) : needed.has(body.inputs[i]));
  const results = [...kept].sort((a, b) => a - b);
  const among = (from: number, to: number) => results.filter((i) => i >= from && i < to).length;
  const next: Loop = {
    ...rest,
    body: {
      inputs: body.inputs.filter((_, i) => there(i)),
      records: body.records,
      results: results.map((i) => body.results[i]),
    },
    carries: among(0, carries),
    sliced: body.inputs.slice(carries, carries + sliced).filter((t) => needed.has(t)).length,
    stacked: among(carries, carries + stacked),
    summed: among(carries + stacked, outputs.length),
  };
  return { attrs: next, inputs: inputs.filter((_, i) => there(i)), outputs: results.map((i) => outputs[i]) };
}

export const loopOp: Op<Loop> = defineOp<Loop>({
  name: 'scan',
  moves: true,
  unique: true,
  infer: (_, { body, carries, stacked, length }) =>
    body.results.map(({ shape, dtype }, i) => ({
      shape: i >= carries && i < carries + stacked ? [length, ...shape] : shape,
      dtype,
    })),
  work: () => 8192,
  bind: bound,
  vjp: transposed,
  batch: batched,
  trim: trimmed,
});
