import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import json from 'highlight.js/lib/languages/json';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import MarkdownIt from 'markdown-it';

for (const [name, language] of Object.entries({ bash, json, typescript, xml })) hljs.registerLanguage(name, language);
const LANGUAGES = {
  sh: 'bash',
  bash: 'bash',
  ts: 'typescript',
  js: 'typescript',
  json: 'json',
  html: 'xml',
  svelte: 'xml',
};

/** The anchor of a heading, as GitHub makes it. */
const slug = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const plain = (tokens) =>
  tokens
    .map((t) =>
      t.children
        ? plain(t.children)
        : t.type === 'text' || t.type === 'code_inline'
          ? t.content
          : t.type === 'softbreak'
            ? ' '
            : '',
    )
    .join('');

/**
 * A page of Markdown as HTML, with what the site shows around it.
 * @param {string} text
 * @param {(target: string) => string} link Turns the target of a link or a picture into that on the site.
 * @param {(target: string) => { width?: number, height?: number }} sizeOf The size of a picture.
 */
export function rendered(text, link, sizeOf = () => ({})) {
  const keywords = /^<!-- search: ([\s\S]*?) -->\n/m.exec(text)?.[1] ?? '';
  // Comments are for programs that update the page.
  const source = text.replaceAll(/^[ \t]*<!--[\s\S]*?-->[ \t]*\n?/gm, '');
  const md = new MarkdownIt({
    html: false,
    linkify: false,
    highlight: (code, language) =>
      LANGUAGES[language] ? hljs.highlight(code, { language: LANGUAGES[language] }).value : '',
  });
  const { rules } = md.renderer;
  const { escapeHtml } = md.utils;
  rules.table_open = () => '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n';
  rules.table_close = () => '</table></div>\n';
  rules.image = (tokens, at) => {
    const target = tokens[at].attrGet('src');
    const { width, height } = sizeOf(target);
    const size = width ? ` width="${width}" height="${height}"` : '';
    return `<img src="${escapeHtml(link(target))}" alt="${escapeHtml(plain(tokens[at].children))}"${size} loading="lazy" />`;
  };
  const fence = rules.fence;
  rules.fence = (tokens, at, ...rest) => {
    // Words after the language are for tests and for the docs on adding code.
    const [language, ...words] = tokens[at].info.split(/\s+/);
    tokens[at].info = language;
    const file = words.join(' ');
    const name = /[/.]/.test(file) ? `<p class="file"><code>${escapeHtml(file)}</code></p>` : '';
    return `${name}<div class="code">${fence(tokens, at, ...rest)}</div>\n`;
  };
  const tokens = md.parse(source, {});
  const seen = new Map();
  const headings = [];
  tokens.forEach((token, at) => {
    if (token.type === 'heading_open') {
      const title = plain([tokens[at + 1]]);
      const name = slug(title);
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      const id = count === 0 ? name : `${name}-${count}`;
      token.attrSet('id', id);
      headings.push({ level: Number(token.tag[1]), title, id, at });
    }
    for (const child of token.children ?? []) {
      const href = child.type === 'link_open' ? child.attrGet('href') : undefined;
      if (href) child.attrSet('href', link(href));
    }
  });
  const sections = headings.map(({ title, id, level, at }, k) => ({
    ...{ title, id, level },
    text: tokens
      .slice(at + 3, headings[k + 1]?.at)
      .map((t) => (t.type === 'inline' ? plain([t]) : t.type === 'fence' ? t.content : ''))
      .filter((part) => part !== '')
      .join(' '),
  }));
  const first = tokens.findIndex((t) => t.type === 'paragraph_open');
  return {
    title: headings[0]?.title ?? 'southwell',
    description: first < 0 ? '' : plain([tokens[first + 1]]).replaceAll(/\s+/g, ' '),
    keywords,
    headings: headings.map(({ at: _, ...heading }) => heading),
    sections,
    html: md.renderer.render(tokens, md.options, {}),
  };
}
