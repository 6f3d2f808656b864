import type { ReadOptions } from '@southwell/data';
import { SouthwellError } from '@southwell/numerics/core';
import * as v from 'valibot';
import { readingOptions, TABLE } from '../declaration/data-options.ts';
import { input, table } from '../declaration/input.ts';
import { flag, nameOf, numbers, option, positive, real, spelled, tableFile, textFile } from '../declaration/option.ts';
import { defineTask, type RequestOf, type ResultOf, type TaskTools } from '../declaration/task.ts';
import type { View } from '../declaration/view.ts';
import { RequestError } from '../errors.ts';
import { count, grouped, number } from '../format.ts';
import { labelled, labelsIn } from '../labels.ts';
import type { RowBlocks } from '../progress.ts';
import { list, said, status } from '../result.ts';
import type { SavedModel } from '../saved-model.ts';
import { onlyBlock, predictBlock, Tellings } from './blocks.ts';

const inputs = {
  model: input('model', 'saved model, a file written by --save, or a network of ONNX or TensorFlow.js', {
    title: 'Model',
  }),
  data: table(`the rows: ${TABLE}`),
};

const options = {
  proba: option(flag(), {
    title: 'with probabilities',
    about: 'add the probability of each class, if the model provides them',
  }),
  alpha: option(real(0), {
    title: 'Alpha',
    about: 'linear models: the model of the saved path at this alpha, instead of the selected one',
    form: { hint: 'the chosen one', advanced: true },
  }),
  times: option(numbers(0), {
    title: 'Times',
    about: 'survival models: add the probability of surviving beyond each of these times, such as 1,2,5',
    form: { advanced: true },
  }),
  divide: option(positive(), {
    title: 'Divide',
    about: 'ONNX networks: divide all columns by this first, such as 255 for pixels',
    argument: 'number',
    otherwise: '1',
    form: { advanced: true },
  }),
  labels: option(tableFile(), {
    title: 'Labels',
    about: 'networks: file with the true class of each row, for scoring, such as the idx labels of images',
    form: { advanced: true },
  }),
  tokenizer: option(textFile(), {
    title: 'Tokeniser',
    about: 'networks that take tokens, for a column of texts: tokenizer.json, .model of SentencePiece, vocab.txt …',
    otherwise: 'a file beside the model',
    form: { advanced: true },
  }),
  ...readingOptions,
};

const cells = v.record(v.string(), list(v.nullable(v.union([v.number(), v.string()]))));
const result = v.object({
  status,
  model: said(v.string(), 'The file of the model.'),
  alpha: v.optional(said(v.number(), 'That of the model of its path.')),
  times: v.optional(said(list(v.number()), 'Times of which survival is told.')),
  data: said(v.string(), 'The name of the table.'),
  rows: said(v.number(), 'Of the table.'),
  predicted: said(v.number(), 'Rows that have a prediction.'),
  score: v.optional(
    said(
      v.object({ name: v.string(), value: v.number(), rows: v.number(), noun: v.optional(v.string()) }),
      'How well known targets are met.',
    ),
  ),
  notes: said(list(v.string()), 'What there is to say of the table.'),
  columns: v.optional(said(cells, 'A value for each row, null where it lacks what the model needs.')),
  seconds: said(v.number(), 'Reading included.'),
});

type Request = RequestOf<typeof inputs, typeof options>;
type Result = ResultOf<typeof result.entries>;

/** The requested model, at its alpha, with notes on it. Throws a sentence if it does not exist. */
async function modelOf(
  { alpha, times, divide }: Request,
  tools: Pick<TaskTools, 'model' | 'spell'>,
): Promise<{ readonly model: SavedModel; readonly note?: string }> {
  const saved = await tools.model!('model');
  if (times && !saved.survives) {
    throw new RequestError(`${tools.spell('times')} requires a survival model, which this is not.`);
  }
  if (divide !== undefined && !saved.divides) {
    throw new RequestError(
      `${tools.spell('divide')} requires an ONNX network; saved models scale columns as in training.`,
    );
  }
  if (alpha === undefined) return { model: saved };
  if (!saved.at) {
    throw new RequestError(`${tools.spell('alpha')} requires a linear model; this model has no alpha.`);
  }
  return saved.at(alpha);
}

/**
 * The table in blocks if the model says which columns it reads; otherwise, and with labels from another file, as a
 * whole.
 */
async function blocksOf(model: SavedModel, request: Request, tools: TaskTools): Promise<RowBlocks> {
  const { reads, reading } = model;
  const asked: ReadOptions = {
    ...(request.format === undefined && reading?.format && { format: reading.format }),
    ...(request.resize === undefined && reading?.resize && { resize: reading.resize }),
  };
  if (request.labels === undefined) return tools.blocksOf!('data', { ...asked, choose: reads });
  const rows = await tools.read('data', asked);
  return onlyBlock(labelled(rows, labelsIn(await tools.read('labels'), tools.spell('labels'))));
}

async function predictJob(request: Request, tools: TaskTools): Promise<Result> {
  const started = performance.now();
  const { proba, alpha, divide } = request;
  const times = request.times && [...new Set(request.times)];
  try {
    const { model, note } = await modelOf(request, tools);
    const blocks = await blocksOf(model, request, tools);
    const sink = await tools.rows!('out');
    let [written, held] = [0, 0];
    try {
      const tellings = new Tellings();
      const notes = new Set<string>();
      const rounds = blocks.rounds(async (block) => {
        const { columns, told } = predictBlock(model, block, { proba, times, divide });
        await sink.add(columns, (block.before ?? 0) === 0);
        return { told, notes: block.notes };
      });
      let rows = 0;
      for await (const round of rounds) {
        for (const { told, notes: read } of round) {
          tellings.add(told);
          for (const each of read) notes.add(each);
          rows += told.rows;
        }
        await sink.flush();
        [written, held] = [held, rows];
        tools.progress({ text: `predicting: ${grouped(rows)} rows` });
        tools.signal.throwIfAborted();
      }
      for (const each of await blocks.notes()) notes.add(each);
      const summary = tellings.summary(blocks.name, [...notes], model.width);
      await sink.finish();
      const { score } = summary;
      const first = [...(note === undefined ? [] : [note]), ...summary.notes];
      return {
        status: 'completed',
        model: nameOf(request.model),
        ...(alpha !== undefined && { alpha }),
        ...(times && { times }),
        data: blocks.name,
        ...{ rows: summary.rows, predicted: summary.predicted },
        ...(score && { score: { name: score.name, value: score.value, rows: score.rows, noun: score.noun } }),
        notes: tools.alone
          ? [...first, `${tools.alone.why}: one of the ${tools.alone.ranks} ranks predicted all rows.`]
          : first,
        ...(sink.columns && { columns: sink.columns }),
        seconds: (performance.now() - started) / 1000,
      };
    } catch (error) {
      const known = error instanceof SouthwellError || error instanceof RequestError;
      if (sink.printed && written > 0 && known) {
        const were = written === 1 ? 'was' : 'were';
        error.message += ` ${count(written, 'row')} ${were} written to standard output before this error.`;
      }
      throw error;
    } finally {
      sink.discard();
    }
  } catch (error) {
    // Models know their options only by name.
    if (error instanceof RequestError) throw new RequestError(spelled(error.message, options, tools.spell));
    throw error;
  }
}

/** Why ranks cannot share the rows, as the beginning of a sentence. */
async function alone(
  request: Request,
  tools: Pick<TaskTools, 'model' | 'spell'> & {
    undivided(input: string): Promise<string | undefined>;
  },
): Promise<string | undefined> {
  if (request.data.includes('{rank}')) {
    throw new RequestError(
      `Ranks predict the rows of one file together, but ${request.data} names a file per rank: predict them one after the other.`,
    );
  }
  const { model } = await modelOf(request, tools);
  if (!model.reads) return `The model of ${request.model} looks at a table as a whole`;
  if (request.labels !== undefined) return 'Labels of another file stand beside a table as a whole';
  return tools.undivided('data');
}

/** Number of rows of predictions on a page. */
const SHOWN = 20;

function predictView({ status, model, data, rows, predicted, score, notes, columns = {}, seconds }: Result): View {
  const noun = score?.noun;
  const of =
    score && (noun === undefined ? `${count(score.rows, 'row')} with a known target` : count(score.rows, noun));
  const said = score ? `; ${score.name} ${number(score.value)} on ${of}` : '';
  const shown = Math.min(rows, SHOWN);
  return {
    status,
    about: `${data}: ${count(rows, 'row')}, by ${model}`,
    headline: `${count(predicted, 'prediction')}${said}.`,
    work: count(rows, 'row'),
    ...{ seconds, notes },
    tables:
      shown === 0 || Object.keys(columns).length === 0
        ? []
        : [
            {
              title: 'First predictions',
              on: 'page',
              columns: ['row', ...Object.keys(columns)],
              rows: Array.from({ length: shown }, (_, i) => [
                i + 1,
                ...Object.values(columns).map((values) => values[i] ?? '–'),
              ]),
            },
          ],
    pictures: [],
  };
}

export const predict = defineTask({
  title: 'Predict with a saved model',
  verb: ['predict'],
  about: 'Predict with a saved model; columns are matched by name.',
  examples: [
    'fit bundled:diabetes --save model.json && southwell predict model.json bundled:diabetes --out predictions.csv',
    'predict model.json new.csv --out predictions.csv',
    'predict network.onnx new.csv --out outputs.csv',
    'predict southwell-model.json bundled:spambase --proba | head',
  ],
  inputs,
  options,
  result,
  outputs: {
    out: {
      file: 'predictions.csv',
      about: 'write a .csv or .parquet file instead of printing CSV',
      noun: 'Predictions',
      holds: ['columns'],
      ...{ screen: true, blocks: true },
      columns: ({ columns }) => columns ?? {},
    },
  },
  resumes: false,
  ranks: true,
  alone,
  interrupted: { kept: 'nothing is', none: 'were predictions of all rows' },
  job: predictJob,
  view: predictView,
});
