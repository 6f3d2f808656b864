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

/** The page of docs/ with the marker of a paper, with the table between its two places. */
export function placed(docs, record, rows) {
  const marker = markerOf(record);
  const pages = readdirSync(docs).map((name) => join(docs, name));
  const page = pages.find((file) => file.endsWith('.md') && readFileSync(file, 'utf8').includes(marker));
  if (!page) throw new Error(`No page of docs/ has ${marker}, twice.`);
  const before = readFileSync(page, 'utf8');
  const [head, , tail] = before.split(marker);
  const line = ([claim, ...rest]) => `| \`${claim}\` | ${rest.join(' | ')} |\n`;
  const table = `| ${COLUMNS.join(' | ')} |\n| --- | --- | --- | --- | --- |\n${rows.map((r) => line(cells(r))).join('')}`;
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const now = execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${page}`], {
    input: `${head}${marker}\n\n${table}\n${marker}${tail}`,
    encoding: 'utf8',
  });
  return { page, before, now };
}
