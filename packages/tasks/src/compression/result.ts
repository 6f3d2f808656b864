import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

export const quality = v.object({
  error: said(v.number(), 'Squared error of the outputs, relative to their squares.'),
  agreement: v.optional(said(v.number(), 'Share of rows whose largest output is the same.')),
  divergence: v.optional(said(v.number(), 'Mean Kullback–Leibler divergence from the original, in nats.')),
  accuracy: v.optional(said(v.number(), 'Share of known classes or next tokens that are right.')),
  loss: v.optional(said(v.number(), 'Mean of −log of the probability of these.')),
  r2: v.optional(v.number()),
});

export const compressResult = v.object({
  status,
  command: said(v.string(), 'The command line, as typed or as equivalent to the form.'),
  model: said(v.string(), 'The file of the model.'),
  method: v.string(),
  data: v.optional(said(v.string(), 'The name of the calibration data.')),
  calibrated: said(v.number(), 'Rows or windows of text that calibrated.'),
  judged: said(v.number(), 'Rows or windows of text that were kept apart to judge; 0 if there were too few.'),
  bytes: v.object({
    original: said(v.number(), 'Of the network with all its weights in single precision, as a file.'),
    file: said(v.number(), 'Of the compressed file.'),
    memory: said(v.number(), 'Of the packed parameters in memory.'),
    denseMemory: said(v.number(), 'Of the original parameters in memory.'),
    gzip: said(v.number(), 'Of the compressed file after gzip.'),
    originalGzip: said(v.number(), 'Of the original after gzip.'),
  }),
  call: v.optional(
    said(
      v.object({ original: v.number(), compressed: v.number() }),
      'Median seconds of a call with the smallest batch, the compressed network packed.',
    ),
  ),
  variants: said(
    list(
      v.object({
        method: v.string(),
        bytes: said(v.number(), 'Of its file.'),
        quality: v.optional(quality),
      }),
    ),
    'The original, the compressed network, and others to compare it with; qualities are of rows that did not calibrate.',
  ),
  layers: said(
    list(
      v.object({
        name: v.string(),
        outputs: v.number(),
        inputs: v.number(),
        use: v.picklist(['product', 'convolution', 'table']),
        original: said(v.number(), 'Bytes in single precision.'),
        bytes: said(v.number(), 'Bytes as packed.'),
        error: said(
          v.number(),
          'Squared error of its outputs, relative to them; of tables, and without data, of the weights.',
        ),
      }),
    ),
    'The layers that were compressed.',
  ),
  kept: said(list(v.object({ name: v.string(), why: v.string() })), 'Matrices that were left as they are.'),
  continued: v.optional(
    said(
      v.object({ original: v.string(), compressed: v.string() }),
      'How both continue the same beginning; of models of texts.',
    ),
  ),
  notes: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
  file: said(v.instance(Uint8Array) as v.GenericSchema<Uint8Array>, 'The compressed network as safetensors.'),
  expanded: said(v.instance(Uint8Array) as v.GenericSchema<Uint8Array>, 'The same with dense matrices.'),
  drawn: v.optional(
    said(
      v.object({ name: v.string(), width: v.number(), height: v.number(), values: list(v.number()) }),
      'Magnitudes of the weights of a layer, 0 where they were removed.',
    ),
  ),
});

export type CompressResult = ResultOf<typeof compressResult.entries>;
