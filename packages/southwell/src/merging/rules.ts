import type { Operation, Tensor } from '@southwell/autodiff';
import { mapCodes } from '@southwell/kernels/networks';
import { type Axis, fix, freshAxis, join, regrouped } from './factors.ts';

/** What an operation makes of the axes of its inputs: the axes of its outputs, after joining what must move alike. */
type Rule = (inputs: ReadonlyArray<readonly Axis[]>, operation: Operation) => ReadonlyArray<readonly Axis[]>;

type Cuts = ReadonlyArray<readonly [from: number, count: number, step: number]>;

const unknownAxes = ({ shape }: Tensor): Axis[] => shape.map((n) => freshAxis(n, true));

/** Axes counted from the last on, broadcast to those of the output. */
const pointwise: Rule = (inputs, { outputs: [y] }) => [
  y.shape.map((length, d) => {
    const here = inputs
      .map((axes) => axes[axes.length - y.shape.length + d])
      .filter((axis) => axis !== undefined && axis.length > 0);
    for (const other of here.slice(1)) join(here[0], other);
    return here[0] ?? freshAxis(length);
  }),
];

/** Reductions over `count` axes from the axis `from` on, counted from the end. */
const reduced: Rule = ([x], { attrs }) => {
  const { from, count } = attrs as unknown as { from: number; count: number };
  return [[...x.slice(0, x.length + from), ...x.slice(x.length + from + count)]];
};

/** A convolution of images with channels last, or a pool if there is no filter. */
const windows: Rule = ([x, filter], { outputs: [y] }) => {
  for (const axis of [...x.slice(1, 3), ...(filter?.slice(0, 2) ?? [])]) fix(axis);
  if (filter) join(x[3], filter[2]);
  const places = y.shape.slice(1, 3).map((n) => freshAxis(n, true));
  return [[x[0], ...places, filter?.[3] ?? x[3]]];
};

const rules: Readonly<Record<string, Rule>> = {
  reshape: ([x], { attrs }) => [regrouped(x, attrs.shape as readonly number[])],
  permute: ([x], { attrs }) => {
    const axes = attrs.axes as readonly number[];
    return [[...x.slice(0, x.length - axes.length), ...axes.map((a) => x[x.length + a])]];
  },
  slice: ([x], { attrs, inputs: [{ shape }] }) => {
    const cuts = attrs.cuts as Cuts;
    const lead = x.length - cuts.length;
    const own = cuts.map(([from, count, step], i) => {
      const d = lead + i;
      if (from === 0 && count === shape[d] && step === 1) return x[d];
      fix(x[d]);
      return freshAxis(count, true);
    });
    return [[...x.slice(0, lead), ...own]];
  },
  concat: (inputs, { attrs, outputs: [y] }) => {
    const at = y.shape.length + (attrs.axis as number);
    const along = inputs.map((axes) => axes.filter((_, d) => d !== at));
    for (const other of along.slice(1)) for (const [d, axis] of other.entries()) join(along[0][d], axis);
    for (const axes of inputs) fix(axes[at]);
    return [inputs[0].map((axis, d) => (d === at ? freshAxis(y.shape[d], true) : axis))];
  },
  matmul: ([a, b], { outputs: [y] }) => {
    join(a.at(-1)!, b.at(-2)!);
    const batch = pointwise([a.slice(0, -2), b.slice(0, -2)], { outputs: [{ shape: y.shape.slice(0, -2) }] } as never);
    return [[...batch[0], a.at(-2)!, b.at(-1)!]];
  },
  turnedProduct: ([x, w]) => {
    join(x[1], w[1]);
    return [[x[0], w[0]]];
  },
  conv2d: windows,
  'depthwise conv2d': ([x, filter], operation) => {
    for (const axis of filter.slice(0, 2)) fix(axis);
    join(x[3], filter[2]);
    return windows([x], operation);
  },
  maxPool: windows,
  sumPool: windows,
  sum: reduced,
  max: reduced,
  min: reduced,
  layerNorm: ([x, ...scales]) => {
    for (const scale of scales) join(x.at(-1)!, scale.at(-1)!);
    return [x, x.slice(0, -1), x.slice(0, -1)];
  },
  take: ([x, at], { attrs }) => {
    const d = x.length + (attrs.axis as number);
    fix(x[d]);
    return [[...x.slice(0, d), ...at, ...x.slice(d + 1)]];
  },
  // Heads move as blocks: within a head the order of queries must be that of its keys, and that of its values is kept.
  attention: ([q, k, v]) => {
    for (const other of [k, v]) for (const d of [0, 2]) join(q[d], other[d]);
    for (const axes of [q, k, v]) fix(axes[3]);
    for (const axes of [k, v]) fix(axes[1]);
    return [
      [q[0], q[1], q[2], v[3]],
      [q[0], q[2], q[1], k[1]],
    ];
  },
};

const elementwise = new Set<string>([
  ...Object.keys(mapCodes),
  ...['minimum', 'maximum', 'less', 'lessEqual', 'equal', 'notEqual', 'linear', 'bend', 'roundToHalf', 'cast'],
  // What changes nothing, and what is the same whatever the order along an axis.
  ...['broadcastTo', 'barrier', 'stopGradient', 'softmax'],
]);

/** Applies the rule of an operation; one without a rule keeps the order of all that it reads and writes. */
export function follow(inputs: ReadonlyArray<readonly Axis[]>, operation: Operation): ReadonlyArray<readonly Axis[]> {
  const rule = rules[operation.name] ?? (elementwise.has(operation.name) ? pointwise : undefined);
  if (rule) return rule(inputs, operation);
  fix(inputs.flat(2));
  return operation.outputs.map(unknownAxes);
}

/** Products with weights, whose second factors are the weights. */
export const products: ReadonlySet<string> = new Set(['matmul', 'turnedProduct', 'conv2d']);
