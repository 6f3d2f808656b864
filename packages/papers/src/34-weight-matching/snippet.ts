/** Code that readers can copy and run; a test runs it. */
export const snippet = `import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { alignmentScore, matchWeights, modelDistance, permutationSpec, permuteModel } from 'southwell/merging';

// A network, and the same one with its neurons in another order and some noise.
const layer = nn.sequential([nn.linear({ in: 8, out: 32 }), nn.relu(), nn.linear({ in: 32, out: 3 })]);
const a = { layer, parameters: nn.init(layer, ad.randomKey(1)), state: {} };
const spec = permutationSpec(a, ad.randomNormal(ad.randomKey(2), [4, 8], 'f32'));
const [name] = Object.keys(spec.sizes);
const shuffled = permuteModel(a, spec, { [name]: Int32Array.from({ length: 32 }, (_, i) => (5 * i + 3) % 32) });
const noisy = Object.entries(shuffled.parameters).map(([key, t], k) => [
  key,
  ad.add(t, ad.mul(ad.randomNormal(ad.randomKey(k + 3), t.shape, 'f32'), 0.01)),
]);
const b = { ...shuffled, parameters: Object.fromEntries(noisy) };

const { point } = matchWeights(a, b, { spec });
const matched = permuteModel(b, spec, point.permutations);
console.log(modelDistance(a, b), modelDistance(a, matched));
console.log(alignmentScore(a, b, 0.4), alignmentScore(a, matched, 0.4));`;
