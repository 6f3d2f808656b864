/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { simulateGraph, simulateSem, topo } from 'southwell/structure-learning';

// The graph behind a table, by swapping places in an order of the variables while that pays
const truth = simulateGraph({ nodes: 8, edges: 10, seed: 1 });
const X = simulateSem(truth, { n: 1000, variances: 1, seed: 2 });
const found = topo(X);
console.log(found.order, found.objective);`;
