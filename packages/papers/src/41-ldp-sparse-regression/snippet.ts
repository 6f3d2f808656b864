/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { ldpSparseRegression } from 'southwell/private-models';

// Everybody sends one report, with noise of a cryptographic source; the server sees nothing else
const options = { d: 3, epsilon: 6, delta: 1e-6, mode: 'noninteractive', clip: { x: 2.5, y: 2.5 } };
const protocol = ldpSparseRegression(options);
const [client, server] = [protocol.client(), protocol.server()];
const random = new Random(1);
for (let i = 0; i < 20_000; i++) {
  const x = [random.normal(), random.normal(), random.normal()];
  server.aggregate(client.encode(x, 0.8 * x[0] - 0.6 * x[2] + 0.3 * random.normal()));
}
console.log(server.finish().theta);`;
