import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { hasChromium, launch } from './chromium.ts';

const dist = fileURLToPath(new URL('../../packages/southwell/dist/', import.meta.url));
const autodiff = fileURLToPath(new URL('../../packages/autodiff/dist/index.js', import.meta.url));
const built = existsSync(autodiff);

/** Every elementwise function, sums, norms, products, factorisations and a net, by values, gradients and second
 * derivatives, and what optimisers make of the net, as bits in one text. */
const program = `
import * as ad from ${JSON.stringify(autodiff)};
import * as optimisers from ${JSON.stringify(join(dist, 'optimisers/index.js'))};

export function bits() {
  const out = [];
  const note = (name, tree) => {
    let hash = 2166136261;
    for (const t of ad.leavesOf(tree)) {
      for (const byte of new Uint8Array(t.data().buffer)) hash = Math.imul(hash ^ byte, 16777619);
    }
    out.push(name + ' ' + (hash >>> 0).toString(16));
  };
  for (const dtype of ['f32', 'f64']) {
    const key = ad.randomKey(3);
    const draw = (part, shape) => ad.randomNormal(ad.foldIn(key, part), shape, dtype);
    const x = draw(1, [5, 7]);
    const unary = 'neg abs sign exp expm1 tanh sigmoid relu gelu silu softplus sin cos erf square'.split(' ');
    const positive = 'sqrt log log1p reciprocal'.split(' ');
    const more = {
      pow: (t) => ad.pow(ad.abs(t), t), softmax: ad.softmax, logSoftmax: ad.logSoftmax, layerNorm: (t) => ad.layerNorm(t),
      rmsNorm: (t) => ad.rmsNorm(t), cumsum: ad.cumsum, logsumexp: (t) => ad.logsumexp(t, 0), variance: (t) => ad.variance(t),
      prod: ad.prod, sort: (t) => ad.sort(t).values, dct: ad.dct, matmul: (t) => ad.matmul(t, ad.transpose(t)),
      conv2d: (t) => ad.conv2d(ad.reshape(t, [1, 5, 7, 1]), ad.reshape(ad.slice(t, [0, 3], [0, 3]), [3, 3, 1, 1]), { padding: 1 }),
      depthwise: (t) => ad.conv2d(ad.reshape(ad.slice(t, undefined, [0, 6]), [1, 5, 2, 3]), ad.reshape(ad.slice(t, [0, 4], [0, 6]), [2, 2, 1, 6]), { padding: 1, groups: 3 }),
      groups: (t) => ad.conv2d(ad.reshape(t, [1, 1, 5, 7]), ad.reshape(t, [1, 5, 7, 1]), { padding: [0, 2], groups: 1 }),
      turns: (t) => ad.sin(ad.mul(t, 1e9)), powers: (t) => ad.pow(ad.add(ad.abs(t), 0.1), 31.7),
      attention: (t) => ad.attention(...[t, ad.mul(t, 2), ad.sin(t)].map((u) => ad.reshape(u, [1, 5, 1, 7])), { causal: true }),
      lstm: (t) => ad.lstm(ad.reshape(ad.slice(t, [0, 4]), [1, 7, 4]), ad.reshape(ad.slice(t, 4, [0, 4]), [4, 1]), ad.full([1, 1], 0.1, dtype), ad.full([1, 1], 0.2, dtype)).y,
      gru: (t) => ad.gru(ad.reshape(ad.slice(t, [0, 3]), [1, 7, 3]), ad.reshape(ad.slice(t, 4, [0, 3]), [3, 1]), ad.slice(t, 4, [3, 6]), ad.full([1, 1], 0.1, dtype)),
      cholesky: (t) => ad.cholesky(ad.add(ad.matmul(t, ad.transpose(t)), ad.reshape(ad.tensor([1,0,0,0,0,0,1,0,0,0,0,0,1,0,0,0,0,0,1,0,0,0,0,0,1], { dtype }), [5, 5]))),
    };
    const wide = draw(7, [7, 30]);
    const square = ad.add(ad.matmul(ad.transpose(wide), wide), ad.reshape(ad.tensor(Array.from({ length: 900 }, (_, i) => (i % 31 === 0 ? 1 : 0)), { dtype }), [30, 30]));
    Object.assign(more, {
      scan: (t) => ad.scan((c, r) => [ad.tanh(ad.add(c, r)), ad.mul(c, r)], ad.full([7], 0.2, dtype), t)[1],
      atan: (t) => ad.atan2(t, ad.cosh(t)), lgamma: (t) => ad.lgamma(ad.add(ad.square(t), 0.5)), pinv: ad.pinv,
      qr: (t) => ad.qr(t)[1], svd: (t) => ad.svd(t)[1], expm: (t) => ad.expm(ad.slice(t, null, [0, 5])),
      slogdet: (t) => ad.logDet(ad.slice(t, null, [0, 5])), eigh: (t) => ad.eigh(ad.slice(t, null, [0, 5]))[0],
      solve: (t) => ad.solve(ad.add(square, ad.sum(t)), ad.transpose(wide)),
      'cholesky of 30': (t) => ad.cholesky(ad.add(square, ad.mul(ad.sum(ad.square(t)), 0.01))),
    });
    const all = { ...more };
    for (const name of unary) all[name] = ad[name];
    for (const name of positive) all[name] = (t) => ad[name](ad.add(ad.abs(t), 0.5));
    for (const [name, f] of Object.entries(all)) {
      const loss = (t) => ad.sum(ad.mul(f(t), 0.7));
      note(dtype + ' ' + name, [f(x), ad.compile(ad.grad(loss))(x), ad.compile((t, d) => ad.hvp(loss, [t], d))(x, draw(2, [5, 7]))]);
    }
    const p = { w: draw(4, [7, 9]), b: draw(5, [9]), v: draw(6, [9, 3]) };
    const loss = (q, t) => ad.mean(ad.crossEntropy(ad.matmul(ad.dropout(ad.linear(t, q.w, q.b, 'relu'), 0.3, key), q.v), ad.tensor(Int32Array.of(0, 1, 2, 1, 0))));
    const train = ad.compile(ad.valueAndGrad(loss)).prepare(p, x);
    for (let step = 0; step < 50; step++) {
      train.run();
      const [weights, slope] = [train.inputs[0].data, train.outputs[1].data];
      for (let i = 0; i < weights.length; i++) weights[i] -= 0.1 * slope[i];
    }
    note(dtype + ' trained', train.inputs[0].tree);
    const rules = [
      optimisers.sgd({ rate: optimisers.exponentialDecay({ rate: 0.1, factor: 0.97 }), momentum: 0.9, nesterov: true }),
      optimisers.adamW({ rate: optimisers.cosineDecay({ rate: 0.03, steps: 30, warmup: 3 }) }),
      optimisers.adagrad({ rate: 0.1 }),
      optimisers.muon({ rate: 0.02 }),
    ];
    for (const rule of rules) {
      const own = ad.compile(ad.valueAndGrad(loss)).prepare(p, x);
      const state = rule.init(own.inputs[0].data, optimisers.rangesOf(ad.leavesOf(p).map((t) => t.shape)));
      for (let step = 0; step < 30; step++) {
        own.run();
        optimisers.clipNorm(own.outputs[1].data, 1);
        rule.step(state, own.inputs[0].data, own.outputs[1].data);
      }
      note(dtype + ' trained by ' + rule.name, own.inputs[0].tree);
    }
  }
  return out;
}
`;

test.skipIf(!hasChromium || !built)(
  'the same bits in Node and in Chromium (needs /usr/bin/chromium and a build)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'southwell-bits-'));
    const outfile = join(folder, 'bits.mjs');
    const browser = await launch();
    try {
      const { outputFiles } = await build({
        stdin: { contents: program, resolveDir: dist, loader: 'js' },
        ...{
          bundle: true,
          format: 'iife',
          globalName: 'southwellBits',
          conditions: ['modules'],
          external: ['node:*'],
          write: false,
          logLevel: 'error',
        },
      });
      await build({
        stdin: { contents: program, resolveDir: dist, loader: 'js' },
        ...{ bundle: true, format: 'esm', conditions: ['modules'], external: ['node:*'], outfile, logLevel: 'error' },
      });
      const { bits } = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as { bits: () => string[] };
      const expected = bits();
      expect(expected.length).toBeGreaterThan(60);
      const page = await browser.newPage();
      await page.addScriptTag({ content: outputFiles[0].text });
      const found = await page.evaluate('southwellBits.bits()');
      expect(found).toEqual(expected);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
