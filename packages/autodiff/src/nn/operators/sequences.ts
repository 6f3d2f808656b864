import { fail } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import { bool, type Call, integers, type Operator, type Sequence, type Val } from './call.ts';

// Lists of tensors, whose number is known, and optional values.

const list = (items: readonly Val[]): Sequence => ({ class: 'sequence', items });

/** The place in a list that input i points at, up to the last of `count` places; by default the end. */
function place(c: Call, i: number, items: readonly Val[], count: number): number {
  if (!c.has(i)) return items.length;
  const [given] = c.numbers(i);
  const at = given < 0 ? given + items.length : given;
  if (Number.isInteger(at) && at >= 0 && at < count) return at;
  return fail('INVALID_PARAMETER', `${c.where}: there is no place ${given} in a list of ${items.length} tensors.`);
}

function split(c: Call): Sequence {
  const v = c.x(0);
  const axis = c.axis(c.int('axis', 0), v.t.rank);
  const n = v.t.shape[axis];
  const given = c.has(1) ? c.numbers(1) : [1];
  const one = !c.has(1) || c.x(1).t.rank === 0;
  if (one && given[0] < 1) fail('INVALID_PARAMETER', `${c.where}: parts of length ${given[0]} are not possible.`);
  const lengths = one
    ? Array.from({ length: Math.ceil(n / given[0]) }, (_, i) => Math.min(given[0], n - i * given[0]))
    : given;
  if (lengths.reduce((a, b) => a + b, 0) !== n)
    fail(
      'INVALID_SHAPE',
      `${c.where}: parts of lengths ${lengths.join(', ')} do not add up to the ${n} entries of its axis ${axis}.`,
    );
  const squeezed = !c.has(1) && c.int('keepdims', 1) === 0;
  let from = 0;
  return list(
    lengths.map((length) => {
      const range = squeezed ? from : ([from, from + length] as const);
      from += length;
      return { ...v, t: ad.slice(v.t, ...v.t.shape.map((_, d) => (d === axis ? range : undefined))) };
    }),
  );
}

function joined(c: Call): Val {
  const items = c.items(0);
  if (items.length === 0) return c.refuse('its list of tensors is empty.');
  const tensors = items.map(({ t }) => t);
  const stacked = c.int('new_axis', 0) !== 0;
  const axis = c.axis(c.int('axis'), tensors[0].rank + (stacked ? 1 : 0));
  return { ...items[0], t: stacked ? ad.stack(tensors, axis) : ad.concat(tensors, axis) };
}

/** A body for each entry of the first list, with the entries of other lists and the tensors beside them. */
function mapped(c: Call): readonly Sequence[] {
  const body = c.body('body');
  const given = Array.from({ length: c.count }, (_, i) => c.held(i));
  const made = c
    .items(0)
    .map((_, k) =>
      body.run(
        given.map((v) => (v.class === 'sequence' ? (v.items[k] ?? c.refuse('its lists differ in length.')) : v)),
      ),
    );
  return body.outputs.map((_, i) =>
    list(
      made.map((all) => {
        const v = all[i];
        return 't' in v ? v : c.refuse('its body gives lists.');
      }),
    ),
  );
}

/** Operators on lists and optional values by name. */
export const sequences: Readonly<Record<string, Operator>> = {
  SequenceEmpty: () => list([]),
  SequenceConstruct: (c) => list(c.all()),
  SequenceInsert: (c) => {
    const items = c.items(0);
    const at = place(c, 2, items, items.length + 1);
    return list([...items.slice(0, at), c.x(1), ...items.slice(at)]);
  },
  SequenceErase: (c) => {
    const items = c.items(0);
    const at = c.has(1) ? place(c, 1, items, items.length) : items.length - 1;
    return list(items.filter((_, i) => i !== at));
  },
  SequenceAt: (c) => c.items(0)[place(c, 1, c.items(0), c.items(0).length)],
  SequenceLength: (c) => integers([c.items(0).length], []),
  SequenceMap: mapped,
  ...{ SplitToSequence: split, ConcatFromSequence: joined },
  Optional: (c) => (c.has(0) ? c.held(0) : { class: 'nothing' }),
  OptionalHasElement: (c) => bool(ad.full([], +(c.has(0) && c.held(0).class !== 'nothing'), 'f64')),
  OptionalGetElement: (c) => {
    const v = c.held(0);
    return v.class === 'nothing' ? fail('INVALID_PARAMETER', `${c.where}: its optional input is not there.`) : v;
  },
};
