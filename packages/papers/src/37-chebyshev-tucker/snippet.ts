/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { chebTucker, chebTuckerFromSeparable, potentialTerms, separateRange, sincNewton } from 'southwell/functional-tensors';

// A function, its ranks, a value, a derivative and the integral over [-1, 1]³
const bump = chebTucker((x, y, z) => 1 / (1 + 25 * (x * x + y * y + z * z)), { tol: 1e-6 });
console.log(bump.degrees, bump.ranks, bump.resolved, bump.errorEstimate);
console.log(bump.at(0.1, 0.2, 0), bump.derivative(0).at(0.1, 0.2, 0), bump.integral());

// The long range of 50 charges, which forms no array
const random = new Random(1);
const positions = Array.from({ length: 50 }, () => [0, 1, 2].map(() => random.uniform() - 0.5));
const charges = positions.map(() => 2 * random.uniform() - 1);
const { long } = separateRange(sincNewton({ zMin: 1e-3, zMax: 3.5, tol: 1e-6 }), 12);
const potential = chebTuckerFromSeparable(potentialTerms(positions, charges, long)).recompress(1e-7);
console.log(potential.ranks, potential.parameters, potential.evaluate([[0, 0, 0], [0.5, 0.5, 0.5]]));`;
