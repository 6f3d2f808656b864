import type { MatrixFacts } from 'southwell/linear-systems';
import type { View } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { count, number } from '../format.ts';
import type { SolveResult } from './result.ts';

const DEFINITE = { positive: 'positive definite', negative: 'negative definite', indefinite: 'indefinite' } as const;

/** Description of the matrix. */
function wordsOf({ matrix: m }: SolveResult): string {
  const kinds = [
    m.rows !== m.cols ? 'rectangular' : m.symmetric ? 'symmetric' : 'not symmetric',
    m.definite && DEFINITE[m.definite],
    m.mMatrix && 'an M-matrix',
    m.rank !== undefined && m.rank < Math.min(m.rows, m.cols) && `singular: rank ${m.rank}`,
    m.structuralRank < Math.min(m.rows, m.cols) && `structural rank ${m.structuralRank}`,
    (m.components ?? 1) > 1 && count(m.components ?? 1, 'connected component'),
  ];
  return kinds.filter((kind) => typeof kind === 'string').join(', ');
}

/** Description of the properties that follow from the entries. */
export function factsText(m: MatrixFacts): string {
  const square = m.rows === m.cols;
  const least = Math.min(m.rows, m.cols);
  const kinds = [
    square ? (m.symmetric ? 'symmetric' : 'not symmetric') : 'rectangular',
    m.dominantDefinite && 'positive definite',
    m.mMatrix && 'an M-matrix',
    m.nullComponents > 0 && 'singular: the rows of a connected component sum to 0',
    `bandwidth ${m.bandwidth}`,
    (m.components ?? 1) > 1 && count(m.components ?? 1, 'connected component'),
    m.structuralRank < least && `structurally singular: structural rank ${m.structuralRank} of ${least}`,
    square && m.diagonal.zero > 0 && `${count(m.diagonal.zero, 'zero')} on the diagonal`,
  ];
  return kinds.filter((kind) => typeof kind === 'string').join(', ');
}

export function solveView(r: SolveResult): View {
  const { matrix: m, solver, solutions, x, pattern, history } = r;
  const square = m.rows === m.cols;
  const worst = Math.max(0, ...solutions.map(({ residual }) => residual));
  const errors = solutions.flatMap(({ forwardError }) => forwardError ?? []);
  // Of iterations it is an estimate, which a nearly singular matrix may exceed.
  const kind = solutions.some(({ iterations }) => iterations > 0) ? 'estimated error' : 'error at most about';
  const bound = errors.length > 0 ? `, ${kind} ${number(Math.max(...errors), 2)}` : '';
  const names = Object.keys(x).slice(0, 6);
  const rows = Array.from({ length: Math.min(m.cols, 20) }, (_, i) => [i + 1, ...names.map((name) => x[name][i])]);
  const facts: Array<[string, string | number]> = [
    ['size', `${m.rows} × ${m.cols}, ${count(m.entries, 'stored value')}`],
    ['kind', square ? wordsOf(r) : 'rectangular'],
    ['bandwidth', m.bandwidth],
    ...(m.scaled ? [['scaling', `${m.scaled}, by powers of two`] as [string, string]] : []),
    ...(m.condition === undefined
      ? []
      : [[m.scaled ? 'condition (1-norm), scaled' : 'condition (1-norm)', number(m.condition)] as [string, string]]),
    ...(m.determinant === undefined
      ? []
      : [['determinant', `${m.determinant.sign < 0 ? '−' : ''}e^${number(m.determinant.log)}`] as [string, string]]),
    ...(solver.factorEntries === undefined
      ? []
      : [['entries of the factor', solver.factorEntries] as [string, number]]),
  ];
  const some = <K extends 'backwardError' | 'forwardError' | 'normalResidual' | 'trueError'>(key: K, title: string) =>
    solutions.some((s) => s[key] !== undefined)
      ? [{ title, of: (s: (typeof solutions)[number]) => s[key] ?? null }]
      : [];
  const columns = [
    { title: 'right-hand side', of: (s: (typeof solutions)[number]) => s.name },
    { title: 'outcome', of: (s: (typeof solutions)[number]) => (s.kind === 'solution' ? s.status : 'least squares') },
    { title: 'residual', of: (s: (typeof solutions)[number]) => s.residual },
    ...some('normalResidual', '‖Aᵀr‖'),
    ...some('backwardError', 'backward error'),
    ...some('forwardError', 'error bound'),
    ...some('trueError', 'true error'),
    { title: 'steps', of: (s: (typeof solutions)[number]) => s.iterations },
  ];
  return {
    status: r.status,
    about: `${r.data.name}: ${m.rows} × ${m.cols}, ${count(m.entries, 'stored value')}, ${wordsOf(r)}`,
    headline: `Solved by ${solver.name}, since ${solver.because}: relative residual ${number(worst, 2)}${bound}.`,
    ending: r.status === 'infeasible' ? 'The system has no solution.' : `${endedText(r.status).replace(/,$/, '')}.`,
    advice: r.advice,
    work: `${count(solutions.length, 'right-hand side')}, set-up ${number(solver.seconds, 2)} s`,
    seconds: r.seconds,
    notes: [...r.data.notes, ...solver.tried],
    tables: [
      { title: 'The matrix', columns: ['property', 'value'], rows: facts },
      {
        title: 'Solutions',
        columns: columns.map(({ title }) => title),
        rows: solutions.map((s) => columns.map(({ of }) => of(s))),
      },
      {
        title: 'x',
        columns: ['row', ...names],
        rows,
        digits: Object.fromEntries(names.map((name) => [name, 7])),
        ...(m.cols > rows.length && { below: `the first ${rows.length} of ${m.cols} rows` }),
      },
    ],
    charts: history
      ? [
          {
            title: 'Residual',
            x: { label: 'step' },
            y: { label: '‖b − Ax‖/‖b‖', log: true },
            series: [
              { name: solver.name, x: history.map(({ step }) => step), y: history.map(({ residual }) => residual) },
            ],
          },
        ]
      : [],
    pictures: pattern ? [{ title: 'Pattern of entries', picture: { type: 'image', ...pattern } }] : [],
  };
}
