/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { aggregate, attackGradients, attacks } from 'southwell/distributed-methods';

// Fifteen workers have the same gradient with noise; the last three send the mean of the others less 1.5 standard deviations.
const random = new Random(1);
const truth = Float64Array.from({ length: 1000 }, () => random.normal());
const gradients = Array.from({ length: 15 }, () => truth.map((v) => v + 3 * random.normal()));
const sent = attackGradients(gradients, 3, attacks.littleIsEnough());

const cosine = (d) => {
  const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
  return dot(d, truth) / Math.sqrt(dot(d, d) * dot(truth, truth));
};
// Without the subspace, the flag aggregator is the mean of unit gradients.
for (const rule of ['flag', 'normalized-mean', 'multi-krum', 'trimmed-mean', 'mean']) {
  const { direction } = aggregate(sent, { rule, ...(['multi-krum', 'trimmed-mean'].includes(rule) && { f: 3 }) });
  console.log(rule, cosine(direction));
}`;
