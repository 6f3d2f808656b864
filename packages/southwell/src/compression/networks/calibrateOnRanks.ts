import { type Communicator, type Exchange, RowSums } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys } from '@southwell/numerics/core';
import type { InputMoments } from '../moments.ts';
import { type CalibrateOptions, calibrate } from './calibrate.ts';
import type { LayerWeights, Network } from './layers.ts';

/**
 * {@link calibrate} with batches spread over ranks: every rank passes its own, and gets the moments of all. The bits do not depend on
 * how the batches, in the order of the ranks, are divided. Layers with the same inputs share their moments. Each rank applies the network to
 * its own batches; O(inputs² log(batches)) memory a layer.
 * @param layers The same on all ranks.
 * @throws EMPTY if no rank has a batch; as {@link calibrate}.
 */
export function* calibrateOnRanks<B>(
  comm: Communicator,
  network: Network<B>,
  batches: readonly B[],
  layers: readonly LayerWeights[],
  options: CalibrateOptions,
): Exchange<ReadonlyMap<string, InputMoments>> {
  knownKeys('calibrateOnRanks', options, { full: true });
  const counts = new Float64Array(comm.size);
  yield* comm.allGather(Float64Array.of(batches.length), counts);
  const first = counts.subarray(0, comm.rank).reduce((sum, n) => sum + n, 0);
  const rows = counts.reduce((sum, n) => sum + n, 0);
  if (rows === 0) fail('EMPTY', 'calibrateOnRanks needs a batch on at least one rank.');
  const parts = partsOf(layers, options.full);
  const last = parts.at(-1);
  const into = new Float64Array(last ? last.end : 0);
  const sums = yield* RowSums.over(comm, { rows, chunk: 1, own: [first, first + batches.length] });
  yield* sums.allReduce(into, (from, to, all) => {
    for (let i = from; i < to; i++) addMoments(calibrate(network, [batches[i - first]], layers, options), parts, all);
  });
  return new Map(
    parts.flatMap(({ names, inputs, start, end }) => {
      const [samples, numbers] = [into[start], into.subarray(start + 1, end)];
      if (samples === 0) return [];
      const diagonal = numbers.slice(0, inputs);
      const full = options.full ? DenseMatrix.fromColumnMajor(numbers.subarray(inputs), inputs, inputs) : undefined;
      return names.map((name) => [name, { samples, diagonal, full }] as const);
    }),
  );
}

/** The moments of one source of inputs in an array of all: their number, the squares, and the products. */
interface Part {
  readonly names: string[];
  readonly inputs: number;
  readonly start: number;
  readonly end: number;
}

function partsOf(layers: readonly LayerWeights[], full: boolean): readonly Part[] {
  const bySource = new Map<number, Part>();
  let start = 0;
  for (const { name, use, inputs, source } of layers) {
    if (use === 'table') continue;
    const known = bySource.get(source);
    if (known) known.names.push(name);
    else {
      const end = start + 1 + inputs + (full ? inputs ** 2 : 0);
      bySource.set(source, { names: [name], inputs, start, end });
      start = end;
    }
  }
  return [...bySource.values()];
}

function addMoments(found: ReadonlyMap<string, InputMoments>, parts: readonly Part[], into: Float64Array): void {
  for (const { names, start } of parts) {
    const moments = found.get(names[0]);
    if (!moments) continue;
    const { samples, diagonal, full } = moments;
    into[start] += samples;
    let at = start + 1;
    for (const numbers of [diagonal, full?.data ?? []])
      for (let i = 0; i < numbers.length; i++, at++) into[at] += numbers[i];
    full?.free();
  }
}
