import { PIECE, piecesOf, type Source } from '../io/source.ts';
import type { Company } from './company.ts';
import type { Cut, Scan, Scanned } from './scan.ts';

const LF = 10;
const CR = 13;

/** A text file of rows whose places are not known. */
export interface Rows {
  readonly source: Source;
  /** Where the rows begin, and how many physical lines there are before. */
  readonly from: number;
  readonly line: number;
  /** Whether a carriage return alone ends a line. */
  readonly cr: boolean;
  /** Whether a range may begin within quotation marks. */
  readonly quotes: boolean;
  scan(position: number, quoted: boolean): Scan;
  /** The rows of a rank. */
  rowsOf(all: number, rank: number): readonly [first: number, end: number];
}

/** Where the rows of this rank are. */
export interface Located {
  readonly all: number;
  readonly first: number;
  readonly end: number;
  /** Their bytes. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the rank that has most. */
  readonly longest: number;
  /** Physical lines before them. */
  readonly line: number;
  /** Blank lines between all rows. */
  readonly blank: number;
  /** The last row cannot be read. */
  readonly broken: boolean;
}

/**
 * Finds out how many rows a file has and where those of this rank are. Each rank looks through a part of the bytes, from
 * a line's end to another; where quotation marks may hold line ends, as if it began within them and as if not, which the
 * parts before decide. A source without random access each rank looks through whole.
 */
export async function locateRows(rows: Rows, company: Company): Promise<Located> {
  const { source } = rows;
  const { rank, size: ranks } = company;
  const { split, size, scans, range, own, found } = await scanRanges(rows, company);
  // Who has the row with which a rank begins says where it is.
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

/** Each rank looks through its range; what the ranges come to one after another. */
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

/** Rows of a text file that follow each other. */
export interface RowBlock {
  /** Their bytes. */
  readonly from: number;
  readonly to: number;
  /** Rows and physical lines before them. */
  readonly before: number;
  readonly line: number;
  readonly rows: number;
}

/**
 * The blocks of rows in which one rank reads a file piece by piece: of each those rows that a piece completes. For a source
 * with random access.
 * @param head Pieces that are read together at the beginning; {@link LAST}: nothing is given before the end.
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
    // After a row that cannot be read nothing is known.
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

/** The first place from `at` on, or a little before, at which a line begins. */
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

/** What the ranges came to one after another, up to one that cannot be read. */
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
