/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { optimizeThroughNetwork } from 'southwell/black-box';

// Two outputs of two inputs, with a kink; where are they nearest to (0.9, 0.5)?
const network = {
  value: ([a, b]) => [Math.tanh(a + 2 * b), Math.max(0, b - a)],
  vjp([a, b], [u, v]) {
    const slope = u * (1 - Math.tanh(a + 2 * b) ** 2);
    const kink = b > a ? v : 0;
    return [slope - kink, 2 * slope + kink];
  },
};
const objective = {
  value: ([p, q]) => (p - 0.9) ** 2 + (q - 0.5) ** 2,
  gradient: ([p, q]) => [2 * (p - 0.9), 2 * (q - 0.5)],
};
const { point, objective: distance, evaluations, gradientCalls } = optimizeThroughNetwork({ network, objective, x0: [0, 0] });
console.log([...point].map((v) => v.toFixed(3)).join(' '), distance.toExponential(1), evaluations, gradientCalls);`;
