import * as v from 'valibot';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

const columns = v.record(v.string(), list(v.nullable(v.union([v.number(), v.string()]))));

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  data: v.object({ name: v.string(), notes: list(v.string()) }),
  rows: v.number(),
  cols: v.number(),
  observed: said(v.number(), 'Number of observed pairs.'),
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
      'If rank or lambda were chosen by the ranking of held-out entries, a tenth of all: all values that were tried.',
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
      'Ranking of held-out entries, averaged over rows with such entries: precision, recall and NDCG at the given list length, the area under the ROC curve, and the NDCG of a popularity baseline.',
    ),
  ),
  factors: said(columns, 'Factors of rows and of columns: a score is the inner product of the two.'),
  recommendations: said(columns, 'Recommended unseen columns of each row, best first.'),
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
    about: `${r.data.name}: ${count(r.rows, 'row')}, ${count(r.cols, 'column')}, ${grouped(r.observed)} pairs observed`,
    headline: `Rank ${r.rank}, lambda ${number(r.lambda)}, alpha ${number(r.alpha)}: objective ${number(r.objective)}.`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'sweep')}.`,
    advice: [
      ...(tried
        ? [`Rank and penalty were chosen from ${tried.length} candidates by the NDCG on a tenth of the entries.`]
        : []),
      ...(heldOut
        ? [
            `Of ${grouped(heldOut.entries)} held-out entries, top ${heldOut.places}: precision ${number(heldOut.precision)}, recall ${number(heldOut.recall)}, NDCG ${number(heldOut.ndcg)} (popularity baseline: ${number(heldOut.popular)}); AUC ${number(heldOut.auc)}.`,
            ...(heldOut.ndcg <= heldOut.popular
              ? ['That is no better than recommending the most popular columns.']
              : []),
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
