import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import type { PermutationSpec } from 'southwell/merging';
import { nulls } from '../verdicts/nulls.ts';
import type { partsOf } from './directions.ts';
import type { Arm, matchedBy } from './matched.ts';
import { record } from './record.ts';

interface Options {
  readonly spec: PermutationSpec;
  readonly method?: string;
  readonly noise?: number;
}
type Match = (a: nn.Model, b: nn.Model, options: Options) => { readonly point: { readonly permutations: object } };
type Matched = typeof matchedBy;
type Parts = typeof partsOf;

const match = { module: 'southwell/merging/match', name: 'matchWeights' } as const;
const matched = { module: 'papers/34-weight-matching/matched', name: 'matchedBy' } as const;
const parts = { module: 'papers/34-weight-matching/directions', name: 'partsOf' } as const;

/** Another order in place of that of an arm. */
const instead =
  (of: Arm, other: Arm) =>
  (original: Matched): Matched =>
  (arm, ...rest) =>
    original(arm === of ? other : arm, ...rest);

const byWeights = ['barrier', 'alignment', 'three-networks', 'width'] as const;
const onFashion = ['fashion-barrier', 'fashion-three', 'fashion-width'] as const;
const onLanguage = ['fine-tuned', 'language-seeds'] as const;

export default nulls(record, [
  {
    id: 'as-trained',
    says: 'with neurons left as they are in place of matching',
    kinds: ['nothing'],
    claims: [...byWeights, ...onFashion, ...onLanguage, 'strong-directions'],
    ...match,
    by: (): Match => () => ({ point: { permutations: {} } }),
  },
  {
    id: 'activations-not-matched',
    says: 'with neurons left as they are in place of matched activations',
    kinds: ['nothing'],
    claims: ['activations'],
    ...matched,
    by: instead('activations', 'none'),
  },
  {
    id: 'random-order',
    says: 'with a random order in place of that of matched weights',
    kinds: ['baseline'],
    claims: [...byWeights, ...onFashion, ...onLanguage],
    ...matched,
    by: instead('weights', 'random'),
  },
  {
    id: 'random-for-strong',
    says: 'with a random order in place of that of strong directions',
    kinds: ['baseline'],
    claims: ['strong-directions'],
    ...matched,
    by: instead('strong', 'random'),
  },
  {
    id: 'random-for-activations',
    says: 'with a random order in place of that of matched activations',
    kinds: ['unequal'],
    claims: ['activations'],
    ...matched,
    by: instead('activations', 'random'),
  },
  {
    id: 'weak-directions',
    says: 'with the weak singular directions matched in place of all weights',
    kinds: ['ingredient'],
    claims: ['barrier', 'alignment', 'width', 'fashion-barrier', 'fashion-width'],
    ...matched,
    by: instead('weights', 'weak'),
  },
  {
    id: 'weak-for-strong',
    says: 'with the weak singular directions in place of the strong ones',
    kinds: ['ingredient'],
    claims: ['strong-directions'],
    ...parts,
    by:
      (original: Parts): Parts =>
      (...of) => {
        const { weak } = original(...of);
        return { strong: weak, weak };
      },
  },
  {
    id: 'one-example',
    says: 'with the activations of a single example',
    kinds: ['ingredient'],
    claims: ['activations'],
    ...matched,
    by:
      (original: Matched): Matched =>
      (arm, a, b, given, ...rest) =>
        original(
          arm,
          a,
          b,
          arm === 'activations' ? { ...given, inputs: ad.slice(given.inputs, [0, 1]) } : given,
          ...rest,
        ),
  },
  {
    id: 'learned-from-first',
    says: 'with permutations that are learned from the weights of the first network on',
    kinds: ['ingredient'],
    claims: ['three-networks', 'fashion-three'],
    ...matched,
    by:
      (original: Matched): Matched =>
      (arm, a, b, given, ...rest) =>
        original(arm, a, b, { ...given, learning: given.learning && { ...given.learning, noise: 0 } }, ...rest),
  },
  {
    id: 'without-stream',
    says: 'without a permutation of the residual stream',
    kinds: ['ingredient'],
    claims: [...onLanguage],
    ...match,
    by:
      (original: Match): Match =>
      (a, b, options) => {
        const { sizes } = options.spec;
        // It is the one that the embeddings are the first to have.
        const [stream] = Object.keys(sizes);
        const others = Object.fromEntries(Object.entries(sizes).filter(([name]) => name !== stream));
        return original(a, b, { ...options, spec: { ...options.spec, sizes: others } });
      },
  },
]);
