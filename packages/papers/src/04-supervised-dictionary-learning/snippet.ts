/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { supervisedDictionary } from 'southwell/factorisation';

// Two patterns that rebuild samples and tell their labels
const random = new Random(1);
const parts = [[1, 2, 3, 0, 0, 0], [0, 0, 0, 3, 2, 1]];
const weights = Array.from({ length: 200 }, () => [random.uniform(), random.uniform()]);
const X = weights.map(([a, b]) => parts[0].map((v, i) => a * v + b * parts[1][i] + 0.1 * random.uniform()));
const y = weights.map(([a, b]) => (a > b ? 'first' : 'second'));
const fit = supervisedDictionary({ rank: 2, xi: 1 }).fit(X.slice(0, 150), y.slice(0, 150));
const right = fit.predict(X.slice(150)).filter((label, s) => label === y[150 + s]).length;
console.log(right + ' of 50 right', fit.reconstructionError);`;
