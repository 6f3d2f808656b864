import { defineTask, type Family } from '../declaration/task.ts';
import { reportOutput } from '../report/output.ts';
import { expandedOnnx } from './expand.ts';
import { compressJob } from './job.ts';
import { merge } from './merge/task.ts';
import { compressInputs, compressOptions } from './options.ts';
import { type CompressResult, compressResult } from './result.ts';
import { compressView } from './view.ts';

const compress = defineTask({
  title: 'Compress a network',
  verb: ['compress'],
  about: 'Make the weights of a network small: few bits, zeros, factors.',
  examples: [
    'train bundled:digits --predicts classes --epochs 5 --save model.json && southwell compress model.json --calib bundled:digits --out small.safetensors',
    'compress model.onnx --method gptq --bits 4 --calib rows.csv --out small.safetensors',
    'compress model.onnx --method wanda --pattern 2:4 --reconstruct --calib rows.csv --out small.safetensors --report report.html',
    'compress stories260K.bin --tokenizer tok512.bin --method codebooks --bits 3 --calib stories.txt --out small.safetensors',
    'compress model.onnx --method gptq --budget 2MB --calib rows.csv --out small.safetensors',
    'compress model.onnx --expand int8.onnx',
  ],
  inputs: compressInputs,
  options: compressOptions,
  checks: [
    {
      wrong: ({ density, pattern }) => density !== undefined && pattern !== undefined,
      say: 'Either {density} or {pattern} says which weights stay, not both.',
    },
    {
      wrong: ({ budget, pattern, bits, density }) =>
        budget !== undefined && (pattern !== undefined || density !== undefined || bits !== 4),
      say: '{budget} chooses bits or densities itself: leave {bits}, {density} and {pattern} out.',
    },
  ],
  result: compressResult,
  outputs: {
    out: {
      about: 'the compressed network as safetensors, for predict and sample',
      noun: 'Network',
      formats: {
        safetensors: {
          file: 'small.safetensors',
          type: 'application/octet-stream',
          text: ({ file }) => file,
        },
      },
      holds: ['file'],
      json: 'out',
    },
    expand: {
      about: 'the same with dense weights, for other programs, as .onnx (int8 stays in eight bits) or .safetensors',
      noun: 'Network with dense weights',
      formats: {
        onnx: { file: 'expanded.onnx', type: 'application/octet-stream', text: expandedOnnx },
        safetensors: {
          file: 'expanded.safetensors',
          type: 'application/octet-stream',
          text: ({ expanded }) => expanded,
        },
      },
      holds: ['expanded'],
      json: 'expand',
    },
    report: reportOutput(
      'a self-contained HTML page with tables and the weights that stay',
      ({ model }: CompressResult) => `${model}, compressed`,
      compressView,
      ['drawn'],
    ),
  },
  interrupted: { kept: 'the layers that are done are', none: 'was a layer' },
  job: compressJob,
  view: compressView,
});

export const compression: Family = {
  id: 'compression',
  title: 'Compression and merging',
  goal: 'Compress or merge networks',
  tasks: [compress, merge],
};
