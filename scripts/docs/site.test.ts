import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contents } from './contents.mjs';
import { pageHtml } from './layout.mjs';
import { rendered } from './markdown.mjs';
import { pagesOf } from './site.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = pagesOf();
const byPath = new Map([...pages.values()].map((page) => [page.path, page]));

/** The targets of links and pictures of a page. */
const targetsOf = (html: string): string[] =>
  Array.from(html.matchAll(/(?:href|src)="([^"]*)"/g), ([, target]) => target).filter((t) => !/^[a-z]+:/.test(t));

describe.each([...pages])('%s', (name, page) => {
  test('has a title, and links that lead somewhere', () => {
    expect(page.title).toMatch(/\S/);
    expect(page.headings.filter(({ level }) => level === 1)).toHaveLength(1);
    for (const target of targetsOf(page.html)) {
      const [file, anchor] = target.split('#');
      const path = file === '' ? page.path : posix.normalize(posix.join(posix.dirname(page.path), file));
      const there = byPath.get(path);
      if (there && anchor !== undefined)
        expect(
          there.headings.map(({ id }) => id),
          target,
        ).toContain(anchor);
      // Files of the repository, such as CONTRIBUTING.md, are not on the site.
      if (!there) expect(existsSync(posix.join(root, 'docs', path)), target).toBe(true);
    }
  });

  test('has the navigation, and the page before and after it', () => {
    const html = pageHtml(page, pages, { api: false, workbench: true });
    expect(html.match(/aria-current="page"/g)?.length ?? 0).toBe(name === 'index.md' ? 0 : 1);
    expect(html).toMatch(/<main id="main"[\s\S]*<h1 id=/);
    for (const target of targetsOf(html).filter((t) => t.endsWith('.html'))) {
      const path = posix.normalize(posix.join(posix.dirname(page.path), target));
      expect(byPath.has(path), target).toBe(true);
    }
  });
});

test('every page of docs/ is in the contents once, except the status', () => {
  const listed = contents.flatMap(({ pages: own }) => own);
  const there = readdirSync(`${root}/docs`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const made = ['gallery.md'];
  expect([...listed, 'index.md', 'status.md'].sort()).toEqual([...there, ...made].sort());
  expect(new Set(listed).size).toBe(listed.length);
  const index = readFileSync(`${root}/docs/index.md`, 'utf8');
  const guides = listed.filter((name) => name.startsWith('guides/'));
  for (const guide of guides) expect(index).toContain(`(${guide})`);
});

test('headings that occur twice have anchors of their own; raw HTML is text', () => {
  const page = rendered('# A *b*\n\n## C\n\n## C\n\n<script>x</script>\n', (target: string) => target);
  expect(page.headings.map(({ id }: { id: string }) => id)).toEqual(['a-b', 'c', 'c-1']);
  expect(page.html).not.toContain('<script');
});
