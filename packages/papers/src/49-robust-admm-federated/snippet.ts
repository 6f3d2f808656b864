/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { federatedWls, predictedDrift, wlsReference } from 'southwell/distributed-methods';
import { Random } from 'southwell';

// Twenty clients with thirty rows each, of which four take part in a round, over noisy links.
const random = new Random(1);
const clients = Array.from({ length: 20 }, () => {
  const X = Array.from({ length: 30 }, () => Float64Array.from({ length: 4 }, () => random.normal()));
  return { X, y: X.map(([a, b]) => 2 * a - b + random.normal()) };
});
const noise = { up: 1e-4, down: 1e-4 };
const best = wlsReference(clients).w;

for (const method of ['robust', 'dual']) {
  const { w, history } = federatedWls(clients, { method, rho: 5, perRound: 4, rounds: 600, noise });
  const error = Math.hypot(...w.map((v, j) => v - best[j]));
  console.log(method, error, history.at(-1).floatsUp); // distance from the solution of all rows, and numbers sent up
}
console.log(predictedDrift(clients, 5, 4, noise)); // how much the squared distance grows in each round
`;
