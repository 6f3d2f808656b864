import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import type { ResultOf } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { endedText } from '../../ended.ts';
import { count, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';
import { largest, loadingTable, tiles } from '../pictures.ts';

/** The result for a dictionary, and how it is displayed. */

const label = v.union([v.string(), v.number()]);
const numbers = list(v.number());

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  data: said(v.string(), 'Name of the table.'),
  rows: v.number(),
  method: v.string(),
  featureNames: list(v.string()),
  atoms: said(list(numbers), 'The atoms, each in the order of the features.'),
  codes: said(list(v.nullable(numbers)), 'Codes of each row of the table, null for rows that were left out.'),
  activeCodes: said(v.number(), 'Average number of non-zero codes per sample.'),
  reconstructionError: said(v.number(), 'Relative squared error of the samples reconstructed from their codes.'),
  alpha: v.optional(v.number()),
  supervised: v.optional(
    v.object({
      target: v.string(),
      classes: list(label),
      threshold: v.number(),
      accuracy: said(v.number(), 'Accuracy on the training samples.'),
      coefficients: said(list(numbers), 'Coefficients of the atoms, for each class except the first.'),
      auxiliary: said(list(numbers), 'Intercept and coefficients of the covariates, for each class except the first.'),
      covariates: list(v.string()),
      predicted: list(v.nullable(label)),
    }),
  ),
  modelText: said(v.string(), 'The model as JSON.'),
  objective: v.optional(v.number()),
  iterations: v.number(),
  status,
  notes: list(v.string()),
  seconds: said(v.number(), 'Reading included.'),
};

export const dictionaryResult = v.object(entries);
export type LearnedDictionary = ResultOf<typeof entries>;

/** A row for each row of the table: its codes, and the predicted label. */
export function codeColumns(r: LearnedDictionary): Columns {
  const out: Record<string, Array<string | number | null>> = {};
  for (let k = 0; k < r.atoms.length; k++) out[`atom_${k + 1}`] = r.codes.map((code) => code?.[k] ?? null);
  if (r.supervised) out[`predicted_${r.supervised.target}`] = [...r.supervised.predicted];
  return out;
}

/** A row for each atom. */
export function atomColumns(r: LearnedDictionary): Columns {
  const out: Record<string, Array<string | number | null>> = { atom: r.atoms.map((_, k) => `atom_${k + 1}`) };
  // A feature named `atom` is kept under a longer name.
  r.featureNames.forEach((name, j) => {
    out[name in out ? `${name}_` : name] = r.atoms.map((atom) => atom[j]);
  });
  return out;
}

/** Number of features shown for each atom. */
const SHOWN = 4;

export function dictionaryView(r: LearnedDictionary): View {
  const { supervised } = r;
  const coded = r.codes.filter((code) => code !== null);
  const used = (k: number) => `${((100 * coded.filter((code) => code[k] !== 0).length) / coded.length).toFixed(0)} %`;
  const left = (100 * r.reconstructionError).toPrecision(3);
  const alpha = r.alpha === undefined ? '' : `, at alpha ${number(r.alpha)}`;
  const codes = r.activeCodes === 1 ? 'code per sample leaves' : 'codes per sample leave';
  return {
    status: r.status,
    about: `${r.data}: ${count(r.rows, 'row')}, ${count(r.featureNames.length, 'feature')}, ${r.method}`,
    ending: `${endedText(r.status)} after ${count(r.iterations, 'step')}: ${number(r.activeCodes)} ${codes} ${left} % of the squares unexplained${alpha}.`,
    advice: supervised ? [toldText(supervised)] : [],
    seconds: r.seconds,
    notes: r.notes,
    pictures: tiles('Atoms', r.atoms),
    tables: [
      {
        title: 'Use of the atoms',
        columns: ['atom', 'used by', 'largest features'],
        rows: r.atoms.map((atom, k) => [
          k + 1,
          used(k),
          largest(atom, SHOWN)
            .map((j) => `${atom[j] < 0 ? '−' : ''}${r.featureNames[j]}`)
            .join(' '),
        ]),
      },
      ...(supervised ? [labelTable(supervised, r.atoms.length)] : []),
      loadingTable(r.featureNames, r.atoms, 'Atoms', 'atom'),
    ],
  };
}

type Supervised = NonNullable<LearnedDictionary['supervised']>;

function toldText({ target, accuracy, covariates }: Supervised): string {
  const beside = covariates.length > 0 ? ` and ${count(covariates.length, 'covariate')}` : '';
  return `They${beside} predict ${target} correctly for ${(100 * accuracy).toFixed(1)} % of these samples.`;
}

const labelTable = ({ classes, covariates, auxiliary, coefficients }: Supervised, atoms: number) => ({
  title: 'Coefficients of atoms and covariates',
  columns: ['of', ...classes.slice(1).map(String)],
  rows: [
    ...['(intercept)', ...covariates].map((name, z) => [name, ...auxiliary.map((of) => of[z])]),
    ...Array.from({ length: atoms }, (_, k) => [`atom ${k + 1}`, ...coefficients.map((of) => of[k])]),
  ],
  on: 'page' as const,
});
