import { expect, test } from 'vitest';
import { Arena, type Kernels } from '../index.ts';
import { allKernels, uniform } from '../testing.ts';

// Steps of recurrent nets against their twins, bit by bit; what they mean is held to PyTorch where layers are made of them.

type Step = (...args: number[]) => void;
const calls: Readonly<Record<string, (step: Step, h: number, at: (i: number) => number) => void>> = {
  lstmStep: (step, h, at) => step(3, h, at(0), 5 * h, at(500), h, at(600), 2 * h, at(800), h + 1),
  lstmStepBack: (step, h, at) =>
    step(3, h, at(0), 5 * h, at(500), h, at(600), 2 * h, at(800), at(900), at(1000), at(1100), at(1200), 4 * h),
  gruStep: (step, h, at) => step(3, h, at(0), 3 * h, at(300), at(500), h, at(600), 4 * h, at(900), h),
  gruStepBack: (step, h, at) => step(3, h, at(0), 4 * h, at(300), h, at(400), h, at(500), at(600), at(800), 3 * h),
};

test.each(Object.entries(calls))('%s', (name, call) => {
  for (const single of [false, true]) {
    for (const h of [1, 2, 7, 12]) {
      const [wasm, twin] = (['wasm', 'typescript'] as const).map((engine) => {
        const arena = new Arena({ engine });
        const random = uniform(5);
        const block = single ? arena.f32Block(1500) : arena.f64Block(1500);
        block.view.set(Array.from({ length: 1500 }, () => 4 * random() - 2));
        const step = allKernels(arena)[(single ? `s${name}` : name) as keyof Kernels] as Step;
        call(step, h, (i) => block.pointer + i * (single ? 4 : 8));
        return block.view;
      });
      const wrong = wasm.findIndex((v, i) => !Object.is(v, twin[i]));
      expect(wrong < 0 ? '' : `${single ? 'f32' : 'f64'}, ${h}: ${wasm[wrong]} at ${wrong}, twin ${twin[wrong]}`).toBe(
        '',
      );
    }
  }
});
