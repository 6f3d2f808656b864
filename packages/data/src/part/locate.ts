import { PIECE, piecesOf, type Source } from '../io/source.ts';
import type { Company } from './company.ts';
import type { Cut, Scan, Scanned } from './scan.ts';

const LF = 10;
const CR = 13;

/** A text file whose rows have to be located. */
export interface Rows {
  readonly source: Source;
  /** Byte offset of the first row, and number of physical lines before it. */
  readonly from: number;
  readonly line: number;
  /** Whether a carriage return alone ends a line. */
  readonly cr: boolean;
  /** Whether a range may begin inside quotation marks. */
  readonly quotes: boolean;
  scan(position: number, quoted: boolean): Scan;
  /** The range of rows of a rank. */
  rowsOf(all: number, rank: number): readonly [first: number, end: number];
}

/** The location of this rank's rows. */
export interface Located {
  readonly all: number;
  readonly first: number;
  readonly end: number;
  /** Their byte range. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the largest part of any rank. */
  readonly longest: number;
  /** Number of physical lines before them. */
  readonly line: number;
  /** Number of blank lines between all rows. */
  readonly blank: number;
  /** Whether the last row is unreadable. */
  readonly broken: boolean;
}

/**
 * Counts the rows of a file and locates those of this rank. Each rank scans a part of the bytes that begins and ends at
 * line ends; if quotation marks may contain line ends, it is scanned both as if it began inside and outside of them,
 * and the preceding parts decide. Without random access, each rank scans the whole source.
 */
export async function locateRows(rows: Rows, company: Company): Promise<Located> {
  const { source } = rows;
  const { rank, size: ranks } = company;
  const { split, size, scans, range, own, found } = await scanRanges(rows, company);
  // The rank that scanned the first row of another rank reports its position.
  const places = await company.agree(async () => {
    const out: Array<readonly [rank: number, at: number, line: number]> = [];
    for (let r = 0; r < ranks; r++) {
      const [first, end] = rows.rowsOf(found.all, r);
      const row = first - own.rows;
      if (first === end || row < 0 || row >= own.scanned.rows || (!split && r !== rank)) continue;
      const seen = scans[own.quoted ? 1 : 0];
      const scan = rows.scan(range[0], false);
      for await (const piece of piecesOf(source, scan.seek(seen, row), range[1])) {
        scan.feed(piece);
        if (scan.over) break;
      }
      scan.end(!split || range[1] === size);
      const { at, lines } = scan.found!;
      out.push([r, at, rows.line + own.lines + lines]);
    }
    return out;
  });
  const at = new Map(places.flat().map(([r, ...place]) => [r, place]));
  const startOf = (r: number) => {
    for (let next = r; next < ranks; next++) if (at.has(next)) return at.get(next)![0];
    return size ?? Number.POSITIVE_INFINITY;
  };
  const [first, end] = rows.rowsOf(found.all, rank);
  const lengths = Array.from({ length: ranks }, (_, r) => startOf(r + 1) - startOf(r));
  const [start = startOf(rank), line = 0] = at.get(rank) ?? [];
  return {
    ...found,
    first,
    end,
    from: start,
    to: first === end ? start : startOf(rank + 1),
    longest: Math.max(...lengths),
    line,
  };
}

/** Each rank scans its range; returns the combined results. */
async function scanRanges(rows: Rows, company: Company) {
  const { source, from } = rows;
  const { rank, size: ranks } = company;
  const size = source.slice ? source.size : undefined;
  const split = size !== undefined;
  const cut = (r: number) => from + Math.floor(((size! - from) * r) / ranks);
  let scans: Scan[] = [];
  let range = [from, Number.POSITIVE_INFINITY];
  const looked = await company.reading(
    split ? Math.ceil((size - from) / ranks) : Number.POSITIVE_INFINITY,
    async (beat) => {
      if (split) {
        range = [
          await lineEnd(rows, from, cut(rank)),
          rank === ranks - 1 ? size : await lineEnd(rows, from, cut(rank + 1)),
        ];
      }
      scans = [rows.scan(range[0], false)];
      if (rows.quotes && range[0] > from) scans.push(rows.scan(range[0], true));
      let done = 0;
      for await (const piece of piecesOf(source, range[0], range[1])) {
        for (const scan of scans) scan.feed(piece);
        done += piece.length;
        await beat(done);
      }
      for (const scan of scans) scan.end(rank === ranks - 1 || !split || range[1] === size);
      return scans.map((scan) => scan.result);
    },
  );
  const { parts, ...found } = settle(split ? looked : [looked[rank]]);
  return { split, size, scans, range, own: parts[split ? rank : 0], found };
}

/** A contiguous block of rows of a text file. */
export interface RowBlock {
  /** Byte range of the block. */
  readonly from: number;
  readonly to: number;
  /** Number of rows and of physical lines before it. */
  readonly before: number;
  readonly line: number;
  readonly rows: number;
}

/**
 * The blocks of rows as they arise when a single rank reads a file piece by piece: each consists of the rows that a
 * piece completes. For sources with random access.
 * @param head Number of pieces that are read together at the beginning; {@link LAST}: nothing is emitted before the
 * end.
 */
export async function locateBlocks(rows: Rows, company: Company, head: number): Promise<RowBlock[]> {
  const { source } = rows;
  const file = { size: source.size!, piece: source.piece ?? PIECE };
  const { scans, own, found } = await scanRanges(
    { ...rows, scan: (position, quoted) => rows.scan(position, quoted).cut(file) },
    company,
  );
  const looked = await company.agree(() => {
    const { cuts, entered } = scans[own.quoted ? 1 : 0];
    const { rows: before, lines, unseen } = own;
    // After an unreadable row nothing is known.
    if (unseen) return { entered: 0, cuts: [] };
    return {
      entered,
      cuts: cuts.map((cut): Cut => ({ ...cut, rows: before + cut.rows, lines: rows.line + lines + cut.lines })),
    };
  });
  const all: Cut[] = [];
  for (const { entered, cuts } of looked) {
    if (entered > 0 && all.at(-1)?.piece === 0) all[all.length - 1] = { ...all.at(-1)!, piece: entered };
    all.push(...cuts);
  }
  const starts: Cut[] = [];
  for (const cut of all) {
    const piece = Math.max(head, cut.piece);
    if (starts.at(-1)?.piece !== piece) starts.push({ ...cut, piece });
  }
  return starts.map(({ at, rows: before, lines: line }, k) => {
    const next = starts[k + 1];
    return { from: at, to: next?.at ?? file.size, before, line, rows: (next?.rows ?? found.all) - before };
  });
}

/** The first line beginning from `at` on, or slightly before. */
async function lineEnd({ source, cr }: Rows, from: number, at: number): Promise<number> {
  if (at <= from) return from;
  const size = source.size!;
  let before = 0;
  for (let p = at - 1; p < size; ) {
    const piece = await source.slice!(p, Math.min(size, p + PIECE / 16));
    for (let k = 0; k < piece.length; k++) {
      if (before === LF || (cr && before === CR && piece[k] !== LF)) return p + k;
      before = piece[k];
    }
    if (piece.length === 0) break;
    p += piece.length;
  }
  return size;
}

/** The combined results of consecutive ranges, up to one that is unreadable. */
function settle(looked: ReadonlyArray<readonly Scanned[]>) {
  let [rows, lines, blank, pending] = [0, 0, 0, 0];
  let quoted = false;
  let broken = false;
  const parts = looked.map((scans) => {
    const scanned = broken ? { ...scans[0], rows: 0 } : (scans[quoted ? 1 : 0] ?? scans[0]);
    const part = { rows, lines, quoted, scanned, unseen: broken };
    if (broken) return part;
    if (scanned.rows > 0) {
      if (rows > 0) blank += pending + scanned.leading;
      blank += scanned.inner;
      pending = scanned.trailing;
    } else pending += scanned.trailing;
    rows += scanned.rows;
    lines += scanned.lines;
    ({ quoted, broken } = scanned);
    return part;
  });
  return { parts, all: rows, blank, broken };
}
