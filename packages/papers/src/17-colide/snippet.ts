/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { colide, edgesOf, graphMetrics, simulateGraph, simulateSem } from 'southwell/structure-learning';

// Who acts on whom, learned together with the size of the noise
const truth = simulateGraph({ nodes: 8, edges: 10, seed: 1 });
const X = simulateSem(truth, { n: 1000, variances: 0.5, noise: 'laplace', seed: 2 });
const learned = colide(X, { variance: 'equal' });
console.log(edgesOf(learned.dag), graphMetrics(truth, learned.dag));`;
