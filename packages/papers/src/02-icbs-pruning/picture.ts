import type { LayerWeights } from 'southwell/compression';
import type { ExperimentEvent } from '../experiment.ts';
import type { Masks } from './lab.ts';

export const SURVIVORS = 'Weights of the first layer that stay, by pixel';

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
