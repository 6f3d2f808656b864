import { fail } from '@southwell/numerics/core';
import { placeOfNode } from '../operators/description.ts';
import { bodiesOf } from '../operators/order.ts';
import type { OnnxAttribute, OnnxFile, OnnxGraph, OnnxNode, OnnxTensor } from './parse.ts';

// Graphs within graphs see the names of those around them, and graphs beside each other may use the same names for different values.

type Scope = ReadonlyMap<string, string>;

class Scopes {
  /** Initialisers and constants of graphs within. */
  readonly initialisers: OnnxTensor[] = [];
  readonly constants: OnnxNode[] = [];
  private readonly used: Set<string>;

  constructor(file: OnnxFile) {
    this.used = new Set([
      ...[file.inputs, file.initialisers].flat().map(({ name }) => name),
      ...file.nodes.flatMap(({ outputs }) => outputs),
    ]);
  }

  private fresh(name: string): string {
    let made = name;
    for (let k = 1; this.used.has(made); k++) made = `${name}.${k}`;
    this.used.add(made);
    return made;
  }

  node(node: OnnxNode, scope: Scope): OnnxNode {
    const named = (name: string): string => scope.get(name) ?? name;
    const attributes = Object.entries(node.attributes).map(([key, value]): [string, OnnxAttribute] => [
      key,
      typeof value === 'object' && 'graph' in value ? { graph: this.inner(value.graph, scope) } : value,
    ]);
    const [inputs, outputs] = [node.inputs.map(named), node.outputs.map(named)];
    return { ...node, inputs, outputs, attributes: Object.fromEntries(attributes) };
  }

  private inner(graph: OnnxGraph, around: Scope): OnnxGraph {
    const scope = new Map(around);
    const seen = new Set<string>();
    const own = (name: string, where: () => string): void => {
      if (name === '') return;
      if (seen.has(name)) fail('INVALID_FORMAT', `A graph within gives the value '${name}' twice, ${where()}.`);
      seen.add(name);
      scope.set(name, this.fresh(name));
    };
    for (const { name } of graph.inputs) own(name, () => 'as an input');
    for (const { name } of graph.initialisers) own(name, () => 'as an initialiser');
    for (const node of graph.nodes)
      for (const name of node.outputs) own(name, () => `the second time in ${placeOfNode(node)}`);
    const named = (name: string): string => scope.get(name) ?? name;
    this.initialisers.push(...graph.initialisers.map((t) => ({ ...t, name: named(t.name) })));
    const nodes: OnnxNode[] = [];
    for (const node of graph.nodes) {
      const made = this.node(node, scope);
      (node.op === 'Constant' ? this.constants : nodes).push(made);
    }
    // Outputs are values of nodes within, each once, as the format demands.
    const given = new Set(nodes.flatMap((node) => node.outputs));
    const outputs = graph.outputs.map((info) => {
      const name = scope.get(info.name) ?? info.name;
      if (given.delete(name)) return { ...info, name };
      const copy = this.fresh(name);
      nodes.push({ name: copy, op: 'Identity', inputs: [name], outputs: [copy], attributes: {} });
      return { ...info, name: copy };
    });
    const inputs = graph.inputs.map((info) => ({ ...info, name: named(info.name) }));
    return { nodes, initialisers: [], inputs, outputs };
  }
}

/**
 * A file in which all values have different names, and initialisers and constants are those of the outermost graph.
 * @throws INVALID_FORMAT if a graph gives a value twice.
 */
export function withOneScope(file: OnnxFile): OnnxFile {
  if (!file.nodes.some((node) => bodiesOf(node).length > 0)) return file;
  const scopes = new Scopes(file);
  const nodes = file.nodes.map((node) => scopes.node(node, new Map()));
  return {
    ...file,
    nodes: [...scopes.constants, ...nodes],
    initialisers: [...file.initialisers, ...scopes.initialisers],
  };
}
