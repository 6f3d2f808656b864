/** Code that readers can copy and run; a test runs it. */
export const snippet = `import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { pruneIterativeIterates } from 'southwell/compression';

// A network, what it answers, and what a fifth of its weights can still answer.
const layer = nn.sequential([nn.linear({ in: 10, out: 24 }), nn.tanh(), nn.linear({ in: 24, out: 4 })]);
const parameters = nn.init(layer, ad.randomKey(3));
const inputs = ad.randomNormal(ad.randomKey(4), [400, 10], 'f32');
const targets = ad.argmax(nn.apply(layer, parameters, inputs), -1);
const network = { parameters, losses: (p, x, y) => ad.crossEntropy(nn.apply(layer, p, x), y) };
const options = { density: 0.2, steps: 20, blockSize: 64, layers: ['0.weight'] };
for (const { iteration, objective, snapshot } of pruneIterativeIterates(network, { inputs, targets }, options))
  if (iteration % 5 === 0) console.log(iteration, objective, snapshot().density);`;
