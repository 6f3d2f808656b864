/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { fitWarmupPower, refineSchedule, tabulatedSchedule } from 'southwell/optimisers';

// Norms of the gradients of 1000 steps: large in the beginning, and rising again at the end
const norms = Float64Array.from({ length: 1000 }, (_, t) => 1 + 4 * Math.exp(-t / 100) + Math.max(0, t - 800) / 100);
const values = refineSchedule(norms);
const { warmup, power } = fitWarmupPower(values);
console.log(values.indexOf(1), warmup.toFixed(2), power.toFixed(2));

// For an optimiser: adamW({ rate })
const rate = tabulatedSchedule({ rate: 0.01, values });
console.log(rate(0), rate(500), rate(999));`;
