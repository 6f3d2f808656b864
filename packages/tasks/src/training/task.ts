import { given } from '../declaration/option.ts';
import { saveOutput } from '../declaration/output.ts';
import { defineTask, type Family } from '../declaration/task.ts';
import { anyOf } from '../saved-model.ts';
import { trainJob } from './job.ts';
import { networksSaved } from './model.ts';
import { fromOthers, isText, misplaced, trainInputs, trainOptions } from './options.ts';
import { trainForecast } from './ranks/forecastView.ts';
import { reportHtml } from './report.ts';
import { trainResult } from './result.ts';
import { textsSaved } from './text/model.ts';
import { trainView } from './view.ts';

const models = anyOf(networksSaved, textsSaved);

const onnxOf = (modelText: string): Uint8Array => {
  const network = models.load(modelText).network!;
  return network.onnx(network.parameters);
};

const train = defineTask({
  title: 'Networks',
  verb: ['train'],
  about:
    'Train a neural network: classification or regression of a column, image classification, or next-character prediction.',
  examples: [
    'train bundled:digits --predicts classes --epochs 20 --save model.json --report report.html',
    'train flowers.csv --target species --save model.json',
    'train book.txt --save model.json --report report.html',
    'train houses.csv --target price --hidden 128,64 --dropout 0.1 --report report.html',
    'train bundled:digits --predicts classes --image 8x8 --shift 1 --report report.html',
    'train june.csv --from may.json --rate 0.0003 --epochs 10 --save june.json',
    'train letters.npz --target letter --predicts classes --image 28x28 --ranks auto',
    'train bundled:diabetes --hidden 16 --optimiser muon --average exponential --out predicted.csv',
  ],
  inputs: trainInputs,
  options: trainOptions,
  ranks: true,
  choosesRanks: true,
  checks: [
    {
      wrong: (request) => misplaced(request) !== undefined,
      say: (request) =>
        isText(request)
          ? `{${misplaced(request)}} is for tables, but ${request.data} is treated as a text: give {target} or {predicts} for a table.`
          : `{${misplaced(request)}} is for texts: if ${request.data} is a text, add {predicts} characters.`,
    },
    {
      wrong: ({ patience, validation }) => patience !== undefined && validation === 0,
      say: '{patience} needs a validation set: {validation} must be above 0.',
    },
    {
      wrong: ({ from, drop, standardize }) =>
        from !== undefined && !fromOthers({ from }) && (given(drop) || !standardize),
      say: 'Neither {drop} nor {standardize} can be combined with {from}: the saved network determines the columns and their scaling.',
    },
  ],
  result: trainResult,
  outputs: {
    out: {
      file: 'predicted.csv',
      about: 'the prediction for every row, with probabilities of classes, as .csv or .parquet',
      columns: ({ predictions }) => predictions,
      holds: ['predictions'],
    },
    save: saveOutput('the network with its encoding, as JSON, for predict'),
    onnx: {
      about: 'the network with its scaling, as ONNX',
      noun: 'ONNX network',
      formats: {
        onnx: {
          file: 'network.onnx',
          type: 'application/octet-stream',
          text: ({ modelText }) => onnxOf(modelText),
        },
      },
      holds: [],
      json: 'onnx',
    },
    report: {
      file: 'report.html',
      about: 'a self-contained HTML page with curves and tables',
      noun: 'Report',
      type: 'text/html',
      text: (result, script) => reportHtml(result, script()),
      holds: ['pictures'],
      json: 'report',
      pictures: true,
    },
  },
  interrupted: { kept: 'the best network so far is', none: 'was a network' },
  job: trainJob,
  forecast: trainForecast,
  view: trainView,
});

export const networks: Family = {
  id: 'training',
  title: 'Networks',
  goal: 'Train a network',
  tasks: [train],
  models,
};
