import { defineTask } from '../../declaration/task.ts';
import { reportOutput } from '../../report/output.ts';
import { expandedOnnx } from '../expand.ts';
import { mergeJob } from './job.ts';
import { mergeInputs, mergeOptions } from './options.ts';
import { type MergeResult, mergeResult } from './result.ts';
import { mergeView } from './view.ts';

export const merge = defineTask({
  title: 'Merge networks',
  verb: ['merge'],
  about: 'Average networks of the same form, their neurons matched.',
  examples: [
    'train bundled:digits --predicts classes --epochs 5 --seed 1 --save a.json && southwell train bundled:digits --predicts classes --epochs 5 --seed 2 --save b.json && southwell merge a.json b.json --calib bundled:digits --out merged.safetensors',
    'merge a.json b.json c.json --calib rows.csv --method activations --out merged.safetensors --report report.html',
    'merge a.onnx b.onnx --calib rows.csv --permutations orders.json --onnx merged.onnx',
    'merge a.bin b.bin --tokenizer tok512.bin --calib stories.txt --out merged.safetensors',
  ],
  inputs: mergeInputs,
  options: mergeOptions,
  result: mergeResult,
  outputs: {
    out: {
      about: 'the merged network as safetensors, for predict, sample, compress and merge',
      noun: 'Merged network',
      formats: {
        safetensors: { file: 'merged.safetensors', type: 'application/octet-stream', text: ({ file }) => file },
      },
      holds: ['file'],
      json: 'out',
    },
    onnx: {
      about: 'the merged network for other programs, as .onnx',
      noun: 'Merged network as ONNX',
      formats: {
        onnx: {
          file: 'merged.onnx',
          type: 'application/octet-stream',
          text: ({ file }) => expandedOnnx({ expanded: file, method: 'none', layers: [] }),
        },
      },
      holds: ['file'],
      json: 'onnx',
    },
    permutations: {
      about: 'the order of neurons of each network after the first, as JSON',
      noun: 'Permutations',
      formats: {
        json: {
          file: 'permutations.json',
          type: 'application/json',
          text: ({ orders }) => `${JSON.stringify(orders)}\n`,
        },
      },
      holds: ['orders'],
      json: 'permutations',
    },
    report: reportOutput(
      'a self-contained HTML page with tables and the loss between the networks',
      ({ models }: MergeResult) => `${models.join(', ')}, merged`,
      mergeView,
    ),
  },
  interrupted: { kept: 'the neurons that are matched are', none: 'was a network' },
  job: mergeJob,
  view: mergeView,
});
