/** Code that readers can copy and run; a test runs it. */
export const snippet = `import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from 'southwell';
import { compressToCodebooks } from 'southwell/compression';

// A network of three layers, and 300 inputs that depend on each other.
const layer = nn.sequential([
  nn.linear({ in: 20, out: 32 }), nn.relu(), nn.linear({ in: 32, out: 32 }), nn.relu(), nn.linear({ in: 32, out: 3 }),
]);
const model = { layer, parameters: nn.init(layer, ad.randomKey(1)), state: {} };
const random = new Random(1);
const rows = Array.from({ length: 300 }, () => {
  const hidden = Array.from({ length: 5 }, () => random.normal());
  return Array.from({ length: 20 }, (_, j) => hidden[j % 5] + 0.2 * random.normal());
});
const x = ad.tensor(rows, { dtype: 'f32' });

// Two bits a weight: nearest values, values learned, values and the place of every weight learned.
const y = nn.apply(layer, model.parameters, x);
for (const options of [{ mapping: 'none', values: false }, { mapping: 'none' }, {}]) {
  const { point } = compressToCodebooks(model, [x], { bits: 2, ...options });
  const error = ad.mean(ad.square(ad.sub(nn.apply(layer, point.model.parameters, x), y))).item();
  console.log(error, point.bytes, point.layers.map(({ moved }) => moved));
}`;
