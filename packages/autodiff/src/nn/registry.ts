import { fail, nearestName } from '@southwell/numerics/core';
import { type AnyKind, optionsOf } from './kind.ts';
import { isLayer, type Layer } from './layer.ts';
import { activationKind } from './layers/activation.ts';
import { batchNormKind } from './layers/batchNorm.ts';
import { conv1dKind } from './layers/conv1d.ts';
import { conv2dKind } from './layers/conv2d.ts';
import { conv3dKind } from './layers/conv3d.ts';
import { crossAttentionKind } from './layers/crossAttention.ts';
import { decoderBlockKind } from './layers/decoderBlock.ts';
import { dropoutKind } from './layers/dropout.ts';
import { embeddingKind } from './layers/embedding.ts';
import { flattenKind } from './layers/flatten.ts';
import { graphKind } from './layers/graph.ts';
import { groupNormKind, instanceNormKind } from './layers/groupNorm.ts';
import { layerNormKind } from './layers/layerNorm.ts';
import { linearKind } from './layers/linear.ts';
import { multiHeadAttentionKind } from './layers/multiHeadAttention.ts';
import { overPositionsKind } from './layers/overPositions.ts';
import { avgPoolKind, globalAvgPoolKind, maxPoolKind } from './layers/pool.ts';
import { positionsKind } from './layers/positions.ts';
import { gruKind, lstmKind } from './layers/recurrent.ts';
import { residualKind } from './layers/residual.ts';
import { rmsNormKind } from './layers/rmsNorm.ts';
import { sequentialKind } from './layers/sequential.ts';
import { transformerBlockKind } from './layers/transformerBlock.ts';
import { unembeddingKind } from './layers/unembedding.ts';

/** All layer types. To add one, add a file in layers/ and list it here. */
const list: readonly AnyKind[] = [
  ...[linearKind, conv1dKind, conv2dKind, conv3dKind, embeddingKind, unembeddingKind, positionsKind],
  ...[layerNormKind, rmsNormKind, batchNormKind, groupNormKind, instanceNormKind, dropoutKind, activationKind],
  ...[maxPoolKind, avgPoolKind, globalAvgPoolKind, flattenKind, overPositionsKind],
  ...[multiHeadAttentionKind, crossAttentionKind, transformerBlockKind, decoderBlockKind],
  ...[gruKind, lstmKind, sequentialKind, residualKind, graphKind],
];
/** The layer types by name. */
export const kinds: ReadonlyMap<string, AnyKind> = new Map(list.map((kind) => [kind.kind, kind]));

/** Names of all layer types. */
export const layerKinds: readonly string[] = [...kinds.keys()];

/** A layer resolved to its type, validated options and sublayers. */
export interface Resolved {
  readonly kind: AnyKind;
  readonly options: object;
  readonly children: Readonly<Record<string, Layer>>;
}
const known = new WeakMap<Layer, Resolved>();

/** Name of a layer in messages: `blocks.0.up (linear)`. */
export const placeOf = (path: string, kind: string): string => (path === '' ? kind : `${path} (${kind})`);

/**
 * Resolves the type and options of a layer, without those of sublayers.
 * @throws INVALID_PARAMETER for an unknown layer type or invalid options.
 */
export function resolve(layer: Layer, path: string): Resolved {
  const before = isLayer(layer) ? known.get(layer) : undefined;
  if (before) return before;
  const at = path === '' ? 'The model' : path;
  if (!isLayer(layer)) fail('INVALID_PARAMETER', `${at} is not a layer: a layer is an object with a 'kind'.`);
  const { kind: name, ...given } = layer;
  const kind = kinds.get(name);
  if (!kind) {
    const near = nearestName(name, layerKinds);
    const rest = near ? `did you mean '${near}'?` : `there are ${layerKinds.join(', ')}.`;
    fail('INVALID_PARAMETER', `${at}: there is no layer type '${name}'; ${rest}`);
  }
  const options = optionsOf(kind, given, placeOf(path, name));
  const resolved = { kind, options, children: kind.children?.(options) ?? {} };
  known.set(layer, resolved);
  return resolved;
}

/** Joins a path and a name. */
export const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** Visits a layer and its descendants in pre-order. */
export function walk(layer: Layer, visit: (resolved: Resolved, path: string) => void, path = ''): void {
  const resolved = resolve(layer, path);
  visit(resolved, path);
  for (const [name, child] of Object.entries(resolved.children)) walk(child, visit, joined(path, name));
}
