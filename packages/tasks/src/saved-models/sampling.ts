import { seedOption } from '../declaration/data-options.ts';
import { option, real, text, type ValuesOf, whole } from '../declaration/option.ts';

/** How a text model continues a prompt. */
export const samplingOptions = {
  prompt: option(text(), {
    title: 'Prompt',
    about: 'beginning of the text',
    argument: 'text',
    otherwise: 'newline',
  }),
  length: option(whole(1, 1e6), {
    title: 'Length',
    about: 'number of characters to generate, or of tokens of a model with a tokeniser',
    argument: 'count',
    default: 400,
  }),
  temperature: option(real(0, 100), {
    title: 'Temperature',
    about: 'sampling temperature: lower values favour likely characters; 0 always takes the most likely one',
    argument: 'value',
    default: 0.8,
  }),
  topK: option(whole(1), {
    title: 'Top k',
    about: 'sample from the k most likely characters, or tokens, only',
    argument: 'count',
    otherwise: 'all',
  }),
  seed: seedOption('random seed', 'Options:'),
};

export type Sampling = ValuesOf<typeof samplingOptions>;
