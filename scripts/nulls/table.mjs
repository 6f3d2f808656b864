// The tables of verdicts under nulls, for the command, the docs and their test.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const GOOD = ['holds', 'partly'];
const distinct = (list) => [...new Set(list)];

/**
 * A row for each claim and each of its nulls: how the claim stands, the outcomes under the null over all seeds, the measures
 * that are met for any seed, and whether the method is told apart from it.
 */
export const rowsOf = (record, nulls, verdicts, standings) =>
  record.claims.flatMap(({ id: claim }) =>
    nulls.flatMap(({ id, says, kinds = [] }) => {
      const own = verdicts.filter((v) => v.claim === claim && v.null === id);
      if (own.length === 0) return [];
      const standing = standings.find((s) => s.claim === claim);
      return [
        {
          ...{ claim, null: id, says, kinds },
          shipped: standing?.sizes[own[0].size]?.outcome ?? standing?.outcome ?? 'no verdict',
          under: distinct(own.map((v) => v.outcome)).join(' / '),
          met: distinct(own.flatMap((v) => v.met)),
          apart: own.every((v) => !GOOD.includes(v.outcome)),
        },
      ];
    }),
  );

const COLUMNS = ['claim', 'as released', 'null', 'verdict', 'measures met'];
const cells = (r) => [r.claim, r.shipped, r.says, r.under, r.met.join(', ') || '–'];

export function textTable(rows) {
  const table = [COLUMNS, ...rows.map(cells)];
  const widths = COLUMNS.map((_, j) => Math.max(...table.map((row) => row[j].length)));
  return `${table
    .map((row) =>
      row
        .map((cell, j) => cell.padEnd(widths[j]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

export const markerOf = ({ slug }) => `<!-- nulls ${slug.slice(0, 2)} -->`;

/**
 * For each paper with its rows, the page of docs/ with the marker of the paper, before, and now with the table between
 * its two places. The formatter, which takes longest to start, runs once for all.
 */
export function placed(docs, papers) {
  const pages = readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ page: join(docs, name), before: readFileSync(join(docs, name), 'utf8') }));
  const line = ([claim, ...rest]) => `| \`${claim}\` | ${rest.join(' | ')} |\n`;
  const table = (rows) =>
    `| ${COLUMNS.join(' | ')} |\n| --- | --- | --- | --- | --- |\n${rows.map((r) => line(cells(r))).join('')}`;
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const formatted = execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${pages[0].page}`], {
    input: papers
      .map(({ record, rows }) => [markerOf(record), table(rows), markerOf(record)].join('\n\n'))
      .join('\n\n'),
    encoding: 'utf8',
  });
  return papers.map(({ record }) => {
    const marker = markerOf(record);
    const found = pages.find(({ before }) => before.includes(marker));
    if (!found) throw new Error(`No page of docs/ has ${marker}, twice.`);
    const [head, , tail] = found.before.split(marker);
    return { ...found, now: `${head}${marker}${formatted.split(marker)[1]}${marker}${tail}` };
  });
}
