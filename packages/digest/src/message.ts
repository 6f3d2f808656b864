import { createHash } from 'node:crypto';
import { findRecord } from '@southwell/papers';
import { wrap } from '@southwell/tasks';
import { escapeHtml, letter, linked } from './letter.ts';
import type { Item, Kind } from './state.ts';

/** A digest as a mail: plain text and HTML with the same content. */

export interface Digest {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface DigestOptions {
  /** URL of a workbench that readers can reach; without it links go to arXiv, if the paper is there. */
  readonly site?: string;
  /** Why papers of the field are missing. */
  readonly problem?: string;
  /** How to unsubscribe, and for people who were put on the list, why they receive it; the line links to `link`. */
  readonly ways: ReadonlyArray<{ readonly text: string; readonly link?: string }>;
}

const SECTIONS: ReadonlyArray<{ kind: Kind; heading: string; one: string; many: string }> = [
  { kind: 'verdict', heading: 'New verdicts', one: 'new verdict', many: 'new verdicts' },
  { kind: 'paper', heading: 'Papers that began to run', one: 'paper began to run', many: 'papers began to run' },
  {
    kind: 'field',
    heading: 'New in the field, closest first',
    one: 'new paper in the field',
    many: 'new papers in the field',
  },
];
// Maximum number of items: a first full study gives hundreds of results; the rest are on the site.
const SHOWN = 50;
/** Width of the text, and of a summary line in it. */
const WIDTH = 76;
const ROW = WIDTH - 2;
/** Number of characters of a summary line in HTML, which are narrower. */
const LINE = 84;

export function digestMessage(items: readonly Item[], options: DigestOptions): Digest {
  const sections = SECTIONS.map((section) => ({ ...section, items: items.filter((i) => i.kind === section.kind) }));
  const filled = sections.filter((s) => s.items.length > 0);
  const subject = `southwell: ${filled.map((s) => `${s.items.length} ${s.items.length === 1 ? s.one : s.many}`).join(', ')}`;
  const notes = options.problem ? [`Papers of the field are missing this time: ${options.problem}.`] : [];
  const linkOf = (item: Item) => {
    if (!item.link.startsWith('/')) return item.link;
    if (options.site) return `${options.site}${item.link}`;
    const arxiv = findRecord(item.link.slice('/papers/'.length))?.arxiv;
    return arxiv && `https://arxiv.org/abs/${arxiv}`;
  };
  const more = (hidden: number) => (hidden > 0 ? `and ${hidden} more` : undefined);

  const text = [
    ...filled.flatMap((s) => [
      `${s.heading}\n${'='.repeat(s.heading.length)}`,
      ...s.items
        .slice(0, SHOWN)
        .map((item) =>
          [
            wrap(item.title, '', WIDTH),
            ...twoRows(item.lines).map((row) => `  ${row}`),
            linkOf(item) && `  ${linkOf(item)}`,
          ]
            .filter(Boolean)
            .join('\n'),
        ),
      more(s.items.length - SHOWN),
    ]),
    ...notes.map((note) => wrap(note, '', WIDTH)),
    `-- \n${options.ways.map((way) => wrap(way.text, '', WIDTH)).join('\n')}`,
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');

  const heading = (item: Item) => {
    const link = linkOf(item);
    return link ? `<a href="${escapeHtml(link)}">${escapeHtml(item.title)}</a>` : escapeHtml(item.title);
  };
  const body = [
    ...filled.flatMap((s) => [
      `<h2>${s.heading}</h2>`,
      ...s.items.slice(0, SHOWN).map(
        (item) =>
          `<div class="item"><div class="title">${heading(item)}</div>${summary(item)
            .map((line) => `<div class="soft">${escapeHtml(line)}</div>`)
            .join('')}</div>`,
      ),
      ...[more(s.items.length - SHOWN)].filter(Boolean).map((rest) => `<p class="soft">${rest}</p>`),
    ]),
    ...notes.map((note) => `<p>${linked(note)}</p>`),
  ].join('\n');
  const foot = options.ways.map(({ text, link }) =>
    link ? `<a href="${escapeHtml(link)}">${escapeHtml(text)}</a>` : linked(text),
  );
  return { subject, text: `${text}\n`, html: letter({ title: subject, body, foot, site: options.site }) };
}

/** At most two rows of plain text: one per line, or a single line wrapped over both. */
function twoRows(lines: readonly string[]): string[] {
  if (lines.length !== 1) return lines.slice(0, 2).map((line) => clip(line, ROW));
  const rows = wrap(lines[0], '', ROW).split('\n');
  return rows.length <= 2 ? rows : [rows[0], clip(rows.slice(1).join(' '), ROW)];
}

/** The first words of a text, as many as fit. */
const clip = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1).replace(/[\s.,;:(]*(\s\S*)?$/, '')}…`;

/** The same for HTML, which wraps lines itself. */
const summary = (item: Item): string[] =>
  item.lines.length === 1 ? [clip(item.lines[0], 2 * LINE)] : item.lines.slice(0, 2).map((line) => clip(line, LINE));

/**
 * The same content to the same recipient has the same id, so that a mail that was accepted just before a crash and is
 * sent again can be recognised as a duplicate.
 */
export function messageId(address: string, items: readonly Item[], host: string): string {
  const hash = createHash('sha256').update(JSON.stringify([address, ...items.map((i) => i.key)]));
  return `<${hash.digest('hex').slice(0, 40)}@${host}>`;
}
