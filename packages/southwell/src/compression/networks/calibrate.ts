import { knownKeys, SouthwellError } from '@southwell/numerics/core';
import { type InputMoments, MomentSums } from '../moments.ts';
import { type LayerWeights, type Network, type Use, watchUses } from './layers.ts';

/** Which moments are kept. */
export interface CalibrateOptions {
  /** Products of all pairs of inputs, or only squares. */
  readonly full: boolean;
}

/**
 * Moments of the inputs of some layers over batches. Layers that are multiplied by the same inputs share them. Tables have none.
 * Runs end after the last of these layers. Costs an application of the network for each batch, and O(inputs²) for each row.
 * @throws INVALID_PARAMETER for unknown options; NON_FINITE, with the layer, for inputs that are NaN or infinite; as the network.
 */
export function calibrate<B>(
  network: Network<B>,
  batches: Iterable<B>,
  layers: readonly LayerWeights[],
  options: CalibrateOptions,
): ReadonlyMap<string, InputMoments> {
  knownKeys('calibrate', options, { full: true });
  const { full } = options;
  const wanted = new Map(layers.filter(({ use }) => use !== 'table').map((layer) => [layer.name, layer]));
  const sums = new Map<string, MomentSums>();
  if (wanted.size === 0) return new Map();
  const leaders = new Map<number, string>();
  for (const { name, source } of wanted.values()) if (!leaders.has(source)) leaders.set(source, name);
  const leaderOf = ({ source }: LayerWeights): string => leaders.get(source)!;
  for (const batch of batches) {
    let left = [...wanted.values()].reduce((n, { products }) => n + products, 0);
    watchUses(network, batch, (use) => {
      const { name, inputs, turned, rows } = use;
      const layer = wanted.get(name);
      if (!layer || !rows || layer.turned !== turned) return undefined;
      if (leaderOf(layer) === name) {
        const sum = sums.get(name) ?? new MomentSums(inputs, { full });
        sums.set(name, sum);
        for (const values of rowsOf(use)) addRows(name, sum, values);
      }
      left--;
      return left === 0;
    });
  }
  for (const sum of sums.values()) sum.end();
  return new Map(
    [...wanted.values()].flatMap((layer) => {
      const sum = sums.get(leaderOf(layer));
      return sum ? [[layer.name, sum.moments()] as const] : [];
    }),
  );
}

type Numbers = ArrayLike<number>;

/** The inputs of a use, in the order of the matrix. */
export function* rowsOf({ rows, places }: Use): Generator<Numbers> {
  for (const values of rows!()) yield places ? ordered(values, places) : values;
}

function ordered(values: Numbers, places: Int32Array): Float32Array {
  const out = new Float32Array(values.length);
  const { length } = places;
  for (let from = 0; from < out.length; from += length)
    for (let i = 0; i < length; i++) out[from + places[i]] = values[from + i];
  return out;
}

function addRows(name: string, sum: MomentSums, values: Numbers): void {
  try {
    sum.add(values);
  } catch (error) {
    if (!(error instanceof SouthwellError) || error.code !== 'NON_FINITE') throw error;
    throw new SouthwellError('NON_FINITE', `The inputs of the layer '${name}' are not finite: ${error.message}`);
  }
}
