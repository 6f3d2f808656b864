import type * as nn from '@southwell/autodiff/nn';
import type { Picture } from '@southwell/data';

/** Neurons in the picture. */
const COUNT = 12;
const ROWS = ['a', 'b as trained', 'average', 'b in order', 'average'];

/**
 * The incoming weights of the first layer as images: the neurons of a network with the largest weights, those of another at the same
 * places as trained and in order, and the averages. Each neuron of the first is scaled to the range of grey values, and so is what stands below it.
 */
export function neuronPicture(a: nn.Model, b: nn.Model, ordered: nn.Model): Picture {
  const name = Object.keys(a.parameters).find((one) => one.endsWith('weight'))!;
  const [first, second, third] = [a, b, ordered].map((model) => model.parameters[name].data());
  const [neurons, pixels] = a.parameters[name].shape;
  const side = Math.round(Math.sqrt(pixels));
  const lengthOf = (i: number) => {
    let sum = 0;
    for (let j = 0; j < pixels; j++) sum += first[i * pixels + j] ** 2;
    return sum;
  };
  const largest = Array.from({ length: neurons }, (_, i) => i)
    .sort((i, j) => lengthOf(j) - lengthOf(i))
    .slice(0, COUNT);
  const [width, height] = [COUNT * (side + 1), ROWS.length * (side + 1)];
  const values = new Array<number>(width * height).fill(0.5);
  largest.forEach((i, column) => {
    const at = (of: ArrayLike<number>, j: number) => of[i * pixels + j];
    let most = 0;
    for (let j = 0; j < pixels; j++) most = Math.max(most, Math.abs(at(first, j)));
    for (let j = 0; j < pixels; j++) {
      const [x, y, z] = [at(first, j), at(second, j), at(third, j)];
      [x, y, (x + y) / 2, z, (x + z) / 2].forEach((v, row) => {
        const place = (row * (side + 1) + Math.floor(j / side)) * width + column * (side + 1) + (j % side);
        values[place] = Math.min(1, Math.max(0, 0.5 + v / (2 * most)));
      });
    }
  });
  return {
    ...{ type: 'image', width, height, values },
    x: { label: 'neurons of the first layer, largest weights first', at: largest.map((_, k) => k + 1) },
    y: { label: 'network', at: ROWS },
    value: 'weight of each pixel',
  };
}
