import * as v from 'valibot';
import { list, said } from '../result.ts';

const bin = v.object({
  from: v.number(),
  to: v.number(),
  rows: v.number(),
  predicted: said(v.number(), 'The mean probability of its rows.'),
  observed: said(v.number(), 'The share of them that are of the class.'),
});

/** The quality of a classification. */
export const classification = v.object({
  rows: said(
    v.picklist(['held out', 'validation', 'fitted']),
    'Which rows were judged: validation rows chose the best epoch.',
  ),
  labels: list(v.string()),
  confusion: said(list(list(v.number())), 'Rows by their class, then by the class that was predicted.'),
  calibration: v.optional(
    said(
      list(v.object({ label: v.string(), bins: list(bin) })),
      'Of probabilities, in bins of a tenth; of two classes for the second.',
    ),
  ),
});
export type Classification = v.InferOutput<typeof classification>;
