import type { LayerWeights } from 'southwell/compression';
import type { ExperimentEvent } from '../experiment.ts';
import type { Masks } from './lab.ts';

const SURVIVORS = 'Weights of the first layer that stay, by pixel';

/** How many of a pixel's weights stay, a picture beside the other for each of the masks. */
export function pixels(all: Readonly<Record<string, Masks>>, { name, inputs, outputs }: LayerWeights): ExperimentEvent {
  const side = Math.sqrt(inputs);
  const names = Object.keys(all);
  const width = names.length * (side + 1) - 1;
  const values = Array.from({ length: width * side }, () => 0);
  for (const [k, masks] of Object.values(all).entries())
    for (let j = 0; j < inputs; j++) {
      let kept = 0;
      for (let i = 0; i < outputs; i++) kept += masks[name][i * inputs + j];
      values[Math.floor(j / side) * width + k * (side + 1) + (j % side)] = kept;
    }
  const value = `weights that stay: ${names.join(', then ')}`;
  return { kind: 'picture', title: SURVIVORS, picture: { type: 'image', width, height: side, values, value } };
}

/** The share of weights that stay in tiles of a layer's matrix, at most 64 × 64 of them. */
export function tiles(all: Readonly<Record<string, Masks>>, layer: LayerWeights): ExperimentEvent {
  const { name, inputs, outputs, turned } = layer;
  const tile = Math.max(1, Math.ceil(Math.max(inputs, outputs) / 64));
  const [rows, columns] = [Math.ceil(outputs / tile), Math.ceil(inputs / tile)];
  const names = Object.keys(all);
  const width = names.length * (columns + 1) - 1;
  const values = Array.from({ length: width * rows }, () => 0);
  for (const [k, masks] of Object.values(all).entries())
    masks[name].forEach((stays, at) => {
      const [i, j] = turned ? [at % outputs, Math.floor(at / outputs)] : [Math.floor(at / inputs), at % inputs];
      values[Math.floor(i / tile) * width + k * (columns + 1) + Math.floor(j / tile)] += stays / tile ** 2;
    });
  const value = `share of weights that stay: ${names.join(', then ')}`;
  const picture = { type: 'image', width, height: rows, values, value } as const;
  return { kind: 'picture', title: 'Weights of the first layer that stay', picture };
}
