import * as v from 'valibot';
import { input } from '../declaration/input.ts';
import { nameOf, option, spelled, textFile } from '../declaration/option.ts';
import { defineTask, type RequestOf, type ResultOf, type TaskTools } from '../declaration/task.ts';
import type { View } from '../declaration/view.ts';
import { RequestError } from '../errors.ts';
import { count, grouped } from '../format.ts';
import { said, status } from '../result.ts';
import { samplingOptions } from './sampling.ts';

const inputs = {
  model: input(
    'model',
    'saved text model, a file written by --save; or a language model of others: a .bin of llama2.c, or safetensors with their config.json',
    { title: 'Model', writing: true },
  ),
};

const options = {
  ...samplingOptions,
  tokenizer: option(textFile(), {
    title: 'Tokeniser',
    about:
      'tokeniser of a language model of others: tokenizer.json, .model of SentencePiece, or tokenizer.bin of llama2.c',
    otherwise: 'a file beside the model',
  }),
};

const result = v.object({
  status,
  model: said(v.string(), 'The file of the model.'),
  prompt: said(v.string(), 'What the text begins with.'),
  length: said(v.number(), 'Characters or tokens that were added.'),
  unit: said(v.picklist(['character', 'token']), 'What the length counts.'),
  temperature: v.number(),
  topK: v.optional(v.number()),
  seed: v.number(),
  text: said(v.string(), 'The prompt, and what was added.'),
  seconds: v.number(),
});
type Request = RequestOf<typeof inputs, typeof options>;
type Result = ResultOf<typeof result.entries>;

/** Characters or tokens between checks for a stop. */
const TURN = 32;

async function sampleJob(request: Request, tools: TaskTools): Promise<Result> {
  const started = performance.now();
  const { model: _, tokenizer, ...how } = request;
  const { prompt = '' } = how;
  const saved = await tools.model!('model');
  const model = nameOf(request.model);
  if (!saved.writes) {
    throw new RequestError(`${model} does not generate text: give a text model.`);
  }
  if (tokenizer !== undefined && saved.unit !== 'token') {
    throw new RequestError(
      `${tools.spell('tokenizer')} is for language models of others, but ${model} knows its characters.`,
    );
  }
  const { unit = 'character', writes } = saved;
  let text = prompt;
  let length = 0;
  let stopped = false;
  try {
    for (const part of writes(how)) {
      text += part;
      if (++length % TURN !== 0) continue;
      tools.progress({
        text: `writing: ${grouped(length)} of ${count(how.length, unit)}`,
        done: length,
        total: how.length,
      });
      // Lets a page process a stop in between.
      await new Promise((resolve) => setTimeout(resolve));
      stopped = tools.signal.aborted;
      if (stopped) break;
    }
  } catch (error) {
    if (error instanceof RequestError) throw new RequestError(spelled(error.message, options, tools.spell));
    throw error;
  }
  return {
    status: stopped ? 'aborted' : 'completed',
    ...{ model, ...how, prompt, length, unit, text },
    seconds: (performance.now() - started) / 1000,
  };
}

const sampleView = ({ status, model, length, unit, text, seconds }: Result): View => ({
  status,
  about: `${count(length, unit)} by ${model}`,
  work: count(length, unit),
  ...{ seconds, notes: [], pictures: [] },
  tables: [{ title: 'Text', columns: ['text'], rows: text.split('\n').map((line) => [line]), on: 'page' }],
});

export const sample = defineTask({
  title: 'Generate text with a saved model',
  verb: ['sample'],
  about: 'Generate text with a saved model or a language model.',
  examples: [
    'train bundled:novel --predicts characters --width 32 --epochs 1 --save text.json && southwell sample text.json --prompt "It is"',
    'sample text.json --prompt "It is a truth" --length 400',
    'sample text.json --temperature 0.5 --top-k 10 --seed 1 --out page.txt',
    'sample stories260K.bin --tokenizer tok512.bin --prompt "Once upon a time"',
  ],
  inputs,
  options,
  result,
  outputs: {
    out: {
      file: 'sample.txt',
      about: 'write to a file instead of the screen',
      noun: 'Text',
      type: 'text/plain',
      holds: ['text'],
      json: 'out',
      screen: true,
      text: ({ text }) => text,
    },
  },
  resumes: false,
  interrupted: { kept: 'the text so far is', none: 'was a text' },
  job: sampleJob,
  view: sampleView,
});
