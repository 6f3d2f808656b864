import { createHash } from 'node:crypto';
import { wrap } from '../text.ts';
import type { Item, Kind } from './state.ts';

/** A digest as a mail: plain text and HTML with the same content. */

export interface Digest {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface DigestOptions {
  /** Address of a workbench that readers can reach; without it there are no links to one. */
  readonly site?: string;
  /** Why papers of the field are missing. */
  readonly problem?: string;
  /** How to get no more of these, and for people who were put on the list, why they get it. */
  readonly ways: readonly string[];
}

const SECTIONS: ReadonlyArray<{ kind: Kind; heading: string; one: string; many: string }> = [
  { kind: 'paper', heading: 'Papers that began to run', one: 'paper began to run', many: 'papers began to run' },
  { kind: 'verdict', heading: 'New verdicts', one: 'new verdict', many: 'new verdicts' },
  {
    kind: 'field',
    heading: 'New in the field, closest first',
    one: 'new paper in the field',
    many: 'new papers in the field',
  },
];
// A first full study gives hundreds of results; the rest are on the site.
const SHOWN = 50;

export function digestMessage(items: readonly Item[], options: DigestOptions): Digest {
  const sections = SECTIONS.map((section) => ({ ...section, items: items.filter((i) => i.kind === section.kind) }));
  const filled = sections.filter((s) => s.items.length > 0);
  const subject = `southwell: ${filled.map((s) => `${s.items.length} ${s.items.length === 1 ? s.one : s.many}`).join(', ')}`;
  const notes = options.problem ? [`Papers of the field are missing this time: ${options.problem}.`] : [];
  const linkOf = (item: Item) =>
    item.link.startsWith('/') ? options.site && `${options.site}${item.link}` : item.link;
  const more = (hidden: number) => (hidden > 0 ? `and ${hidden} more` : undefined);

  const text = [
    ...filled.flatMap((s) => [
      `${s.heading}\n${'='.repeat(s.heading.length)}`,
      ...s.items
        .slice(0, SHOWN)
        .map((item) =>
          [
            wrap(item.title, '', 76),
            ...item.lines.map((line) => wrap(line, '  ', 76)),
            linkOf(item) && `  ${linkOf(item)}`,
          ]
            .filter(Boolean)
            .join('\n'),
        ),
      more(s.items.length - SHOWN),
    ]),
    ...notes.map((note) => wrap(note, '', 76)),
    `-- \n${options.ways.map((way) => wrap(way, '', 76)).join('\n')}`,
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');

  const heading = (item: Item) => {
    const link = linkOf(item);
    return link ? `<a href="${escapeHtml(link)}">${escapeHtml(item.title)}</a>` : escapeHtml(item.title);
  };
  const html = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>',
    escapeHtml(subject),
    '</title></head><body style="font-family:system-ui,sans-serif;line-height:1.45;max-width:42em">',
    ...filled.flatMap((s) => [
      `<h2>${s.heading}</h2><ul>`,
      ...s.items
        .slice(0, SHOWN)
        .map((item) => `<li>${heading(item)}${item.lines.map((line) => `<br>${escapeHtml(line)}`).join('')}</li>`),
      ...[more(s.items.length - SHOWN)].filter(Boolean).map((rest) => `<li>${rest}</li>`),
      '</ul>',
    ]),
    ...notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    `<hr><p>${options.ways.map((way) => linked(way)).join('<br>')}</p></body></html>`,
  ].join('\n');
  return { subject, text: `${text}\n`, html };
}

/**
 * The same content to the same recipient has the same id, so that a mail that was accepted just before a crash and is
 * sent once more can be known for what it is.
 */
export function messageId(address: string, items: readonly Item[], host: string): string {
  const hash = createHash('sha256').update(JSON.stringify([address, ...items.map((i) => i.key)]));
  return `<${hash.digest('hex').slice(0, 40)}@${host}>`;
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const linked = (text: string): string =>
  escapeHtml(text).replace(/https?:\/\/[^\s<]*[^\s<.,]/g, (url) => `<a href="${url}">${url}</a>`);
