/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { gilbertElliott, sequentialCode, simulateStragglers, tuneCode } from 'southwell/distributed-methods';

// Sixteen workers that are slow now and then; all data would take eight times as long as the rest of a round.
const [earlier, later] = [1, 2].map((seed) => gilbertElliott({ n: 16, rounds: 63, seed }));
const table = tuneCode(earlier, { n: 16, slope: 8, waitFor: 'all' });

for (const kind of ['m-sgc', 'sr-sgc', 'gc', 'none']) {
  const { options } = table.find((one) => one.options.kind === kind);
  const { runtime } = simulateStragglers(sequentialCode(options), later, { jobs: 60, loadSlope: 8, waitFor: 'all' });
  console.log(options, runtime); // on rounds that did not choose
}`;
