/** Code that readers can copy and run; a test runs it. */
export const snippet = `import * as nn from '@southwell/autodiff/nn';
import { zoGradient } from 'southwell/black-box';
import { zoTrain } from 'southwell/training';

// Any function: here one that counts what it is asked
let asked = 0;
const f = (x) => (asked++, (x[0] - 1) ** 2 + 10 * x[1] ** 2);
console.log(zoGradient(f, [0, 1], { estimator: 'cge-central' }).gradient, asked);

// A network by values of its loss alone, with half of its weights active at a time
const values = Float64Array.from({ length: 400 }, (_, i) => Math.sin(7 * i * i));
const classes = Int32Array.from({ length: 200 }, (_, i) => Number(values[2 * i] * values[2 * i + 1] > 0));
const data = { count: 200, inputs: { values, shape: [2] }, targets: { values: classes, shape: [] } };
const model = nn.sequential([nn.linear({ in: 2, out: 12 }), nn.relu(), nn.linear({ in: 12, out: 2 })]);
const { point, objective } = zoTrain(model, data, { loss: 'crossEntropy', steps: 200, sparsity: 0.5 });
console.log(objective, point.queries, point.ratios);`;
