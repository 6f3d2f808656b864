import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DARK, LIGHT } from '@southwell/charts';
import { describe, expect, test } from 'vitest';

/** The workbench's design: colours, sizes of text and distances are the tokens of tokens.css, and those are used. */

const app = fileURLToPath(new URL('../packages/workbench/app', import.meta.url));
const chartsFolder = fileURLToPath(new URL('../packages/charts/src', import.meta.url));
const files = readdirSync(app, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(svelte|css|ts)$/.test(entry.name) && entry.name !== 'tokens.css')
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => [path.slice(app.length + 1), readFileSync(path, 'utf8')] as const);
/** Charts draw with the same tokens, in a package of their own. */
const charts = readdirSync(chartsFolder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(chartsFolder, name), 'utf8'));
const tokens = readFileSync(join(app, 'tokens.css'), 'utf8');
const names = Array.from(tokens.matchAll(/^ {2}(--[\w-]+):/gm), ([, name]) => name);

/** The rules of a style sheet, or of the style element of a component. */
const stylesOf = (path: string, text: string): string =>
  path.endsWith('.css') ? text : (/<style[^>]*>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '');

/** Declarations whose value is not made of tokens. */
function around(css: string): string[] {
  const found: string[] = [];
  const bare = css.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  for (const [, property, value] of bare.matchAll(/(?<![\w-])([a-z-]+)\s*:\s*([^;{}]+?)\s*[;}]/g)) {
    const text = `${property}: ${value}`;
    if (/#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|lab)a?\(/i.test(value)) found.push(text);
    if (property === 'font-size' && !/^(var\(--text-[\w-]+\)|[\d.]+em|100%|inherit)$/.test(value)) found.push(text);
    if (property === 'font-family' && !/^(var\(--(sans|mono)\)|inherit)$/.test(value)) found.push(text);
    if (/^(margin|padding)|^((row|column)-)?gap$|^border-radius$/.test(property)) {
      const rest = value.replaceAll(/calc\([^;]*?var\(--(space|round)-[\w-]+\)\)|var\(--(space|round)-[\w-]+\)/g, '');
      if (/[\d.]+(rem|em)\b|\b([4-9]|\d{2,})px\b/.test(rest)) found.push(text);
    }
  }
  return found;
}

describe('the tokens of the design', () => {
  test.each(files.filter(([path, text]) => stylesOf(path, text) !== ''))('%s goes round none of them', (path, text) => {
    expect(around(stylesOf(path, text))).toEqual([]);
  });

  test.each(files.filter(([path]) => path.endsWith('.svelte')))('%s has no colours in its markup', (_, text) => {
    const markup = text.replace(/<style[^>]*>[\s\S]*<\/style>/, '');
    expect(markup.match(/\b(fill|stroke|color|background)(="|:|=\{`?)#[0-9a-f]{3,8}/gi) ?? []).toEqual([]);
  });

  test('each of them is used', () => {
    const all = [...files.map(([, text]) => text), ...charts].join('\n');
    // Series are numbered, and the page of the design lists tokens by their beginnings.
    const used = (name: string) => all.includes(`var(${name})`) || (/^--c\d$/.test(name) && all.includes('`--c${'));
    expect(names.filter((name) => !used(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(30);
  });

  test('charts have the same colours', () => {
    for (const [scheme, place] of [
      [LIGHT, 1],
      [DARK, 2],
    ] as const) {
      for (const [name, colour] of Object.entries(scheme)) {
        const declared = new RegExp(`--${name}: light-dark\\(((?:[^,()]|\\([^)]*\\))+), (.+)\\);`).exec(tokens);
        expect(declared?.[place], name).toBe(colour);
      }
    }
  });

  test('and there are no others', () => {
    const all = files.map(([, text]) => text).join('\n');
    const asked = new Set(Array.from(all.matchAll(/var\((--[\w-]+)\)/g), ([, name]) => name));
    // Rules may hand a token on under a name of their own.
    const own = (name: string) => new RegExp(`${name}: var\\(--`).test(all);
    expect([...asked].filter((name) => !names.includes(name) && !own(name))).toEqual([]);
  });

  test('the page of the design shows every component', () => {
    const [, style] = files.find(([path]) => path === 'pages/Style.svelte')!;
    const components = readdirSync(join(app, 'components')).filter((name) => name.endsWith('.svelte'));
    const contents = (text: string) => components.filter((name) => text.includes(`/${name}'`));
    const shown = new Set<string>();
    const visit = (text: string): void => {
      for (const name of contents(text)) {
        if (shown.has(name)) continue;
        shown.add(name);
        visit(readFileSync(join(app, 'components', name), 'utf8'));
      }
    };
    visit(style);
    expect(components.filter((name) => !shown.has(name))).toEqual([]);
  });
});
