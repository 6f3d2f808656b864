/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { dynamicSignal } from '@southwell/data';
import { fitPowerLaw, patchNet, sampleComplexity, sampleGrid, trainEquivariant } from 'southwell/training';

// How many examples until at most one sign in twenty is wrong? By the number of patches, with one filter and with one for each.
const counts = [2, 4];
for (const arch of ['cnn', 'lcn']) {
  const needed = counts.map((patches) => {
    const net = patchNet({ arch, patches, patchDim: 8 });
    const { n50, ci } = sampleComplexity({
      generator: (random) => {
        const task = dynamicSignal({ patches, patchDim: 8, sigma: 0.25, seed: random.integer(1000) });
        return { task, validation: task.sample(500) };
      },
      learner: ({ task, validation }, n) => trainEquivariant(net, task.sample(n, 1), { validation }).error,
      target: 0.05,
      grid: sampleGrid(1, 256),
      repetitions: 6,
    });
    console.log(arch, patches, n50, ci);
    return n50;
  });
  console.log(arch, fitPowerLaw(counts, needed).exponent);
}`;
