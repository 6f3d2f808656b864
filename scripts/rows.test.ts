import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** Where `rows` may be left out: options of public functions, and what resolves them at their doors. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'data/src/design/design-matrix.ts': ['DesignOptions.rows', 'refilled.rows'],
  'data/src/table-rows.ts': ['tableRows.among'],
  'numerics/src/krylov/svd.ts': ['RandomizedSvdOptions.rows', 'TruncatedSvdOptions.rows'],
  'numerics/src/linalg/wide.ts': ['orthonormaliseRows.rows'],
  'numerics/src/neighbours/points.ts': ['from.split'],
  'numerics/src/operators/centred.ts': ['OperatorOptions.rows'],
  'southwell/src/clustering/centres/kMeans.ts': ['KMeansOptions.rows'],
  'southwell/src/clustering/centres/mixture.ts': ['MixtureOptions.rows'],
  // Entries of a completion, which are shared another way.
  'southwell/src/factorisation/completion/observed.ts': ['ObservedRows.shared'],
  'southwell/src/factorisation/decomposition/nmf.ts': ['NmfOptions.rows'],
  'southwell/src/factorisation/decomposition/nmfProblem.ts': ['checked.given'],
  'southwell/src/linear-models/fit.ts': ['FitOptions.rows'],
  'southwell/src/linear-models/validation.ts': ['checkedData.given', 'filledData.given'],
  'southwell/src/losses/loss.ts': ['bind.rows'],
};

/** Where it is asked whether rows are spread: another algorithm, or a faster kernel with other bits, serves those in one place. */
const ASKED: Readonly<Record<string, number>> = {
  'data/src/design/totals.ts': 1,
  // What is refused on ranks, and some of the rows.
  'numerics/src/core/splitRows.ts': 2,
  'numerics/src/krylov/randomProjection.ts': 2,
  'numerics/src/linalg/spread.ts': 1,
  'numerics/src/linalg/spreadData.ts': 3,
  'numerics/src/neighbours/lloyd.ts': 1,
  'numerics/src/operators/centred.ts': 1,
  'southwell/src/clustering/centres/mixtureCovariances.ts': 1,
  'southwell/src/factorisation/decomposition/nmfProblem.ts': 1,
  'southwell/src/linear-models/design/columnScales.ts': 2,
  'southwell/src/linear-models/design/design.ts': 1,
  'southwell/src/linear-models/selection/crossValidation.ts': 1,
  'southwell/src/losses/loss.ts': 1,
  // Of prints that are in files of checkpoints, and of what is drawn for a picture.
  'tasks/src/clustering/job.ts': 2,
  'tasks/src/factorisation/decomposition/job.ts': 1,
  'tasks/src/linear-models/holdout.ts': 1,
  'tasks/src/linear-models/problem.ts': 1,
  'tasks/src/linear-models/problemPrint.ts': 1,
  'tasks/src/stats.ts': 3,
};

const packages = new URL('../packages/', import.meta.url).pathname;
const sources = ['numerics', 'southwell', 'data', 'tasks', 'cli'].flatMap((name) =>
  readdirSync(`${packages}${name}/src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(\.test|testing)\.ts$/.test(file))
    .map((file) => `${name}/src/${file}`)
    .sort()
    .map((file) => [file, readFileSync(packages + file, 'utf8')] as const)
    .filter(([, text]) => /\bSplitRows\b|\bspread\b/.test(text))
    .map(([name, text]) => ({ name, source: ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true) })),
);

function visit(node: ts.Node, use: (node: ts.Node) => void): void {
  use(node);
  node.forEachChild((child) => visit(child, use));
}

const named = (node: ts.Node): string => {
  for (let at = node.parent; at; at = at.parent) {
    const { name } = at as ts.NamedDeclaration;
    if ((ts.isInterfaceDeclaration(at) || ts.isFunctionLike(at)) && name) return name.getText();
  }
  return '';
};

test('behind doors nobody asks whether rows were given', () => {
  const found: Record<string, string[]> = {};
  for (const { name, source } of sources) {
    visit(source, (node) => {
      if (!(ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node))) return;
      if (!/\bSplitRows\b/.test(node.type?.getText() ?? '') || ts.isFunctionTypeNode(node.type!)) return;
      const optional = node.questionToken || node.initializer || /\bundefined\b/.test(node.type!.getText());
      if (optional) (found[name] ??= []).push(`${named(node)}.${node.name.getText()}`);
    });
    found[name]?.sort();
  }
  expect(found).toEqual(DOORS);
});

/** What rows are called. */
const ROWS = /(^|\.)(rows|\w*Rows|split|\w*Split|splitAcross|spread)$/;

function asksSpread(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return node.name.text === 'spread' && ROWS.test(node.expression.getText());
  }
  // `{ spread }` of a parameter, or of a variable.
  if (!(ts.isParameter(node) || ts.isVariableDeclaration(node)) || !ts.isObjectBindingPattern(node.name)) return false;
  const ofRows = node.type?.getText() === 'SplitRows' || ROWS.test(node.initializer?.getText() ?? '');
  return ofRows && node.name.elements.some((element) => element.name.getText() === 'spread');
}

test('whether rows are spread is asked in few places', () => {
  const found: Record<string, number> = {};
  for (const { name, source } of sources) {
    visit(source, (node) => {
      if (asksSpread(node)) found[name] = (found[name] ?? 0) + 1;
    });
  }
  expect(found).toEqual(ASKED);
});
