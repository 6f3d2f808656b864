/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { functionalTucker } from 'southwell/functional-tensors';

// A field at 400 random places, with noise of 0.1
const random = new Random(1);
const field = ([x, t]) => Math.sin(3 * x) * Math.cos(4 * t) + x * Math.sin(5 * t);
const places = Array.from({ length: 400 }, () => [random.uniform(), random.uniform()]);
const values = places.map((at) => field(at) + 0.1 * random.normal());
const model = functionalTucker({ rank: 2 }).fit(places, values);
const where = [[0.3, 0.7], [0.9, 0.1], [1.4, 0.5]];
const { mean, variance } = model.predict(where);
const { low, high } = model.interval(where, 0.9);
where.forEach((at, n) => console.log(field(at), mean[n], Math.sqrt(variance[n]), low[n], high[n]));
console.log('noise', 1 / Math.sqrt(model.noisePrecision));`;
