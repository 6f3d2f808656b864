import { attr, nameOf, type TfNode, type TfValue } from './nodes.ts';

// What each value of a graph with ragged lists depends on. A list has one row for each entry of the ragged batch; its rows may not depend on each other,
// nor anything on how many there are.

/** The numbers and the shape of a constant; undefined for other values. */
export type Known = {
  (name: string): number[] | undefined;
  shape(name: string): readonly number[] | undefined;
};

/** An entry of a shape: 1, the number of rows, or a number that does not depend on it. */
type Length = 1 | 'rows' | 'other';
/** What is known of a value. Those that depend on no list are not mentioned. */
type Kind =
  /** A list whose axis of rows has `before` axes of length 1 before it and `trail` axes after it. */
  | { readonly kind: 'list'; readonly before: number; readonly trail: number | undefined }
  /** Lengths of axes, or one length as a scalar; `open`: more may follow. */
  | { readonly kind: 'lengths'; readonly of: readonly Length[]; readonly scalar: boolean; readonly open: boolean };
type List = Extract<Kind, { kind: 'list' }>;
type Lengths = Extract<Kind, { kind: 'lengths' }>;

class Mixed extends Error {}
const mixed = (): never => {
  throw new Mixed();
};

const list = (before: number, trail: number | undefined): List => ({ kind: 'list', before, trail });
/** Lengths; undefined, nothing to mention, if the number of rows is not among them. */
const lengths = (of: readonly Length[], scalar: boolean, open = false): Lengths | undefined =>
  of.includes('rows') ? { kind: 'lengths', of, scalar, open } : undefined;

const UNARY: ReadonlySet<string> = new Set([
  ...[
    'Cast',
    'Identity',
    'Relu',
    'Relu6',
    'Elu',
    'Tanh',
    'Sigmoid',
    'Sin',
    'Cos',
    'Exp',
    'Log',
    'Sqrt',
    'Rsqrt',
    'Square',
  ],
  ...['Erf', 'Abs', 'Neg', 'Floor', 'LogicalNot', 'Softplus', 'LeakyRelu', 'Selu', 'Sign', 'Reciprocal'],
]);
const BINARY: ReadonlySet<string> = new Set([
  ...['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'],
  ...['Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr', 'SquaredDifference', 'Pow', 'SelectV2', 'ragged.kept'],
]);

/** The kinds of the values of one graph, node by node. */
class Rows {
  readonly kinds = new Map<string, Kind>();
  readonly trails = new Map<string, number>();

  constructor(private readonly known: Known) {}

  private x(node: TfNode, i: number): Kind | undefined {
    const input = node.inputs[i];
    return input && this.kinds.get(nameOf(input));
  }

  private axis(node: TfNode, i: number): number {
    return this.known(nameOf(node.inputs[i]))?.[0] ?? mixed();
  }

  /** Operands that broadcast: lists must agree, and others must not reach the axis of rows. */
  private together(node: TfNode): List {
    const kinds = node.inputs.map((_, i) => this.x(node, i));
    const lists = kinds.filter((k): k is List => k?.kind === 'list');
    const [{ before }] = lists;
    const trail = lists.find((l) => l.trail !== undefined)?.trail;
    if (lists.some((l) => l.before !== before || (l.trail !== undefined && l.trail !== trail))) mixed();
    node.inputs.forEach((input, i) => {
      if (kinds[i]?.kind === 'lengths') mixed();
      if (kinds[i]) return;
      const shape = this.known.shape(nameOf(input)) ?? mixed();
      const beyond = trail === undefined ? shape : shape.slice(0, Math.max(0, shape.length - trail));
      if (beyond.some((n) => n !== 1)) mixed();
    });
    return list(before, trail);
  }

  /** Axes of a list other than that of its rows. */
  private after({ before, trail }: List, axes: readonly number[]): void {
    for (const axis of axes) {
      const fromFront = axis >= 0 ? axis : trail === undefined ? -1 : axis + before + 1 + trail;
      if (fromFront <= before) mixed();
    }
  }

  private ofLengths(node: TfNode): Kind | undefined {
    const x = this.x(node, 0) as Lengths;
    if (node.op === 'Cast' || node.op === 'Identity') return x;
    if (x?.kind === 'lengths' && node.op === 'GatherV2') {
      const at = this.known(nameOf(node.inputs[1])) ?? mixed();
      const scalar = this.known.shape(nameOf(node.inputs[1]))?.length === 0;
      return lengths(
        at.map((i) => x.of[i] ?? (x.open && i > 0 ? 'other' : mixed())),
        scalar,
      );
    }
    if (x?.kind === 'lengths' && node.op === 'StridedSlice') {
      const [from, to, step] = [1, 2, 3].map((i) => this.axis(node, i));
      if (from < 0 || step !== 1 || attr.int(node, 'new_axis_mask') || attr.int(node, 'ellipsis_mask')) mixed();
      const start = attr.int(node, 'begin_mask') ? 0 : from;
      if (attr.int(node, 'shrink_axis_mask')) return lengths([x.of[start] ?? (x.open ? 'other' : mixed())], true);
      if (attr.int(node, 'end_mask')) return lengths(x.of.slice(start), false, x.open);
      return to >= 0 ? lengths(x.of.slice(start, to), false, x.open) : mixed();
    }
    if (x?.kind === 'lengths' && node.op === 'Prod') {
      const many = x.of.filter((n) => n !== 1);
      return many.length === 1 && !x.open ? lengths(many, true) : mixed();
    }
    if (node.op !== 'Pack' && node.op !== 'ConcatV2') return mixed();
    const joined: Length[] = [];
    let open = false;
    const parts = node.op === 'Pack' ? node.inputs : node.inputs.slice(0, -1);
    parts.forEach((input, i) => {
      if (open) mixed();
      const part = this.x(node, i);
      if (part?.kind === 'list') mixed();
      if (part?.kind === 'lengths') {
        joined.push(...part.of);
        open = part.open;
      } else if (node.op === 'Pack') joined.push('other');
      else {
        const n = this.known.shape(nameOf(input))?.[0];
        if (n === undefined) open = true;
        else joined.push(...new Array<Length>(n).fill('other'));
      }
    });
    return lengths(joined, false, open);
  }

  private reshaped(node: TfNode, { before, trail }: List): List {
    const to = this.x(node, 1);
    if (to?.kind === 'lengths') {
      const at = to.of.indexOf('rows');
      if (to.of.slice(0, at).some((n) => n !== 1)) mixed();
      return list(at, to.open ? undefined : to.of.length - at - 1);
    }
    const shape = this.known(nameOf(node.inputs[1])) ?? mixed();
    return before === 0 && trail === 0 && shape.length === 1 && shape[0] === -1 ? list(0, 0) : mixed();
  }

  private sliced(node: TfNode, { before, trail }: List): List {
    const bit = (name: string) => attr.int(node, `${name}_mask`) & 1;
    const step = this.known(nameOf(node.inputs[3])) ?? mixed();
    if (before > 0 || trail === undefined || attr.int(node, 'new_axis_mask') || attr.int(node, 'ellipsis_mask'))
      mixed();
    if (!bit('begin') || !bit('end') || bit('shrink_axis') || step[0] !== 1) mixed();
    const gone = step.filter((_, i) => (attr.int(node, 'shrink_axis_mask') >> i) & 1).length;
    return list(0, trail! - gone);
  }

  private ofList(node: TfNode): Kind | undefined {
    if (BINARY.has(node.op)) return this.together(node);
    const x = this.x(node, 0);
    if (node.op === 'GatherV2' || node.op === 'Gather') {
      const at = this.x(node, 1);
      const table = this.known.shape(nameOf(node.inputs[0]));
      if (x || at?.kind !== 'list' || at.before > 0 || at.trail !== 0 || !table) return mixed();
      return node.inputs.length < 3 || this.axis(node, 2) === 0 ? list(0, table.length - 1) : mixed();
    }
    if (node.op === 'ragged.laid') return undefined;
    if (node.op === 'ragged.batch') {
      const rows = this.x(node, 1);
      if (this.x(node, 0) || this.x(node, 2) || rows?.kind !== 'list' || rows.before > 0) return mixed();
      this.trails.set(node.name, rows.trail ?? mixed());
      return undefined;
    }
    if (
      x?.kind !== 'list' ||
      node.inputs.some((_, i) => i > 0 && this.x(node, i)?.kind === 'list' && node.op !== 'ConcatV2')
    )
      return mixed();
    if (UNARY.has(node.op)) return x;
    const { before, trail } = x;
    switch (node.op) {
      case 'BiasAdd':
        return trail === 0 || this.x(node, 1) ? mixed() : x;
      case 'MatMul':
        return before > 0 || attr.flag(node, 'transpose_a') || this.x(node, 1) ? mixed() : list(0, 1);
      case 'Reshape':
        return this.reshaped(node, x);
      case 'StridedSlice':
        return this.sliced(node, x);
      case 'Shape': {
        const axes: Length[] = [
          ...new Array<Length>(before).fill(1),
          'rows',
          ...new Array<Length>(trail ?? 0).fill('other'),
        ];
        return lengths(axes, false, trail === undefined);
      }
      case 'ExpandDims': {
        const axis = this.axis(node, 1);
        if (axis >= 0 && axis <= before) return list(before + 1, trail);
        return trail !== undefined && (axis === -1 || axis > before) ? list(before, trail + 1) : mixed();
      }
      case 'Squeeze': {
        const axes = [...attr.ints(node, 'squeeze_dims'), ...attr.ints(node, 'axis')];
        if (axes.length === 0 || axes.some((axis) => axis < 0 || axis >= before)) mixed();
        return list(before - axes.length, trail);
      }
      case 'ConcatV2': {
        this.after(x, [this.axis(node, node.inputs.length - 1)]);
        const alike = (k: Kind | undefined) => k?.kind === 'list' && k.before === before && k.trail === trail;
        return node.inputs.slice(0, -1).every((_, i) => alike(this.x(node, i))) ? x : mixed();
      }
      case 'Mean':
      case 'Sum':
      case 'Max':
      case 'Min': {
        const axes = this.known(nameOf(node.inputs[1])) ?? mixed();
        this.after(x, axes);
        return attr.flag(node, 'keep_dims') ? x : list(before, trail! - axes.length);
      }
      default:
        return mixed();
    }
  }

  /** Finds the kinds of all values; false if some row depends on others. */
  apart(nodes: readonly TfNode[]): boolean {
    try {
      for (const node of nodes) {
        const kind = this.kindOf(node);
        if (kind) this.kinds.set(node.name, kind);
      }
      return true;
    } catch (error) {
      if (error instanceof Mixed) return false;
      throw error;
    }
  }

  private kindOf(node: TfNode): Kind | undefined {
    if (node.op === 'ragged.flat') return list(0, 0);
    if (node.op === 'ragged.places') return list(0, 1);
    if (node.op === 'ragged.rows') return this.x(node, 0) ? mixed() : list(0, undefined);
    const kinds = node.inputs.flatMap((_, i) => this.x(node, i) ?? []);
    if (kinds.length === 0 || node.op === 'Const') return undefined;
    return kinds.some(({ kind }) => kind === 'list') ? this.ofList(node) : this.ofLengths(node);
  }
}

/**
 * Whether no row of a ragged list depends on other rows, and no output on a list: then the number of axes after the rows of each list that is laid out as
 * a batch, by the name of the node; else undefined. Nodes are in order.
 */
export function keepsRowsApart(
  nodes: readonly TfNode[],
  outputs: readonly TfValue[],
  known: Known,
): ReadonlyMap<string, number> | undefined {
  const rows = new Rows(known);
  if (!rows.apart(nodes)) return undefined;
  return outputs.some((output) => rows.kinds.has(nameOf(output))) ? undefined : rows.trails;
}
