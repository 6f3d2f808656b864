import { tensor } from '@southwell/autodiff';
import {
  applyGraph,
  type GraphNode,
  type GraphOptions,
  graph,
  inspectOnnx,
  read,
  toOnnx,
} from '@southwell/autodiff/nn';
import { readSafetensors } from '@southwell/data';
import { layersOf, matrixOf, quantiseRows } from 'southwell/compression';
import { fresh } from '../training/fresh.ts';
import { zerosFor } from '../training/graphNetwork.ts';
import { storedModel } from '../training/stored.ts';
import type { CompressResult } from './result.ts';

/** The first version of ONNX's operators that has scales along an axis. */
const SCALES = 13;

/**
 * A compressed network as ONNX, for other programs: weights of eight bits as such, which they widen themselves, and all others in
 * single precision.
 */
export function expandedOnnx({
  expanded,
  method,
  layers,
}: Pick<CompressResult, 'expanded' | 'method' | 'layers'>): Uint8Array {
  const { network } = storedModel(readSafetensors(expanded), 'Models of texts are written without their tokeniser.');
  const bytes = network!.onnx(network!.parameters);
  return method === 'int8' ? inEightBits(bytes, new Set(layers.map(({ name }) => name))) : bytes;
}

/** Replaces matrices by whole numbers with a scale for each output, followed by the operator that multiplies them. */
function inEightBits(bytes: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  const { model, parameters, state, inputs, outputs } = read(bytes);
  const { kind: _, ...g } = model as unknown as GraphOptions & { readonly kind: string };
  if (g.opset < SCALES) return bytes;
  const network = {
    parameters,
    apply: (own: typeof parameters) =>
      applyGraph(model, own, Object.fromEntries(inputs.map((input) => [input.name, zerosFor(input)])), { state })[
        outputs[0].name
      ],
  };
  const own = { ...parameters };
  const shapes = { ...g.parameters };
  const states = { ...state };
  const stateShapes = { ...g.state };
  const types = { ...g.types };
  const nodes: GraphNode[] = [];
  for (const layer of layersOf(network, undefined)) {
    const { name, turned, outputs: rows, inputs: columns } = layer;
    if (!names.has(name)) continue;
    const W = matrixOf(layer, parameters[name]);
    const { values, scales } = quantiseRows(W);
    W.free();
    const shape = [...shapes[name]];
    const codes = new Float32Array(values.length);
    if (!turned) codes.set(values);
    else for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) codes[j * rows + i] = values[i * columns + j];
    const [q, s] = ['quantised', 'scale'].map((word) => fresh(g, `${name}_${word}`));
    states[q] = tensor(codes, { shape });
    states[s] = tensor(scales, { shape: [rows] });
    stateShapes[q] = shape;
    stateShapes[s] = [rows];
    types[q] = 'i8';
    delete own[name];
    delete shapes[name];
    const axis = turned ? shape.length - 1 : 0;
    nodes.push({ name: '', op: 'DequantizeLinear', inputs: [q, s], outputs: [name], attributes: { axis } });
  }
  const whole = { ...g, parameters: shapes, state: stateShapes, types, nodes: [...nodes, ...g.nodes] };
  return toOnnx(graph(whole), own, { state: states, metadata: inspectOnnx(bytes).metadata });
}
