import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import { type Body, bool, type Call, type Held, int, integers, type Operator, type Val } from './call.ts';

// Branches and loops. Where their conditions are known, as always outside of compiled programs, what they choose is computed, step by step;
// otherwise they are cond, scan and whileLoop, whose shapes are fixed.

/** Computations of a loop that are traced one by one, with whatever shapes they have; longer loops are loops of the program. */
const UNROLLED = 2048;
/** Steps after which a loop is taken for one that does not end. */
const ENDLESS = 100_000;

const isKnown = (v: Held): boolean => !('t' in v) || v.t.storage.values !== undefined;
const holds = ({ t }: Val): boolean => t.data()[0] !== 0;
const listed = (shape: ad.Shape): string => `[${shape.join(', ')}]`;

function tensorOf(c: Call, v: Held): Val {
  return 't' in v
    ? v
    : c.refuse('in a compiled program, lists of tensors cannot be chosen or carried by what depends on the data.');
}

function checkCount(c: Call, name: string, body: Body, inputs: number, least: number): void {
  if (body.inputs.length === inputs && body.outputs.length >= least) return;
  fail(
    'INVALID_FORMAT',
    `${c.where}: its ${name} has ${body.inputs.length} inputs and ${body.outputs.length} outputs, not ${inputs} and at least ${least}.`,
  );
}

function branched(c: Call): readonly Held[] {
  const [yes, no] = ['then_branch', 'else_branch'].map((name) => c.body(name));
  checkCount(c, 'first branch', yes, 0, c.outputs);
  checkCount(c, 'second branch', no, 0, c.outputs);
  const condition = c.x(0);
  if (isKnown(condition)) return (holds(condition) ? yes : no).run([]);
  let first: readonly Val[] = [];
  const f = (): ad.Tensor[] => {
    first = yes.run([]).map((v) => tensorOf(c, v));
    return first.map(({ t }) => t);
  };
  const g = (): ad.Tensor[] =>
    no.run([]).map((v, i) => {
      const { t } = tensorOf(c, v);
      if (listed(t.shape) !== listed(first[i].t.shape))
        c.refuse(
          `its branches give '${yes.outputs[i].name}' of ${listed(first[i].t.shape)} and '${no.outputs[i].name}' of ${listed(t.shape)}, and which one is taken depends on the data; in a compiled program they must have the same shape.`,
        );
      return t;
    });
  const made = ad.cond(ad.reshape(condition.t, []), f, g);
  return made.map((t, i) => ({ ...first[i], t }));
}

interface Steps {
  readonly state: readonly Held[];
  /** What the steps give, by output and step. */
  readonly rows: readonly Val[][];
}

/** One step of a loop: the condition to go on, the next state, and what it gives. */
type Step = (i: Val, state: readonly Held[]) => { going: Held; state: readonly Held[]; made: readonly Held[] };

/** One step after the other, as long as it is known whether there is another; undefined if that depends on the data, or if there are too many to trace. */
function stepwise(
  c: Call,
  limit: number,
  going: Held,
  initial: readonly Held[],
  size: number,
  step: Step,
): Steps | undefined {
  let [now, state] = [going, initial];
  const rows: Val[][] = [];
  for (let i = 0; i < limit; i++) {
    if (!isKnown(now)) return undefined;
    if (!holds(tensorOf(c, now))) break;
    if (i >= ENDLESS) c.refuse(`it has made ${ENDLESS} steps, which is the most, and has not ended.`);
    const next = step(integers([i], []), state);
    const values = [...next.state, ...next.made];
    // Lists have no values to look at, but grow with what they hold.
    if ((i + 1) * size > UNROLLED && i + 1 < limit && !values.every(isKnown)) return undefined;
    [now, state] = [next.going, next.state];
    next.made.forEach((v, k) => {
      rows[k] ??= [];
      rows[k].push(tensorOf(c, v));
    });
  }
  return { state, rows };
}

/** State of a loop of a compiled program, whose shapes are fixed. */
class Carried {
  private readonly initial: readonly Val[];
  constructor(
    private readonly c: Call,
    initial: readonly Held[],
    private readonly body: Body,
    /** The first of the body's outputs that are carried. */
    private readonly first: number,
  ) {
    this.initial = initial.map((v) => tensorOf(c, v));
  }

  get tensors(): ad.Tensor[] {
    return this.initial.map(({ t }) => t);
  }

  held(tensors: readonly ad.Tensor[]): Val[] {
    return tensors.map((t, i) => ({ ...this.initial[i], t }));
  }

  next(state: readonly Held[]): ad.Tensor[] {
    return state.map((v, i) => {
      const { t } = tensorOf(this.c, v);
      const before = this.initial[i].t;
      if (listed(t.shape) !== listed(before.shape))
        this.c.refuse(
          `it carries '${this.body.outputs[this.first + i].name}' of ${listed(before.shape)} into a step and of ${listed(t.shape)} out of it; in a compiled program, the shape must stay the same in a loop of that many steps or of a number that depends on the data.`,
        );
      return ad.cast(t, before.dtype);
    });
  }
}

const truth = (): Val => bool(ad.full([], 1, 'f64'));

function looped(c: Call): readonly Held[] {
  const body = c.body('body');
  const initial = Array.from({ length: Math.max(0, c.count - 2) }, (_, i) => c.held(i + 2));
  const n = initial.length;
  checkCount(c, 'body', body, 2 + n, 1 + n);
  const trips = c.has(0) ? c.x(0) : integers([Infinity], []);
  const first: Held = c.has(1) ? c.x(1) : truth();
  const step: Step = (i, state) => {
    const [going, ...rest] = body.run([i, truth(), ...state]);
    return { going, state: rest.slice(0, n), made: rest.slice(n) };
  };
  const rows = new Rows(c, body, 1 + n, [], []);
  if (isKnown(trips)) {
    const [limit] = trips.t.data();
    const done = stepwise(c, limit, first, initial, body.size, step);
    if (done) return [...done.state, ...rows.stacked(done.rows, () => step(integers([0], []), initial).made)];
    const from = body.source(0);
    const counted = from === 1 || (typeof from === 'object' && isKnown(from));
    if (counted && isKnown(first) && limit < ENDLESS) {
      const carried = new Carried(c, initial, body, 1);
      return scanned(carried, [ad.range(limit)], rows, ([i], state) => step(int(i), state));
    }
  }
  if (body.outputs.length > 1 + n)
    c.refuse(
      `it gives '${body.outputs[1 + n].name}' for each step, and the number of steps depends on the data, so that it is not known before the network runs.`,
    );
  const carried = new Carried(c, initial, body, 1);
  const end = ad.reshape(trips.t, []);
  const [, , ...last] = ad.whileLoop(
    ([i, going]: ad.Tensor[]) => ad.mul(going, ad.less(i, end)),
    ([i, , ...state]: ad.Tensor[]) => {
      const next = step(int(i), carried.held(state));
      return [ad.add(i, 1), ad.reshape(tensorOf(c, next.going).t, []), ...carried.next(next.state)];
    },
    [ad.full([], 0, 'f64'), ad.reshape(tensorOf(c, first).t, []), ...carried.tensors],
  );
  return carried.held(last);
}

/** What steps give, put together along an axis each. */
class Rows {
  constructor(
    private readonly c: Call,
    private readonly body: Body,
    /** The first of the body's outputs that are put together. */
    private readonly first: number,
    private readonly axes: readonly number[],
    private readonly turned: readonly number[],
  ) {}

  tensors(made: readonly Held[]): Val[] {
    return made.map((v) => tensorOf(this.c, v));
  }

  private axis(k: number, rank: number): number {
    return this.c.axis(this.axes[k] ?? 0, rank + 1);
  }

  /** Values of all steps; without steps, none of the shape that a step would have given. */
  stacked(rows: readonly Val[][], once: () => readonly Held[]): Val[] {
    if (rows.length > 0)
      return rows.map((all, k) => {
        const [{ t }] = all;
        const other = all.find((v) => listed(v.t.shape) !== listed(t.shape));
        if (other)
          this.c.refuse(
            `its steps give '${this.body.outputs[this.first + k].name}' of ${listed(t.shape)} and of ${listed(other.t.shape)}, which cannot be put together; all must have the same shape.`,
          );
        const inOrder = (this.turned[k] ? [...all].reverse() : all).map((v) => v.t);
        return { ...all[0], t: ad.stack(inOrder, this.axis(k, t.rank)) };
      });
    if (this.body.outputs.length === this.first) return [];
    return this.tensors(once()).map((v, k) => {
      const shape = [...v.t.shape];
      shape.splice(this.axis(k, v.t.rank), 0, 0);
      return { ...v, t: ad.full(shape, 0, v.t.dtype) };
    });
  }

  /** The same from values that are stacked along the first axis. */
  placed(values: readonly ad.Tensor[], kinds: readonly Val[]): Val[] {
    return values.map((t, k) => {
      const order = Array.from({ length: t.rank - 1 }, (_, d) => d + 1);
      order.splice(this.axis(k, t.rank - 1), 0, 0);
      const inOrder = this.turned[k] ? ad.slice(t, [null, null, -1]) : t;
      return { ...kinds[k], t: ad.permute(inOrder, order) };
    });
  }
}

/** A loop of a compiled program through the first axis of tensors. */
function scanned(
  carried: Carried,
  xs: readonly ad.Tensor[],
  rows: Rows,
  step: (entries: readonly ad.Tensor[], state: readonly Val[]) => Pick<ReturnType<Step>, 'state' | 'made'>,
): Held[] {
  let kinds: readonly Val[] = [];
  const [last, all] = ad.scan(
    (state: ad.Tensor[], entries: readonly ad.Tensor[]) => {
      const next = step(entries, carried.held(state));
      kinds = rows.tensors(next.made);
      return [carried.next(next.state), kinds.map(({ t }) => t)] as const;
    },
    carried.tensors,
    xs,
  );
  return [...carried.held(last), ...rows.placed(all, kinds)];
}

/** A loop through axes of the last inputs. */
function scan(c: Call): readonly Held[] {
  if (c.opset < 9) c.refuse('loops of opset 8, which go through batches, are not supported; from opset 9 on they are.');
  const body = c.body('body');
  const count = c.int('num_scan_inputs');
  const n = c.count - count;
  if (n < 0 || count < 1) fail('INVALID_FORMAT', `${c.where}: it goes through ${count} of its ${c.count} inputs.`);
  checkCount(c, 'body', body, c.count, n);
  const initial = Array.from({ length: n }, (_, i) => c.held(i));
  const entries = Array.from({ length: count }, (_, k) => c.x(n + k));
  const xs = entries.map(({ t }, k) => {
    const axis = c.axis(c.list('scan_input_axes')?.[k] ?? 0, t.rank);
    const order = t.shape.map((_, d) => d).filter((d) => d !== axis);
    const front = ad.permute(t, [axis, ...order]);
    return c.list('scan_input_directions')?.[k] ? ad.slice(front, [null, null, -1]) : front;
  });
  const lengths = new Set(xs.map(({ shape }) => shape[0]));
  if (lengths.size > 1)
    fail(
      'INVALID_SHAPE',
      `${c.where}: it goes through inputs of ${[...lengths].join(' and ')} entries; they must have the same number.`,
    );
  const [length] = lengths;
  const step = (at: readonly ad.Tensor[], state: readonly Held[]): ReturnType<Step> => {
    const made = body.run([...state, ...at.map((t, k) => ({ ...entries[k], t }))]);
    return { going: truth(), state: made.slice(0, n), made: made.slice(n) };
  };
  const rows = new Rows(c, body, n, c.list('scan_output_axes') ?? [], c.list('scan_output_directions') ?? []);
  const entry = (i: Val): ad.Tensor[] => xs.map((x) => ad.slice(x, i.t.item()));
  const done = stepwise(c, length, truth(), initial, body.size, (i, state) => step(entry(i), state));
  const blank = (): ad.Tensor[] => xs.map(({ shape, dtype }) => ad.full(shape.slice(1), 0, dtype));
  if (done) return [...done.state, ...rows.stacked(done.rows, () => step(blank(), initial).made)];
  return scanned(new Carried(c, initial, body, 0), xs, rows, step);
}

/** Branches and loops by name. */
export const control: Readonly<Record<string, Operator>> = { If: branched, Loop: looped, Scan: scan };
