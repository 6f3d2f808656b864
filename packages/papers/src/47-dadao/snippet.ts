/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { barbellGraph, dadao, gossipRates, graphSpectrum } from 'southwell/distributed-methods';

// Sixteen nodes in two groups with one link between them; node i wants to be at i.
const graph = barbellGraph(16);
const local = Array.from({ length: 16 }, (_, i) => ({
  gradient(x, into) {
    into[0] = x[0] - i;
  },
}));
const problem = { local, graph, mu: 1, L: 1, start: [0] };

for (const rates of ['uniform', gossipRates(graph).point.p]) {
  const { point, trace } = dadao(problem, { rates, optimum: [7.5], tol: 1e-8 });
  console.log(point.mean, trace.at(-1).metrics); // gradients and communications
}
console.log(graphSpectrum(graph).scale); // communications per unit of time with uniform rates
`;
