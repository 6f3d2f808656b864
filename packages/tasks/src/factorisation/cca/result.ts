import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { clip, count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { largest, loadingTable, plane } from '../pictures.ts';

/** The result of canonical correlations, and how it is displayed. */

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  method: v.string(),
  ridge: v.number(),
  data: said(list(v.string()), 'Names of the tables.'),
  rows: v.number(),
  used: said(v.number(), 'Number of rows without missing values.'),
  featureNames: said(list(list(v.string())), 'Names of the features of both views.'),
  eigenvalues: said(list(v.number()), 'Canonical correlations, or covariances if ridge is 1.'),
  correlations: said(list(v.number()), 'Correlations of the scores of the rows.'),
  weights: said(
    list(list(list(v.number()))),
    'Weights of the columns by view and component, in the units of the data.',
  ),
  scores: said(
    list(list(list(v.nullable(v.number())))),
    'Scores of each row by view and component, null for rows that were left out.',
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
      'For each view, exact method without a ridge: its rank, the condition number of its standardised independent columns, constant columns, and columns that are linear combinations of others plus a constant.',
    ),
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  steps: v.optional(v.number()),
  halvings: v.optional(said(v.number(), 'Number of halvings of the learning rate.')),
  residual: v.optional(
    said(v.number(), 'Stochastic method: the relative residual of the eigenvalue equations; 0 for an exact solution.'),
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

/** Warnings, one sentence each. */
function cautions(r: CcaResult): string[] {
  const cautions: string[] = [];
  if (r.used < 10 * Math.max(...r.featureNames.map((list) => list.length))) {
    cautions.push('Few rows for this number of columns: correlations of new rows will be smaller.');
  }
  r.structures?.forEach((structure, side) => {
    if (structure) cautions.push(...structureTexts(structure, `The ${side === 0 ? 'first' : 'second'} view`));
  });
  if (r.residual !== undefined && r.residual > UNSOLVED) {
    cautions.push(
      `Not converged: the relative residual of the eigenvalue equations is ${Math.round(100 * r.residual)} %. Use more epochs or a larger learning rate.`,
    );
  }
  return cautions;
}

type Structure = NonNullable<NonNullable<CcaResult['structures']>[number]>;
/** Maximum number of columns and terms in a sentence. */
const NAMED = 5;
const EXPLODES = 1e4;

/** Sentences on linear dependences, and on whether weights are reliable. */
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
      `${view} is nearly rank-deficient (condition number ${condition.toExponential(1)}): its weights are large, cancel each other and depend on rounding errors of the data. Leave columns out, or use a ridge.`,
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

/** Converged fits had residuals of 0.02 to 0.05. */
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
  const halved = r.halvings ? `; the learning rate was halved ${count(r.halvings, 'time')}` : '';
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
