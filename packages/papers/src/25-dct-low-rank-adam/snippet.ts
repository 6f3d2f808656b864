/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { adamW, lowRankAdamW, rangesOf, stateBytes } from 'southwell/optimisers';

// A matrix of 64 × 32 that is to be another one, of few cosines: AdamW keeps 2 numbers an entry, DCT-AdamW those of 4 vectors
const wanted = Float64Array.from({ length: 64 * 32 }, (_, k) => Math.sin(Math.floor(k / 32)) * Math.cos((k % 32) / 5));
for (const optimiser of [adamW({ rate: 0.05 }), lowRankAdamW({ rate: 0.05, rank: 4 })]) {
  const x = new Float64Array(64 * 32);
  const state = optimiser.init(x, rangesOf([[64, 32]]));
  for (let step = 0; step < 100; step++) optimiser.step(state, x, x.map((v, k) => v - wanted[k]));
  console.log(optimiser.name, stateBytes(state), Math.hypot(...x.map((v, k) => v - wanted[k])));
}`;
