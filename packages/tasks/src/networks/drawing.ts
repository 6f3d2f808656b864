import type { NetworkFacts, NodeFacts } from '@southwell/autodiff/nn';
import { count } from '../format.ts';
import { shapeText } from './words.ts';

// What is drawn of a network: blocks of nodes, and which takes what another gives.

/** A box of a drawing. */
export interface NetworkBlock {
  readonly title: string;
  /** What else is written in it. */
  readonly lines: readonly string[];
  /** Places of its nodes in the list of nodes; none for inputs and outputs of the network. */
  readonly nodes: readonly number[];
}

/** A drawing without places: boxes and arrows between them. */
export interface NetworkDrawing {
  readonly blocks: readonly NetworkBlock[];
  readonly edges: ReadonlyArray<readonly [from: number, to: number]>;
  /** A sentence on what is not drawn. */
  readonly note?: string;
}

/** Boxes that can be looked at: chains of nodes, of which more are drawn as parts of the network by name, if these are fewer; and all that are drawn. */
const [FEW, MOST] = [24, 60];

/** Nodes by which numbers of the inputs pass: the others compute shapes or constants. */
function carriers(nodes: readonly NodeFacts[], inputs: readonly string[]): boolean[] {
  const carried = new Set(inputs);
  return nodes.map(({ op, inputs: taken, outputs }) => {
    const carries = op !== 'Shape' && op !== 'Size' && taken.some((name) => carried.has(name));
    if (carries) for (const name of outputs) carried.add(name);
    return carries;
  });
}

/** Groups of nodes, a number for each node; negative for those that are not drawn. */
type Groups = Int32Array;

/**
 * Nodes in a row, of which each takes only what the one before gives and is the only one that takes it. Matrices and filters begin a new one, so that a
 * network without branches is not a single box.
 */
function chains(
  nodes: readonly NodeFacts[],
  drawn: readonly boolean[],
  outputs: ReadonlySet<string>,
  matrices: ReadonlySet<string>,
): Groups {
  const giver = new Map<string, number>();
  const takers = new Int32Array(nodes.length);
  nodes.forEach((node, k) => {
    if (drawn[k]) for (const name of node.outputs) giver.set(name, k);
  });
  const before = nodes.map((node, k) =>
    drawn[k] ? [...new Set(node.inputs.flatMap((name) => giver.get(name) ?? []))] : [],
  );
  for (const list of before) for (const k of list) takers[k]++;
  const groups = new Int32Array(nodes.length).fill(-1);
  nodes.forEach(({ tensors }, k) => {
    if (!drawn[k]) return;
    const [only] = before[k];
    const follows = before[k].length === 1 && takers[only] === 1 && !nodes[only].outputs.some((o) => outputs.has(o));
    groups[k] = follows && !tensors.some((name) => matrices.has(name)) ? groups[only] : k;
  });
  return groups;
}

/** Nodes by the first parts of their names, as many as leave at most `most` groups; undefined if names have no parts. */
function byName(nodes: readonly NodeFacts[], drawn: readonly boolean[], most: number) {
  const parts = nodes.map(({ name }) => name.split(/[/.]/).filter(Boolean));
  for (let depth = Math.max(...parts.map((p) => p.length)) - 1; depth >= 1; depth--) {
    const first = new Map<string, number>();
    const groups = new Int32Array(nodes.length).fill(-1);
    parts.forEach((p, k) => {
      if (!drawn[k]) return;
      const key = p.slice(0, Math.min(depth, Math.max(1, p.length - 1))).join('/');
      if (!first.has(key)) first.set(key, k);
      groups[k] = first.get(key)!;
    });
    if (first.size > 1 && first.size <= most) {
      const titles = [...first].map(([key, k]) => [k, key.split('/').slice(-2).join('/')] as const);
      return { groups, titles: new Map(titles) };
    }
  }
  return undefined;
}

/** Operators that only arrange numbers, which are not named beside others. */
const ARRANGING = new Set(['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Dropout']);

/** Operators in their order, repeated ones counted: `Conv, Relu`, `3 × MatMul`. */
function operators(given: readonly string[], most: number): string {
  const some = given.filter((op) => !ARRANGING.has(op));
  const ops = some.length > 0 ? some : given;
  const times = new Map<string, number>();
  for (const op of ops) times.set(op, (times.get(op) ?? 0) + 1);
  const all = [...times].map(([op, n]) => (n > 1 ? `${n} × ${op}` : op));
  return all.length > most ? `${all.slice(0, most).join(', ')}, …` : all.join(', ');
}

/** Blocks of a network and the arrows between them: chains of nodes, or parts of the network by name if these are too many. */
export function networkDrawing({ nodes, inputs, outputs, tensors }: NetworkFacts): NetworkDrawing {
  const drawn = carriers(
    nodes,
    inputs.map(({ name }) => name),
  );
  const left = drawn.filter((yes) => !yes).length;
  const results = new Set(outputs.map(({ name }) => name));
  const matrices = new Set(tensors.flatMap(({ name, shape }) => (shape.length > 1 ? [name] : [])));
  const inChains = chains(nodes, drawn, results, matrices);
  const isChain = new Set(inChains.filter((g) => g >= 0)).size <= FEW;
  const named = isChain ? undefined : byName(nodes, drawn, FEW);
  const groups = named?.groups ?? inChains;

  const members = new Map<number, number[]>();
  groups.forEach((g, k) => {
    if (g >= 0) members.set(g, [...(members.get(g) ?? []), k]);
  });
  const kept = [...members].slice(0, named || isChain ? undefined : MOST);
  const place = new Map(kept.map(([g], i) => [g, inputs.length + i]));
  const blocks: NetworkBlock[] = [
    ...inputs.map(({ name, shape }) => ({ title: name, lines: [shapeText(shape)].filter(Boolean), nodes: [] })),
    ...kept.map(([g, ks]): NetworkBlock => {
      const numbers = ks.reduce((n, k) => n + nodes[k].numbers, 0);
      const ops = ks.map((k) => nodes[k].op);
      const last = nodes[ks.at(-1)!];
      const title = named?.titles.get(g);
      return {
        title: title ?? operators(ops, 3),
        lines: [
          ...(title === undefined ? [] : [operators(ops, 2)]),
          [shapeText(last.shape), ...(numbers > 0 ? [count(numbers, 'number')] : [])].filter(Boolean).join(' · '),
        ].filter(Boolean),
        nodes: ks,
      };
    }),
  ];
  const source = new Map(inputs.map(({ name }, i) => [name, i]));
  nodes.forEach((node, k) => {
    const at = place.get(groups[k]);
    if (at !== undefined) for (const name of node.outputs) source.set(name, at);
  });
  const edges = new Map<string, readonly [number, number]>();
  const arrow = (name: string, to: number): void => {
    const from = source.get(name);
    if (from !== undefined && from !== to) edges.set(`${from} ${to}`, [from, to]);
  };
  nodes.forEach((node, k) => {
    const to = place.get(groups[k]);
    if (to !== undefined) for (const name of node.inputs) arrow(name, to);
  });
  for (const { name, shape } of outputs) {
    arrow(name, blocks.length);
    blocks.push({ title: name, lines: [shapeText(shape)].filter(Boolean), nodes: [] });
  }
  const parts = [
    left > 0 && `${count(left, 'layer')} that compute shapes and constants`,
    members.size > kept.length && `all blocks after the first ${kept.length}`,
  ].filter(Boolean);
  const note = parts.length > 0 ? { note: `Not drawn: ${parts.join(', and ')}.` } : {};
  return { blocks, edges: [...edges.values()], ...note };
}
