import { count, factsText, number, type Reading } from '@southwell/tasks';
import type { Command } from 'commander';
import type { JobRequest } from '../carriers/carrier.ts';
import { carrierAt } from '../carriers/choose.ts';
import { EXIT, UsageError } from '../errors.ts';
import type { ColumnSummary, TableSummary } from '../jobs/inspect-table.ts';
import { isLanguageModel } from '../jobs/language-file.ts';
import { isOthersNetwork } from '../jobs/onnx-file.ts';
import { DATA, example } from '../options.ts';
import { NETWORK, onOneRank, placeOf, RANK_TIMEOUT, RANKS, type RankOptions } from '../ranks/ranks.ts';
import { addReading, readingChecked } from '../task/reading.ts';
import { braille } from '../terminal/braille.ts';
import pc from '../terminal/colours.ts';
import { clip, printable, table, wrap } from '../text.ts';

interface InspectOptions extends Reading, RankOptions {
  readonly json?: boolean;
  readonly all?: boolean;
}

export async function inspectCommand(data: string, options: InspectOptions): Promise<number> {
  const place = placeOf(options);
  if (isLanguageModel(data)) {
    if (place) throw new UsageError(onOneRank('inspect of a language model'));
    return (await import('./inspect-language.ts')).inspectLanguage(data, options);
  }
  if (isOthersNetwork(data)) {
    if (place) throw new UsageError(onOneRank('inspect of a network'));
    return (await import('./inspect-network.ts')).inspectNetwork(data, options);
  }
  const carrier = await carrierAt(place);
  const { outcome, end } = await carrier<TableSummary>(
    { job: 'inspect', asked: { data, ...readingChecked(options) }, place } as JobRequest,
    {
      quiet: options.json === true || (place?.rank ?? 0) > 0,
      stopping: 'Stopping.',
      stoppedEarly: 'Stopped before the end; nothing was written.',
    },
  );
  // With several processes, only the first prints.
  if (!place || place.rank === 0) tell(outcome, options);
  await end();
  return EXIT.done;
}

function tell(summary: TableSummary, options: InspectOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify({ southwell: 1, ...summary, exitCode: 0 }, null, 2)}\n`);
  else process.stdout.write(`${inspectText(summary, options.all === true)}\n`);
}

function inspectText(s: TableSummary, all: boolean): string {
  const lines: string[] = [];
  const what = s.sparse ? `${count(s.sparse.features, 'feature')}, sparse` : count(s.columns.length, 'column');
  lines.push(pc.bold(`${printable(s.name)}: ${count(s.rows, 'row')}, ${what} (${s.format})`));
  if (s.sparse) {
    lines.push(
      `${count(s.sparse.stored, 'stored value')}, ${number(100 * s.sparse.density, 3)} % of the matrix; ${count(s.sparse.emptyColumns, 'empty column')}`,
    );
    if (s.sparse.labels) lines.push(wrap(`labels: ${s.sparse.labels.map((l) => `${l.level} (${l.rows})`).join(', ')}`));
    else if (s.sparse.labelCount) lines.push(`${count(s.sparse.labelCount, 'different label')}`);
  }
  if (s.matrix) lines.push(wrap(factsText(s.matrix)));
  if (s.pattern) lines.push('', ...braille(s.pattern));
  if (s.index) lines.push(wrap(`names of the rows: ${printable(s.index.name)}, ${s.index.why}`));
  for (const note of s.notes.slice(0, 10)) lines.push(pc.dim(wrap(printable(note))));
  const numeric = s.columns.filter((c) => c.type === 'number');
  const others = s.columns.filter((c) => c.type !== 'number');
  const limit = all ? Number.POSITIVE_INFINITY : 60;
  const remarks = (c: ColumnSummary) =>
    [c.why, c.constant && 'constant', c.duplicateOf !== undefined && `= ${clip(c.duplicateOf, 10)}`]
      .filter(Boolean)
      .join(', ');
  if (numeric.length > 0) {
    lines.push(
      '',
      table(
        [
          { title: 'number' },
          { title: 'missing', align: 'right' },
          { title: 'min', align: 'right' },
          { title: 'mean', align: 'right' },
          { title: 'max', align: 'right' },
          { title: 'sd', align: 'right' },
          { title: 'why' },
        ],
        numeric
          .slice(0, limit)
          .map((c) => [
            c.name,
            String(c.missing),
            number(c.min),
            number(c.mean),
            number(c.max),
            number(c.sd),
            remarks(c),
          ]),
      ),
    );
    if (numeric.length > limit) lines.push(pc.dim(`  … and ${numeric.length - limit} more (--all shows them)`));
  }
  if (others.length > 0) {
    lines.push(
      '',
      table(
        [
          { title: 'category' },
          { title: 'missing', align: 'right' },
          { title: 'levels', align: 'right' },
          { title: 'rows of each' },
          { title: 'why' },
        ],
        others.slice(0, limit).map((c) => {
          const shown = c.levels!.slice(0, 4).map((l) => `${clip(l.level, 14)} ${l.rows}`);
          const levels = c.type === 'text' ? 'text' : shown.join(', ') + (c.distinct! > shown.length ? ', …' : '');
          return [c.name, String(c.missing), String(c.distinct), levels, remarks(c)];
        }),
      ),
    );
    if (others.length > limit) lines.push(pc.dim(`  … and ${others.length - limit} more (--all shows them)`));
  }
  const list = (names: readonly string[]) =>
    names.slice(0, 6).map(printable).join(', ') + (names.length > 6 ? ', …' : '');
  lines.push('');
  if (s.columns.length > 0) lines.push(`${count(s.missing, 'missing value')}`);
  if (s.constant.length > 0) lines.push(wrap(`${count(s.constant.length, 'constant column')}: ${list(s.constant)}`));
  if (s.duplicates.length > 0) {
    lines.push(
      wrap(`${count(s.duplicates.length, 'duplicate column')}: ${list(s.duplicates.map(([a, b]) => `${a} = ${b}`))}`),
    );
  }
  return lines.join('\n').trimEnd();
}

/** `southwell inspect`. */
export function addInspect(program: Command, end: (code: number) => void): void {
  const command = program
    .command('inspect')
    .description(
      'Summarise a table: types, ranges, missing values, constant and duplicate columns; or a network: layers and tensors.',
    )
    .argument(
      '<data>',
      `${DATA}; or an ONNX file, a model.json of TensorFlow.js, a .bin of llama2.c, or safetensors with their config.json`,
    )
    .option('--all', 'every column, however many')
    .option('--json', 'print one JSON document')
    .addOption(RANKS)
    .addOption(RANK_TIMEOUT)
    .addOption(NETWORK);
  addReading(command)
    .addHelpText('after', example('southwell inspect houses.csv.gz', 'southwell inspect bundled:diabetes --json'))
    .action(async (data: string, options) => end(await inspectCommand(data, options)));
}
