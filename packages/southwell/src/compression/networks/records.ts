import {
  choiceOption,
  fail,
  flagOption,
  integerOption,
  numberOption,
  type OptionsOf,
  otherOption,
  seedOption,
} from '@southwell/numerics/core';
import type { Pattern } from '../masks.ts';
import { type CompressionMethodName, compressionMethods } from '../methods.ts';

const titles = Object.fromEntries(
  Object.entries(compressionMethods).map(([name, { title }]) => [name, title]),
) as Record<CompressionMethodName, string>;
const quantising = { method: ['gptq', 'codebooks', 'jlcm'] };
const pruning = { method: ['magnitude', 'wanda', 'nowag', 'sparsegpt', 'icbs'] };

/** The options of compression that people are asked for. */
export const compressRecords = {
  /** How the weights of a layer are compressed. */
  method: choiceOption(titles, {
    title: 'Method',
    about: 'how weights are compressed',
    argument: 'name',
    default: 'int8',
  }),
  /** Of methods that prune: the share of weights that stay. Default 0.5. */
  density: numberOption(
    { min: 0, max: 1 },
    {
      title: 'Density',
      about: 'share of the weights that stay',
      argument: 'share',
      otherwise: '0.5, or {pattern}',
      only: pruning,
    },
  ),
  /** Of methods that prune: how many of consecutive inputs stay, as 2:4. In place of `density`. */
  pattern: otherOption<string>('two whole numbers such as 2:4', (value) => parsedPattern(value) !== undefined),
  /** Of methods that quantise: bits of a weight, from 1 to 8. Default 4. */
  bits: integerOption(
    { min: 1, max: 8 },
    { title: 'Bits', about: 'bits of a weight', argument: 'count', default: 4, only: quantising },
  ),
  /** Codebooks of a layer, each of a run of its outputs. Default 1. */
  groups: integerOption(
    { min: 1 },
    {
      ...{ title: 'Codebooks of a layer', about: 'codebooks of a layer, each for a run of outputs', argument: 'count' },
      ...{ default: 1, only: { method: ['codebooks', 'jlcm'] }, form: { advanced: true } },
    },
  ),
  /** Size of the blocks of factored weights. Default 32. */
  blockSize: integerOption(
    { min: 4 },
    {
      ...{ title: 'Block size', about: 'rows and columns of a block', argument: 'count', default: 32 },
      ...{ only: { method: ['armor'] }, form: { advanced: true } },
    },
  ),
  /** Steps of the fit of factored weights. Default 600. */
  steps: integerOption(
    { min: 0 },
    {
      ...{ title: 'Steps', about: 'steps of the fit of a layer, or blocks that are decided', argument: 'count' },
      ...{ otherwise: '600; for icbs 150', only: { method: ['armor', 'icbs'] }, form: { advanced: true } },
    },
  ),
  /** Whether the numbers that remain are chosen anew, by least squares on the outputs of the dense layer. Default false. */
  reconstruct: flagOption({
    title: 'Reconstruct',
    about: 'choose the numbers that remain anew, by least squares on the outputs of each layer',
    default: false,
  }),
  /** The inputs on which a layer is calibrated: of the network compressed up to it, or of the dense one. Default `compressed`. */
  inputs: choiceOption(
    { compressed: 'of the network compressed so far', dense: 'of the dense network' },
    {
      ...{ title: 'Inputs of layers', about: 'inputs on which each layer is calibrated', argument: 'which' },
      ...{ default: 'compressed', form: { advanced: true } },
    },
  ),
  /** Seed of what is random. Default 0. */
  seed: seedOption('seed of what is random'),
} as const;

function parsedPattern(value: unknown): { readonly keep: number; readonly of: number } | undefined {
  const match = typeof value === 'string' ? /^(\d{1,2}):(\d{1,2})$/.exec(value) : null;
  const [keep, of] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  return keep >= 1 && of >= keep && of <= 16 ? { keep, of } : undefined;
}

/**
 * The pattern that options ask for; armor has 2:4 by default, other methods half of the weights.
 * @throws INVALID_PARAMETER if they ask for both.
 */
export function patternOf({ method, density, pattern }: OptionsOf<typeof compressRecords>): Pattern {
  if (density !== undefined && pattern !== undefined)
    return fail('INVALID_PARAMETER', 'Either a density or a pattern says which weights stay, not both.');
  if (pattern !== undefined) return parsedPattern(pattern)!;
  if (density !== undefined) return { density };
  return method === 'armor' ? { keep: 2, of: 4 } : { density: 0.5 };
}
