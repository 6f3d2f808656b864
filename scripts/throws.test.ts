import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** The libraries, whose reference people read. */
const libraries = ['kernels', 'numerics', 'distributed', 'engines', 'autodiff', 'southwell', 'data'];
const packages = fileURLToPath(new URL('../packages/', import.meta.url));

/** Whether the function itself throws or calls one of the functions that only throw (`fail…`), not counting its callbacks. */
function throwsItself(body: ts.Node): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found || ts.isFunctionLike(node)) return;
    if (ts.isThrowStatement(node)) found = true;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && /^fail([A-Z]|$)/.test(node.expression.text)) {
      found = true;
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

const exported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && !!ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword);

/** Exported functions, and methods of exported classes, that throw by themselves and do not say so. */
function silent(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const judge = (node: ts.FunctionLikeDeclaration, name: string): void => {
    if (!node.body || !throwsItself(node.body)) return;
    const documented = ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'throws');
    if (!documented) found.push(`${file.slice(packages.length)}: ${name}`);
  };
  for (const statement of source.statements) {
    if (!exported(statement)) continue;
    if (ts.isFunctionDeclaration(statement)) judge(statement, statement.name?.text ?? 'default');
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        const inner = initializer && ts.isCallExpression(initializer) ? initializer.arguments[0] : undefined;
        if (
          inner &&
          ts.isArrowFunction(inner) &&
          !ts.getJSDocTags(statement).some((tag) => tag.tagName.text === 'throws')
        )
          judge(inner, name.getText());
      }
    }
    if (!ts.isClassDeclaration(statement)) continue;
    for (const member of statement.members) {
      const hidden =
        ts.canHaveModifiers(member) && ts.getModifiers(member)?.some((m) => m.kind === ts.SyntaxKind.PrivateKeyword);
      if (ts.isFunctionLike(member) && !hidden && !(member.name && ts.isPrivateIdentifier(member.name))) {
        judge(
          member as ts.FunctionLikeDeclaration,
          `${statement.name?.text}.${member.name?.getText() ?? 'constructor'}`,
        );
      }
    }
  }
  return found;
}

test('whatever is exported and throws says so by @throws', () => {
  const files = libraries.flatMap((name) =>
    readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|testing\.ts$|generated/.test(file))
      .map((file) => join(packages, name, 'src', file)),
  );
  expect(files.length).toBeGreaterThan(400);
  expect(files.flatMap(silent)).toEqual([]);
});
