import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

const columns = v.record(v.string(), list(v.nullable(v.union([v.number(), v.string()]))));

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  rows: v.number(),
  cols: v.number(),
  observed: said(v.number(), 'Pairs that were seen.'),
  titles: said(
    v.object({ row: v.string(), col: v.string(), value: v.string() }),
    'Names of the columns of the table of entries.',
  ),
  rank: v.number(),
  lambda: v.number(),
  alpha: v.number(),
  tried: v.optional(
    said(
      list(v.object({ rank: v.number(), lambda: v.number(), ndcg: v.number() })),
      'Where rank or lambda were chosen by how well a tenth of the entries that was kept back is recommended: all that were tried.',
    ),
  ),
  heldOut: v.optional(
    said(
      v.object({
        entries: v.number(),
        places: v.number(),
        rows: v.number(),
        precision: v.number(),
        recall: v.number(),
        ndcg: v.number(),
        auc: v.number(),
        popular: v.number(),
      }),
      'Of the fit that left them out, over rows with such entries: precision, recall and NDCG of the first places, the area under the ROC curve, and the NDCG of what most rows saw.',
    ),
  ),
  factors: said(columns, 'Factors of rows and of columns: a score is the product of two.'),
  recommendations: said(columns, 'For each row the columns that it did not see and would, best first.'),
  modelText: said(v.string(), 'The model as JSON.'),
  objective: v.number(),
  status,
  iterations: v.number(),
  seconds: said(v.number(), 'Reading included.'),
};

export const recommendResult = v.object(entries);
export type Recommended = ResultOf<typeof entries>;

export function recommendView(r: Recommended): View {
  const { recommendations, heldOut, tried } = r;
  const shown = Object.keys(recommendations);
  return {
    status: r.status,
    about: `${r.data.name}: ${count(r.rows, 'row')}, ${count(r.cols, 'column')}, ${grouped(r.observed)} pairs seen`,
    headline: `Rank ${r.rank}, lambda ${number(r.lambda)}, alpha ${number(r.alpha)}: objective ${number(r.objective)}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'sweep')}.`,
    advice: [
      ...(tried
        ? [`Rank and penalty were chosen by the NDCG of a tenth of the entries, of ${tried.length} tried.`]
        : []),
      ...(heldOut
        ? [
            `Of ${grouped(heldOut.entries)} entries held out, the first ${heldOut.places} places: precision ${number(heldOut.precision)}, recall ${number(heldOut.recall)}, NDCG ${number(heldOut.ndcg)} (what most rows saw: ${number(heldOut.popular)}); AUC ${number(heldOut.auc)}.`,
            ...(heldOut.ndcg <= heldOut.popular ? ['That is no better than to recommend what most rows saw.'] : []),
          ]
        : []),
    ],
    seconds: r.seconds,
    notes: r.data.notes,
    pictures: [],
    tables: [
      {
        title: 'Recommendations',
        columns: shown,
        rows: Array.from({ length: Math.min(200, recommendations[shown[0]].length) }, (_, e) =>
          shown.map((title) => recommendations[title][e]),
        ),
        on: 'page',
      },
    ],
  };
}
