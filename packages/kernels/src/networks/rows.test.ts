import { expect, test } from 'vitest';
import { Arena, type Kernels } from '../index.ts';
import { allKernels, uniform } from '../testing.ts';

// Kernels over tensors against their twins, bit by bit, on the same memory. What they mean is held to differences and to
// other libraries where operations are made of them.

const COUNT = 4096;

/** Memory of one engine: numbers, then places (i32) that are whole numbers below 4. */
function memory(engine: 'wasm' | 'typescript', single: boolean) {
  const arena = new Arena({ engine });
  const random = uniform(3);
  const numbers = single ? arena.f32Block(COUNT) : arena.f64Block(COUNT);
  numbers.view.set(Array.from({ length: COUNT }, () => 6 * random() - 3));
  const places = arena.i32Block(64);
  places.view.set(Array.from({ length: 64 }, () => Math.floor(random() * 4)));
  const size = single ? 4 : 8;
  return { arena, numbers, places, at: (i: number) => numbers.pointer + i * size };
}

type At = (i: number) => number;
type Call = (
  kernels: Kernels,
  s: (name: string) => (...args: Array<number | boolean>) => number,
  at: At,
  places: number,
) => unknown;

const calls: Record<string, Call> = {};
for (const op of [0, 1, 2]) {
  for (const [outer, length, inner] of [
    [3, 7, 1],
    [1, 2050, 1],
    [2, 5, 3],
    [2, 9, 23],
    [1, 300, 5],
    [0, 4, 2],
    [2, 1, 4],
  ]) {
    calls[`reduceAxis ${op} of ${outer} ${length} ${inner}`] = (_, k, at) =>
      k('reduceAxis')(op, outer, length, inner, at(0), at(3000));
  }
}
for (const reverse of [false, true]) {
  calls[`cumulativeSum ${reverse}`] = (_, k, at) => k('cumulativeSum')(reverse, 2, 5, 7, at(0), at(3000));
}
for (const m of [1, 2, 5, 9, 64, 1030]) {
  const rows = m > 100 ? 1 : 3;
  for (const logs of [false, true]) {
    calls[`softmaxRows ${m} ${logs}`] = (_, k, at) => k('softmaxRows')(logs, rows, m, 0, at(0), at(2000));
    calls[`softmaxBackward ${m} ${logs}`] = (_, k, at) =>
      k('softmaxBackward')(logs, rows, m, at(0), at(1100), at(2200));
  }
  for (const centred of [false, true]) {
    calls[`normRows ${m} ${centred}`] = (_, k, at) =>
      k('normRows')(centred, rows, m, 1e-5, at(0), at(1100), at(1100), at(2200), at(3300), at(3400));
    calls[`normBackward ${m} ${centred}`] = (_, k, at) =>
      k('normBackward')(
        centred,
        rows,
        m,
        at(0),
        at(20),
        at(40),
        at(50),
        at(1),
        at(1100),
        at(2200),
        at(3300 - (m > 500 ? 60 : 0)),
      );
  }
}
calls.causal = (_, k, at) => k('softmaxRows')(false, 10, 6, 5, at(0), at(2000));
for (const m of [4, 7, 33]) {
  calls[`crossEntropyRows ${m}`] = (_, k, at, places) => k('crossEntropyRows')(9, m, at(0), places, at(2000), at(2100));
  calls[`crossEntropyBackward ${m}`] = (_, k, at, places) =>
    k('crossEntropyBackward')(9, m, at(0), places, at(2000), at(2100), at(2200));
}
calls['a target that is no class'] = (_, k, at, places) =>
  k('crossEntropyRows')(60, 3, at(0), places, at(2000), at(2100));
for (const [c, kh, kw, sh, sw, dh, dw, top, left] of [
  [1, 3, 3, 1, 1, 1, 1, 1, 1],
  [5, 2, 3, 2, 1, 1, 2, 0, 2],
  [40, 1, 2, 1, 1, 1, 1, 0, 0],
]) {
  for (const name of ['unfoldWindows', 'foldWindows']) {
    calls[`${name} ${c} ${kh} ${kw} ${dw}`] = (_, k, at) =>
      k(name)(4, 5, c, kh, kw, sh, sw, dh, dw, top, left, 2, 3, at(0), at(2000));
  }
}
for (const c of [1, 4, 7]) {
  calls[`maxPool ${c}`] = (_, k, at, places) =>
    k('maxPool')(0, 2, 4, 5, c, 2, 3, 2, 1, 1, 1, 2, 4, at(0), at(2000), places);
  for (const back of [false, true]) {
    calls[`sumPool ${c} ${back}`] = (_, k, at) =>
      k('sumPool')(back, 2, 4, 5, c, 2, 3, 2, 1, 1, 1, 2, 4, at(0), at(2000));
  }
}
for (const back of [false, true]) {
  for (const inner of [1, 5, 33]) {
    calls[`takeRows ${inner} ${back}`] = (_, k, at, places) =>
      k('takeRows')(back, 2, 11, 4, inner, inner, places, at(0), at(2000));
    calls[`takeRows ${inner} of more columns ${back}`] = (_, k, at, places) =>
      k('takeRows')(back, 2, 11, 4, inner, inner + 3, places, at(0), at(2000));
  }
  calls[`takePlaces ${back}`] = (_, k, at, places) => k('takePlaces')(back, 3, 9, 4, places, at(0), at(2000));
  calls[`takeRows outside ${back}`] = (_, k, at, places) =>
    k('takeRows')(back, 1, 20, 2, 3, 3, places, at(0), at(2000));
}
for (const l2 of [0, 0.1]) {
  for (const most of [0, 800]) {
    calls[`adamStep ${l2} ${most}`] = (_, k, at) =>
      k('adamStep')(101, 0.9, 0.999, 0.01, 1.5, 1e-8, 0.99, l2, at(0), at(200), at(400), most && at(most), at(600));
  }
  for (const nesterov of [false, true]) {
    for (const momentum of [0, 200]) {
      calls[`sgdStep ${l2} ${nesterov} ${momentum}`] = (_, k, at) =>
        k('sgdStep')(103, 0.01, 0.9, l2, 0.98, nesterov, at(0), momentum && at(momentum), at(600));
    }
  }
  calls[`adagradStep ${l2}`] = (_, k, at) => k('adagradStep')(102, 0.1, 1e-10, l2, at(0), at(400), at(600));
}
for (const n of [0, 1, 7, 8, 9, 64, 1003]) calls[`sumOfSquares ${n}`] = (_, k, at) => k('sumOfSquares')(n, at(0));

test.each(Object.entries(calls))('%s', (_, call) => {
  for (const single of [false, true]) {
    const [wasm, twin] = (['wasm', 'typescript'] as const).map((engine) => {
      const m = memory(engine, single);
      const named = (name: string) =>
        allKernels(m.arena)[(single ? `s${name}` : name) as keyof Kernels] as (...args: unknown[]) => number;
      // Second moments are not negative.
      m.numbers.view.set(m.numbers.view.subarray(400, 501).map(Math.abs), 400);
      const given = call(allKernels(m.arena), named as never, m.at, m.places.pointer);
      return { given: given ?? null, numbers: m.numbers.view, places: m.places.view };
    });
    expect(wasm.given).toEqual(twin.given);
    const wrong = wasm.numbers.findIndex((v, i) => !Object.is(v, twin.numbers[i]));
    expect(
      wrong < 0 ? '' : `${single ? 'f32' : 'f64'} at ${wrong}: ${wasm.numbers[wrong]}, twin ${twin.numbers[wrong]}`,
    ).toBe('');
    expect(wasm.places).toEqual(twin.places);
  }
});
