import type { Translation } from './elementwise.ts';
import { attr, nameOf, neededNodes, type TfGraph, type TfNode, type TfValue } from './nodes.ts';
import { type Known, keepsRowsApart } from './rows.ts';

// A graph that takes a ragged batch – places [count, 2] and values [count] of all sequences one after the other – as one that takes a padded batch
// [sequences, length]. Each list of the ragged batch then has a row for every place of the padded one, also for padding, whose rows are set to 0 where the
// list is laid out as a batch again. `rows.ts` proves that no row of a list depends on another; otherwise the graph is left as it is.

const PREFIX = 'ragged.';

/** Translations of the nodes that replace others here. */
export const ragged: Readonly<Record<string, Translation>> = {
  [`${PREFIX}flat`]: (e, [x]) => e.node('Reshape', [x, e.integers([-1])]),
  // The places of all elements, in their order.
  [`${PREFIX}places`]: (e, [x]) => {
    const all = e.node('Expand', [e.integer(1), e.node('Shape', [x])]);
    return e.node('Transpose', [e.node('NonZero', [all])], { perm: [1, 0] });
  },
  [`${PREFIX}kept`]: (e, [mask, x, padding]) => e.node('Where', [mask, x, padding]),
  [`${PREFIX}laid`]: (e, [x, like]) => e.node('Reshape', [x, e.node('Shape', [like])]),
  [`${PREFIX}rows`]: (e, [x]) => {
    const rest = e.node('Slice', [e.node('Shape', [x]), e.integers([2]), e.integers([2 ** 31 - 1])]);
    return e.node('Reshape', [x, e.node('Concat', [e.integers([-1]), rest], { axis: 0 })]);
  },
  [`${PREFIX}batch`]: (e, [mask, x, shape], node) => {
    const trail = attr.int(node, 'trail');
    const axes = Array.from({ length: trail }, (_, i) => i + 2);
    const wide = trail > 0 ? e.node('Unsqueeze', [mask, e.integers(axes)]) : mask;
    return e.node('Where', [wide, e.node('Reshape', [x, shape]), e.real(0)]);
  },
};

/** A list of the input, and the masks by which its entries were chosen. */
interface Chosen {
  readonly placeholder: TfNode;
  /** The nodes that choose, from the first to the last, with their masks. */
  readonly steps: ReadonlyArray<{ readonly node: string; readonly mask: TfValue }>;
}

/** Longest chain of nodes that is followed. */
const DEEPEST = 100;

class Search {
  constructor(
    private readonly byName: ReadonlyMap<string, TfNode>,
    private readonly known: Known,
  ) {}

  of(value: TfValue | undefined): TfNode | undefined {
    return this.byName.get(value?.name ?? '');
  }

  /** The mask whose true places a list of indices has. */
  private choiceOf(value: TfValue | undefined, depth = 0): TfValue | undefined {
    const node = this.of(value);
    if (node?.op === 'Where') return node.inputs[0];
    const passes = node && depth < DEEPEST && ['Reshape', 'Squeeze', 'Cast'].includes(node.op);
    return passes ? this.choiceOf(node.inputs[0], depth + 1) : undefined;
  }

  chosen(value: TfValue | undefined, depth = 0): Chosen | undefined {
    const node = this.of(value);
    if (node?.op === 'Placeholder') return { placeholder: node, steps: [] };
    if (node?.op !== 'GatherV2' || depth > DEEPEST || this.known(nameOf(node.inputs[2]))?.[0] !== 0) return undefined;
    const [before, mask] = [this.chosen(node.inputs[0], depth + 1), this.choiceOf(node.inputs[1])];
    return before && mask && { ...before, steps: [...before.steps, { node: node.name, mask }] };
  }

  /** Whether a value depends on the largest places of a list. */
  ofLargest(value: TfValue | undefined, list: string): boolean {
    const waiting = [this.of(value)];
    const seen = new Set<TfNode>();
    for (let node = waiting.pop(); node !== undefined || waiting.length > 0; node = waiting.pop()) {
      if (!node || seen.has(node)) continue;
      if (node.op === 'Max' && nameOf(node.inputs[0]) === list) return true;
      seen.add(node);
      waiting.push(...node.inputs.map((input) => this.of(input)));
    }
    return false;
  }
}

const own = (name: string, op: string, inputs: readonly TfValue[], attributes: TfNode['attributes'] = {}): TfNode => ({
  ...{ name, op: `${PREFIX}${op}`, inputs, attributes },
});
const value = (name: string): TfValue => ({ name, output: 0 });

/**
 * The graph for a padded batch: the input of values becomes [sequences, length], padded with the number that stands for empty places in the file.
 * Undefined if the graph has no ragged input, or mixes its rows.
 */
export function padded(graph: TfGraph, known: Known): TfGraph | undefined {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const search = new Search(byName, known);
  for (const dense of graph.nodes) {
    if (dense.op !== 'SparseToDense') continue;
    const [at, shape, numbers, fill] = dense.inputs;
    const [places, values] = [search.chosen(at), search.chosen(numbers)];
    const padding = known(nameOf(fill))?.[0];
    if (!places || !values || padding === undefined || places.placeholder === values.placeholder) continue;
    const same = places.steps.length === values.steps.length;
    if (!same || places.steps.some(({ mask }, i) => nameOf(mask) !== nameOf(values.steps[i].mask))) continue;
    if (!search.ofLargest(shape, nameOf(at))) continue;
    const made = rewritten(graph, { dense, places, values, fill, padding }, known);
    if (made) return made;
  }
  return undefined;
}

interface Found {
  readonly dense: TfNode;
  readonly places: Chosen;
  readonly values: Chosen;
  readonly fill: TfValue;
  readonly padding: number;
}

function rewritten(graph: TfGraph, { dense, places, values, fill, padding }: Found, known: Known): TfGraph | undefined {
  const batch = values.placeholder.name;
  const [flat, all] = [`${batch}/flat`, `${places.placeholder.name}/places`];
  const input: TfNode = {
    ...values.placeholder,
    attributes: { ...values.placeholder.attributes, shape: { shape: { dim: [{ size: -1 }, { size: -1 }] } } },
  };
  const replaced = new Map<string, TfNode>([
    [batch, input],
    [dense.name, own(dense.name, 'laid', [dense.inputs[2], value(batch)])],
  ]);
  const renamed = (v: TfValue): TfValue =>
    v.name === batch ? value(flat) : v.name === places.placeholder.name ? value(all) : v;
  for (const { node, mask } of values.steps) {
    const before = graph.nodes.find(({ name }) => name === node)!.inputs[0];
    replaced.set(node, own(node, 'kept', [mask, renamed(before), fill]));
  }
  for (const { node } of places.steps) {
    const before = graph.nodes.find(({ name }) => name === node)!.inputs[0];
    replaced.set(node, { name: node, op: 'Identity', inputs: [renamed(before)], attributes: {} });
  }
  const nodes: TfNode[] = [own(flat, 'flat', [value(batch)]), own(all, 'places', [value(batch)])];
  for (const node of graph.nodes) nodes.push(replaced.get(node.name) ?? { ...node, inputs: node.inputs.map(renamed) });
  const byName = new Map(nodes.map((node) => [node.name, node]));
  // Masks of what is in the batch list its entries in the order of the input.
  const ofBatch = (v: TfValue | undefined): boolean => {
    const node = byName.get(v?.name ?? '');
    const [a, b] = node?.inputs ?? [];
    return (
      !!node && ['Greater', 'NotEqual'].includes(node.op) && a?.name === dense.name && known(nameOf(b))?.[0] === padding
    );
  };
  const listed = (v: TfValue | undefined, depth = 0): TfValue | undefined => {
    const node = byName.get(v?.name ?? '');
    if (node?.op === 'Where') return ofBatch(node.inputs[0]) ? node.inputs[0] : undefined;
    const passes = node && depth < DEEPEST && ['Cast', 'Identity'].includes(node.op);
    return passes ? listed(node.inputs[0], depth + 1) : undefined;
  };
  const final = nodes.map((node): TfNode => {
    if (node.op === 'Where' && ofBatch(node.inputs[0])) return own(node.name, 'places', [node.inputs[0]]);
    if (node.op === 'GatherNd' && listed(node.inputs[1])) return own(node.name, 'rows', [node.inputs[0]]);
    const mask = node.op === 'ScatterNd' ? listed(node.inputs[0]) : undefined;
    return mask ? own(node.name, 'batch', [mask, node.inputs[1], node.inputs[2]]) : node;
  });
  const made = { nodes: final, outputs: graph.outputs };
  const trails = keepsRowsApart(neededNodes(made), made.outputs, known);
  if (!trails) return undefined;
  return {
    ...made,
    nodes: final.map((node) => {
      const trail = trails.get(node.name);
      return trail === undefined ? node : { ...node, attributes: { trail: { i: trail } } };
    }),
  };
}
