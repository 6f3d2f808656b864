/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { linearTargets, targetOptimize } from 'southwell/optimisers';

// A regression whose columns differ in scale by 1000: gradients of the loss are dear, those of the model cheap
const X = Array.from({ length: 50 }, (_, i) => [Math.sin(i), Math.cos(3 * i) / 1000]);
const y = X.map(([a, b]) => a + 500 * b);
const loss = {
  smoothness: 1,
  evaluate(z, batch, gradient) {
    if (gradient) batch.forEach((i, k) => (gradient[k] = z[k] - y[i]));
    return batch.reduce((sum, i, k) => sum + (z[k] - y[i]) ** 2 / 2, 0) / batch.length;
  },
};
const problem = { examples: 50, model: linearTargets(X), loss, start: [0, 0] };
for (const inner of ['armijo', 'lbfgs', 'exact']) {
  const { point, objective } = targetOptimize(problem, { inner, steps: 20, oracleCalls: 3 });
  console.log(inner, point, objective);
}`;
