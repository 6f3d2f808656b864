import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { clip, count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { largest, loadingTable, plane } from '../pictures.ts';

/** What is given of canonical correlations, and how it is shown. */

const entries = {
  command: said(v.string(), 'As it was typed, or as it would be.'),
  method: v.string(),
  ridge: v.number(),
  data: said(list(v.string()), 'Names of the tables.'),
  rows: v.number(),
  used: said(v.number(), 'Rows without gaps.'),
  featureNames: said(list(list(v.string())), 'Of either view.'),
  eigenvalues: said(list(v.number()), 'Canonical correlations, or covariances where ridge is 1.'),
  correlations: said(list(v.number()), 'Of the scores of the rows.'),
  weights: said(list(list(list(v.number()))), 'By view and component: of the columns in the units of the data.'),
  scores: said(
    list(list(list(v.nullable(v.number())))),
    'By view and component: of each row, null where it was left out.',
  ),
  structures: v.optional(
    said(
      list(
        v.optional(
          v.object({
            rank: v.number(),
            condition: v.number(),
            constant: list(v.string()),
            dependent: list(
              v.object({
                column: v.string(),
                on: list(v.object({ column: v.string(), coefficient: v.number() })),
                constant: v.number(),
              }),
            ),
          }),
        ),
      ),
      'Of either view, exact and without a ridge: its rank, the condition number of its independent columns, each of variance 1, columns that are constant, and those that are sums of others and a constant.',
    ),
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  steps: v.optional(v.number()),
  halvings: v.optional(said(v.number(), 'Of the learning rate.')),
  residual: v.optional(
    said(
      v.number(),
      'Of stochastic fits: what their eigenvalue equations leave, as a share of their sides; 0 where they are solved.',
    ),
  ),
  status,
  notes: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
};

export const ccaResult = v.object(entries);
export type CcaResult = ResultOf<typeof entries>;

const VIEWS = ['x', 'y'];

/** A row for each row of the table. */
export const variateColumns = ({ scores }: CcaResult): Columns =>
  Object.fromEntries(scores.flatMap((view, side) => view.map((column, c) => [`${VIEWS[side]}_${c + 1}`, column])));

/** A row for each column of either view. */
export const weightColumns = ({ featureNames, weights }: CcaResult): Columns => ({
  view: featureNames.flatMap((names, side) => names.map(() => VIEWS[side])),
  feature: featureNames.flat(),
  ...Object.fromEntries(weights[0].map((_, c) => [`component_${c + 1}`, weights.flatMap((view) => view[c])])),
});

/** What there is to beware of, one sentence each. */
function cautions(r: CcaResult): string[] {
  const cautions: string[] = [];
  if (r.used < 10 * Math.max(...r.featureNames.map((list) => list.length))) {
    cautions.push('Few rows for so many columns: these correlations would be smaller on other rows.');
  }
  r.structures?.forEach((structure, side) => {
    if (structure) cautions.push(...structureTexts(structure, `The ${side === 0 ? 'first' : 'second'} view`));
  });
  if (r.residual !== undefined && r.residual > UNSOLVED) {
    cautions.push(
      `Too few steps, or too small ones: the equations that canonical variates solve are off by ${Math.round(100 * r.residual)} %. Take more epochs or a larger learning rate.`,
    );
  }
  return cautions;
}

type Structure = NonNullable<NonNullable<CcaResult['structures']>[number]>;
/** Columns and terms that a sentence names. */
const NAMED = 5;
const EXPLODES = 1e4;

/** What depends on what, and whether weights mean anything. */
function structureTexts({ rank, condition, constant, dependent }: Structure, view: string): string[] {
  const found: string[] = [];
  if (constant.length > 0) {
    const some = `${constant.slice(0, NAMED).join(', ')}${constant.length > NAMED ? ', …' : ''}`;
    found.push(`${view} has constant columns, which have no weight: ${some}.`);
  }
  if (dependent.length > 0) {
    const some = dependent.slice(0, NAMED).map(equation).join('; ');
    const more = dependent.length > NAMED ? `; and ${dependent.length - NAMED} more` : '';
    found.push(
      `${view} has rank ${rank}: ${some}${more}. Of all weights that give the same scores these are the shortest; alone they mean little.`,
    );
  }
  if (condition > EXPLODES) {
    found.push(
      `${view} is nearly rank-deficient (condition number ${condition.toExponential(1)}): its weights are large, cancel each other and hang on the last digits of the data. Leave columns out, or take a ridge.`,
    );
  }
  return found;
}

/** c = 2 a + b − 3 */
function equation({ column, on, constant }: Structure['dependent'][number]): string {
  const terms = on.slice(0, NAMED).map(({ column: name, coefficient }, at) => {
    const size = Math.abs(coefficient);
    const times = Math.abs(size - 1) < 1e-6 ? '' : `${number(Number(size.toPrecision(6)))} `;
    return `${coefficient < 0 ? (at === 0 ? '−' : ' − ') : at === 0 ? '' : ' + '}${times}${clip(name, 20)}`;
  });
  const size = Math.max(...on.map(({ coefficient }) => Math.abs(coefficient)), 0);
  const rest =
    Math.abs(constant) > 1e-6 * size
      ? ` ${constant < 0 ? '−' : '+'} ${number(Number(Math.abs(constant).toPrecision(6)))}`
      : '';
  return `${clip(column, 20)} = ${terms.join('')}${on.length > NAMED ? ' + …' : ''}${rest}`;
}

/** Fits that had enough steps were off by 0.02 to 0.05. */
const UNSOLVED = 0.1;

export function ccaView(r: CcaResult): View {
  const { ridge } = r;
  const extra = ridge > 0 ? [ridge === 1 ? 'covariance' : 'eigenvalue'] : [];
  const heaviest = (side: number, c: number) => {
    const w = r.weights[side][c];
    return largest(w, 2)
      .map((j) => `${clip(r.featureNames[side][j], 16)} ${number(w[j], 2)}`)
      .join(', ');
  };
  const halved = r.halvings ? `; the rate was halved ${count(r.halvings, 'time')}` : '';
  const steps = r.steps === undefined ? '' : ` after ${count(r.steps, 'step')}${halved}`;
  const columns = r.featureNames.map((names) => count(names.length, 'column')).join(' and ');
  return {
    status: r.status,
    about: `${r.data.join(' and ')}: ${count(r.used, 'row')}, ${columns}`,
    ending: `${endedText(r.status)}${steps}.`,
    advice: cautions(r),
    seconds: r.seconds,
    notes: r.notes,
    pictures: plane('Rows by the first pair', r.scores[0][0], r.scores[1][0]),
    tables: [
      {
        title: 'Canonical correlations',
        columns: ['pair', ...extra, 'correlation', 'of x', 'of y'],
        rows: r.correlations.map((rho, c) => [
          c + 1,
          ...(ridge > 0 ? [r.eigenvalues[c]] : []),
          rho,
          heaviest(0, c),
          heaviest(1, c),
        ]),
      },
      ...r.weights.map((w, side) =>
        loadingTable(r.featureNames[side], w, side === 0 ? 'First columns' : 'Second columns', 'pair'),
      ),
    ],
  };
}
