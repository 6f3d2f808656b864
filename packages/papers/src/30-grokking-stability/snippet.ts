/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { modularArithmetic } from '@southwell/data';
import * as nn from '@southwell/autodiff/nn';
import { adamW, withOrthogonalGradient } from 'southwell/optimisers';
import { trainModel } from 'southwell/training';

// Addition modulo 23: all pairs, 80 % of them to train on
const { classes, train, test } = modularArithmetic({ p: 23, trainShare: 0.8, seed: 1 });
const layers = [46, 100, 100, classes];
const model = nn.sequential(
  layers.slice(1).flatMap((out, k) => {
    const linear = nn.linear({ in: layers[k], out, bias: false });
    return k < 2 ? [linear, nn.relu()] : [linear];
  }),
);
for (const wrap of [(o) => o, withOrthogonalGradient]) {
  const { point } = trainModel(model, train, {
    loss: 'crossEntropy',
    rate: 0.01,
    optimiser: (rate) => wrap(adamW({ rate, weightDecay: 0, beta2: 0.99, epsilon: 1e-25 })),
    batchSize: train.count,
    epochs: 150,
    validation: test,
  });
  console.log(wrap.name || 'AdamW', 'right on pairs never seen:', point.history.accuracy.at(-1));
}`;
