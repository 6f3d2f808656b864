// Our side of the benchmark, in a process of its own, so that its peak memory is that of one network: node ours.js NET
// train|infer THREADS prints milliseconds and megabytes as JSON.

import * as ad from '@southwell/autodiff';
import { accelerator } from '@southwell/kernels';
import { adamW } from 'southwell/optimisers';
import { nets } from './nets.ts';
import { type Times, timed } from './timing.ts';

/** Milliseconds of a step and of the first call, which compiles it; peak memory of the process in megabytes, and memory before. */
export interface Figures extends Times {
  readonly first: number;
  readonly peak: number;
  readonly before: number;
}

type T = ad.Tensor;

const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1e3;

/** A training step with Adam, or an inference step. */
function stepOf(name: string, trains: boolean): { step: () => void; calls: number } {
  const { parameters, answer, x, y } = nets[name]();
  const reply = answer as (p: unknown, x: T) => T;
  if (!trains) {
    const program = ad.compile(reply).prepare(parameters, x);
    return { step: () => program.run(), calls: program.steps.length };
  }
  const loss = (p: unknown, x: T): T => ad.mean(y ? ad.crossEntropy(reply(p, x), y) : ad.square(reply(p, x)));
  const program = ad.compile(ad.valueAndGrad(loss)).prepare(parameters, x);
  const { inputs, outputs } = program;
  const optimiser = adamW({ rate: 1e-3, weightDecay: 0 });
  const [own, gradient] = [inputs[0].numbers, outputs[1].numbers];
  const state = optimiser.init(own);
  const step = () => {
    program.run();
    optimiser.step(state, own, gradient);
  };
  return { step, calls: program.steps.length };
}

const [name, what, threads] = process.argv.slice(2);
await ad.useThreads(Number(threads));
const before = peakMegabytes();
const started = performance.now();
const { step, calls } = stepOf(name, what === 'train');
step();
const first = performance.now() - started;
const figures = {
  ...timed(step, 300),
  first,
  before,
  peak: peakMegabytes(),
  calls,
  products: accelerator()?.name ?? 'own',
};
await ad.useThreads(1);
console.log(JSON.stringify(figures));
