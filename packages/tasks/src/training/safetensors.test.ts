import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { openSafetensors, readSafetensors, writeSafetensors } from '@southwell/data';
import { expect, test } from 'vitest';

/** Models through files of safetensors: what nn gives is what data writes, and what data reads is what nn takes. */

const layer = nn.sequential({
  body: nn.sequential([
    nn.conv2d({ in: 1, out: 2, kernel: 3, padding: 'same' }),
    nn.batchNorm({ features: 2 }),
    nn.gelu(),
  ]),
  head: nn.sequential([nn.flatten(), nn.linear({ in: 18, out: 2 })]),
});
const parameters = nn.init(layer, ad.randomKey(2));
const state = ad.mapTree((x) => ad.add(x, 0.5), nn.initState(layer));
const x = ad.randomNormal(ad.randomKey(3), [2, 3, 3, 1], 'f32');

test('a model comes back from a file alone, with its bits', async () => {
  const bytes = writeSafetensors(nn.saveModel(layer, parameters, { state, metadata: { note: 'x' } }));
  const { metadata } = readSafetensors(bytes);
  expect(metadata).toEqual({ note: 'x', 'southwell.architecture': nn.architectureJson(layer) });
  const opened = await openSafetensors(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  for (const file of [readSafetensors(bytes), await opened.readAll()]) {
    const model = nn.loadModel(file);
    expect(model.layer).toEqual(layer);
    expect(nn.apply(model.layer, model.parameters, x, { state: model.state }).data()).toEqual(
      nn.apply(layer, parameters, x, { state }).data(),
    );
  }
  expect(() => nn.loadModel(bytes as never)).toThrow('readSafetensors(bytes)');
});

test('in halves, with the architecture beside, under other names', () => {
  const saved = readSafetensors(writeSafetensors(nn.saveModel(layer, parameters, { state }), { dtype: 'F16' }));
  const renamed = Object.entries(saved.tensors).map(([name, t]) => [`model.${name}`, t]);
  const foreign = writeSafetensors({ tensors: Object.fromEntries(renamed) });
  const model = nn.loadModel(readSafetensors(foreign), {
    architecture: nn.architectureJson(layer),
    rename: (name) => name.replace(/^model\./, ''),
  });
  for (const [name, p] of Object.entries(parameters))
    expect(model.parameters[name].data()).toEqual(ad.roundToHalf(p).data());
});

test('PyTorch’s packed attention is taken apart, whatever the type of its numbers', () => {
  const own = nn.multiHeadAttention({ width: 4, heads: 2 });
  const p = ad.mapTree(ad.roundToHalf, nn.init(own, ad.randomKey(1)));
  const packed = {
    ...Object.fromEntries(
      (['weight', 'bias'] as const).map((what) => [
        `in_proj_${what}`,
        ad.concat(['query', 'key', 'value'].map((part) => p[`${part}.${what}`])),
      ]),
    ),
    ...{ 'out_proj.weight': p['out.weight'], 'out_proj.bias': p['out.bias'] },
  };
  for (const dtype of ['F32', 'F16', 'F64'] as const) {
    const file = readSafetensors(writeSafetensors({ tensors: nn.storedTensors(packed) }, { dtype }));
    const model = nn.loadModel(file, { architecture: own });
    for (const [name, t] of Object.entries(p)) expect(model.parameters[name].data(), name).toEqual(t.data());
  }
});
