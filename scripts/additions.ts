/** docs/adding.md as data: its examples, and the code that they add to files. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Maximum number of files for each kind of addition. */
export const MOST: Readonly<Record<string, number>> = {
  'An option of a family': 4,
  'An option of `fit`': 4,
  'A method of a family': 5,
  'A loss': 5,
  'A penalty': 5,
  'A solver of linear models': 4,
  'A family': 12,
  'A paper': 7,
};

export interface Addition {
  readonly path: string;
  readonly text: string;
  readonly how?: 'after' | 'before' | 'in place of' | 'at the end';
  readonly anchor?: string;
}

export interface Example {
  readonly title: string;
  /** The files in its numbered list. */
  readonly files: readonly string[];
  readonly additions: readonly Addition[];
}

/** The additions of a section: its fenced blocks that name a file, without the indentation of the enclosing list. */
function additionsOf(section: string): Addition[] {
  const fences = section.matchAll(
    /^( *)```\w+ (\S+\.\w+)(?: (after|before|in place of|at the end)(?: "(.+)")?)?\n([\s\S]*?)^\1```$/gm,
  );
  return [...fences].map(([, indent, path, how, anchor, text]) => ({
    path,
    how: how as Addition['how'],
    anchor,
    text: text.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The examples of the page: sections whose heading is in the table of counts. */
function examplesOf(page: string): Example[] {
  return page.split(/^## /m).flatMap((section) => {
    const [title] = section.split('\n');
    if (!Object.hasOwn(MOST, title)) return [];
    const files = [...section.matchAll(/^\d+\. `([^`]+)`/gm)].map((m) => m[1]);
    return [{ title, files, additions: additionsOf(section) }];
  });
}

/** A file with the addition; throws a sentence if its place is missing or ambiguous. */
export function added(before: string | undefined, { path, text, how, anchor }: Addition): string {
  if (how === undefined) {
    if (before !== undefined) throw new Error(`docs/adding.md makes ${path} anew, but there is one.`);
    return text;
  }
  if (before === undefined) throw new Error(`docs/adding.md adds to ${path}, which is not there.`);
  if (how === 'at the end') return before + text;
  const lines = before.split('\n');
  const places = lines.flatMap((line, i) => (line.includes(anchor!) ? [i] : []));
  if (places.length !== 1) {
    throw new Error(
      `docs/adding.md adds to ${path} ${how} "${anchor}", which is there ${places.length} times, not once.`,
    );
  }
  const [at] = places;
  lines.splice(how === 'after' ? at + 1 : at, how === 'in place of' ? 1 : 0, ...text.replace(/\n$/, '').split('\n'));
  return lines.join('\n');
}

export const page = readFileSync(`${root}docs/adding.md`, 'utf8');
export const examples = examplesOf(page);
