import { type PackedTensor, packedBytes, packedMatrix, packedTensor } from '@southwell/autodiff';
import { type PlainTensor, parameterBytes, type Stored, unpackParameters, type Weights } from '@southwell/autodiff/nn';
import { writeSafetensors } from '@southwell/data';
import { type CompressedNetwork, packWeights } from 'southwell/compression';
import type { ModelNetwork } from '../saved-model.ts';

/** A network with its compressed weights packed, and the file that has them. */
export interface PackedNetwork {
  readonly file: Uint8Array;
  /** What is in the file. */
  readonly stored: Stored<PlainTensor>;
  /** Bytes of all parameters in memory. */
  readonly memory: number;
  /** Bytes of the matrices by name. */
  readonly bytes: ReadonlyMap<string, number>;
  /** The parameters as they are for those who run it, with dense matrices. */
  readonly expanded: Stored<PlainTensor>;
}

/** Packs the layers of a compressed network, and writes them. O(size). */
export function packedNetwork(network: ModelNetwork, { layers, parameters }: CompressedNetwork): PackedNetwork {
  const weights: Record<string, Weights[string]> = { ...parameters };
  const bytes = new Map<string, number>();
  const turned = new Set<string>();
  for (const layer of layers) {
    const matrix = packWeights(layer.weights);
    if (layer.turned) turned.add(layer.name);
    const { shape } = layer.turned ? matrix : parameters[layer.name];
    const packed: PackedTensor = packedTensor({ ...matrix, shape });
    weights[layer.name] = packed;
    bytes.set(layer.name, packedBytes(packedMatrix(packed)));
  }
  const stored = network.stored(weights, turned);
  return {
    ...{ file: writeSafetensors(stored), stored },
    memory: parameterBytes(weights),
    bytes,
    expanded: network.stored(unpackParameters(parameters), new Set()),
  };
}

/** Bytes of a text or of numbers as gzip makes them. */
export async function gzipped(bytes: Uint8Array): Promise<number> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream('gzip'));
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return size;
    size += value.length;
  }
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** The bytes of a size such as `2MB` or `500 kB`; undefined if it is none. */
export function bytesIn(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match && UNITS[match[2].toLowerCase()];
  return match && unit && Number(match[1]) > 0 ? Number(match[1]) * unit : undefined;
}
