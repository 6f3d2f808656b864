import { seedOption } from '../declaration/data-options.ts';
import { option, real, text, type ValuesOf, whole } from '../declaration/option.ts';

/** How a model of texts goes on with one. */
export const samplingOptions = {
  prompt: option(text(), {
    title: 'Prompt',
    about: 'what the text begins with',
    argument: 'text',
    otherwise: 'a new line',
  }),
  length: option(whole(1, 1e6), {
    title: 'Length',
    about: 'characters to add',
    argument: 'count',
    default: 400,
  }),
  temperature: option(real(0, 100), {
    title: 'Temperature',
    about: 'below 1 likely characters are drawn more often than the model says, above 1 less; 0 takes the likeliest',
    argument: 'value',
    default: 0.8,
  }),
  topK: option(whole(1), {
    title: 'Among',
    about: 'draw among so many of the likeliest characters',
    argument: 'count',
    otherwise: 'all',
  }),
  seed: seedOption('of what is drawn', 'Options:'),
};

export type Sampling = ValuesOf<typeof samplingOptions>;
