import { fail } from '@southwell/numerics/core';
import { blockRows, finishing, npyBlock, npyLayout, npyNames } from '../binary/npy.ts';
import type { NpyLayout } from '../binary/npy-header.ts';
import { peek, piecesOf, type Source } from '../io/source.ts';
import { type ChooseColumns, columnIndices, type Format, type ReadContext, type Table } from '../table.ts';
import { CsvReader, type Dirt, noRows, noteDirt } from '../text/csv.ts';
import { LibsvmReader } from '../text/libsvm.ts';
import type { Company } from './company.ts';
import { lookAt } from './csv.ts';
import { locateBlocks, type RowBlock } from './locate.ts';
import { CsvScan, LibsvmScan } from './scan.ts';

/** A file read by ranks in blocks of rows; any rank can read any block. */
export interface FileBlocks {
  readonly count: number;
  /** Reads a block and adds its notes. */
  read(block: number, notes: string[]): Promise<Pick<Table, 'rows' | 'before' | 'columns' | 'sparse'>>;
  /** Notes on the whole file. Collective: to be called by all ranks when all blocks have been read. */
  notes?(): Promise<string[]>;
}

type Opening = (source: Source, context: ReadContext, company: Company, choose: ChooseColumns) => Promise<FileBlocks>;

/** The formats that can be read in blocks of rows from a source with random access. */
export const BLOCKS: Partial<Record<Format, Opening>> = { csv, libsvm, npy, parquet };

const bytesOf = (source: Source, { from, to }: RowBlock) => piecesOf(source, from, to);

function checkRows({ name }: ReadContext, { rows }: RowBlock, found: number): void {
  if (found !== rows) throw new Error(`${name} has ${found} rows where ${rows} were seen.`);
}

/** Number of examples shown. */
const SHOWN = 3;

async function csv(source: Source, context: ReadContext, company: Company, choose: ChooseColumns): Promise<FileBlocks> {
  const { name } = context;
  const reader = new CsvReader({ ...context, size: undefined, notes: [] }, { choose });
  let looked!: Awaited<ReturnType<typeof lookAt>>;
  await company.agree(async () => {
    looked = await lookAt(source, reader);
  });
  const { layout, head } = looked;
  const { delimiter, names, dataStart, dataLine } = layout;
  const scan = (position: number, quoted: boolean) => new CsvScan(position, quoted, delimiter, names.length);
  const rows = { source, from: dataStart, line: dataLine, cr: true, quotes: true, scan, rowsOf: () => [0, 0] as const };
  const blocks = await locateBlocks(rows, company, head);
  if (blocks.length === 0) noRows(name, names, layout.header);
  context.notes.push(...layout.notes);
  const dirt = new Map<string, Dirt>();
  return {
    count: blocks.length,
    async read(k) {
      const block = blocks[k];
      const { before, line, rows } = block;
      const own = new CsvReader({ ...context, notes: [] }, { choose, part: { layout, line, before, rows } });
      for await (const piece of bytesOf(source, block)) own.feed(piece);
      own.end();
      checkRows(context, block, own.complete);
      const columns = own.takeChosen();
      for (const found of own.dirt) dirt.set(found.name, joined(dirt.get(found.name), found));
      return { rows, before, columns };
    },
    async notes() {
      const all = new Map<string, Dirt>();
      for (const found of (await company.agree(() => [...dirt.values()])).flat()) {
        all.set(found.name, joined(all.get(found.name), found));
      }
      const notes: string[] = [];
      // Sorted by the columns of the file.
      const ordered = names.flatMap((column) => all.get(column) ?? []);
      noteDirt(ordered, reader.choice, { ...context, notes });
      return notes;
    },
  };
}

function joined(a: Dirt | undefined, b: Dirt): Dirt {
  if (!a) return b;
  const examples = [...a.examples, ...b.examples].sort((one, other) => one.row - other.row).slice(0, SHOWN);
  return { name: a.name, good: a.good + b.good, bad: a.bad + b.bad, examples };
}

async function libsvm(source: Source, context: ReadContext, company: Company): Promise<FileBlocks> {
  const { zeroBased = 'auto' } = context.options;
  let from = 0;
  await company.agree(async () => {
    const [a, b, c] = (await peek(source, 3)).head;
    if (a === 0xef && b === 0xbb && c === 0xbf) from = 3;
  });
  const scan = (position: number) => new LibsvmScan(position);
  const rows = { source, from, line: 0, cr: false, quotes: false, scan, rowsOf: () => [0, 0] as const };
  const blocks = await locateBlocks(rows, company, 0);
  if (blocks.length === 0) fail('INVALID_FORMAT', `${context.name} has no rows.`);
  // Whether indices start at 0 depends on all rows, so each rank examines a part of them.
  const part = (r: number) => Math.floor((blocks.length * r) / company.size);
  const mine = blocks.slice(part(company.rank), part(company.rank + 1));
  const most = Math.ceil(blocks.length / company.size);
  const zeros = await company.reading(most * Math.max(...blocks.map(({ to, from }) => to - from)), async (beat) => {
    let done = 0;
    for (const block of zeroBased === 'auto' ? mine : []) {
      const look = new LibsvmReader({ ...context, notes: [] }, block.line);
      for await (const piece of bytesOf(source, block)) {
        look.feed(piece);
        context.progress(0);
        done += piece.length;
        await beat(done);
      }
      look.end();
      if (look.startsAtZero()) return true;
    }
    return false;
  });
  const zero = zeros.includes(true);
  if (zero) context.notes.push('Index 0 occurs, so indices were taken to start at 0.');
  const base = zeroBased === true || zero ? 0 : 1;
  return {
    count: blocks.length,
    async read(k) {
      const block = blocks[k];
      const reader = new LibsvmReader({ ...context, notes: [] }, block.line);
      for await (const piece of bytesOf(source, block)) reader.feed(piece);
      reader.end();
      checkRows(context, block, reader.rows);
      return { rows: block.rows, before: block.before, columns: [], sparse: reader.takeSparse(base), indexBase: base };
    },
  };
}

async function npy(source: Source, context: ReadContext, company: Company, choose: ChooseColumns): Promise<FileBlocks> {
  let layout!: NpyLayout;
  let chosen: number[] = [];
  await company.agree(async () => {
    ({ layout } = await npyLayout(source, context.name));
    chosen = columnIndices(npyNames(layout), choose, context.name);
  });
  const most = blockRows(layout, chosen.length);
  return {
    count: Math.ceil(layout.rows / most),
    async read(k, notes) {
      const rows = Math.min(most, layout.rows - k * most);
      const finish = finishing(npyNames(layout), choose, { ...context, notes });
      return { rows, before: k * most, columns: await npyBlock(source, layout, chosen, k * most, context, finish) };
    },
  };
}

async function parquet(
  source: Source,
  context: ReadContext,
  company: Company,
  choose: ChooseColumns,
): Promise<FileBlocks> {
  const { groupsOf } = await import('../binary/parquet.ts');
  let groups!: Awaited<ReturnType<typeof groupsOf>>;
  await company.agree(async () => {
    groups = await groupsOf(source, context, choose);
  });
  const { blocks, read } = groups;
  return {
    count: blocks.length,
    async read(k, notes) {
      const { group, start, end } = blocks[k];
      return { rows: end - start, before: start, columns: await read(group, notes) };
    },
  };
}
