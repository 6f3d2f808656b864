import { fail } from '@southwell/numerics/core';
import { isIdx } from '../images/idx.ts';
import type { Format } from '../table.ts';

const EXTENSIONS: Readonly<Record<string, Format>> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  txt: 'csv',
  data: 'csv',
  svm: 'libsvm',
  libsvm: 'libsvm',
  svmlight: 'libsvm',
  mtx: 'matrix-market',
  mm: 'matrix-market',
  npy: 'npy',
  npz: 'npz',
  parquet: 'parquet',
  pq: 'parquet',
  png: 'picture',
  jpg: 'picture',
  jpeg: 'picture',
  ply: 'ply',
  pcd: 'pcd',
  xyz: 'xyz',
  pts: 'xyz',
  asc: 'xyz',
  nc: 'netcdf',
  cdf: 'netcdf',
};

export const FORMAT_NAMES: Readonly<Record<Format, string>> = {
  csv: 'CSV',
  libsvm: 'LIBSVM',
  'matrix-market': 'Matrix Market',
  npy: 'NumPy .npy',
  npz: 'NumPy .npz',
  parquet: 'Parquet',
  text: 'text',
  idx: 'idx',
  picture: 'PNG or JPEG',
  ply: 'PLY',
  pcd: 'PCD',
  xyz: 'XYZ',
  netcdf: 'NetCDF',
};

/** The format implied by the name, or undefined. */
export function formatOfName(name: string): Format | undefined {
  const match = /\.([a-z0-9]+)$/i.exec(name.replace(/\.(gz|gzip)$/i, ''));
  return match ? EXTENSIONS[match[1].toLowerCase()] : undefined;
}

/** Signatures of unsupported formats, for a better message than "binary file". */
const FOREIGN: ReadonlyArray<readonly [signature: string, what: string]> = [
  ['\x89HDF', 'an HDF5 file; of NetCDF, write the classic format (nccopy -k classic)'],
  ['SQLite format 3', 'an SQLite database'],
  ['\x28\xb5\x2f\xfd', 'compressed with Zstandard; decompress it first (unzstd)'],
  ['BZh', 'compressed with bzip2; decompress it first (bunzip2)'],
  ['\xfd7zXZ', 'compressed with xz; decompress it first (unxz)'],
  ['%PDF', 'a PDF document'],
  ['MATLAB 5.0', 'a MATLAB .mat file'],
  ['ARROW1', 'an Arrow (Feather) file'],
  ['RDX', 'an R data file'],
  ['CDF', 'a NetCDF file of 64-bit data; write the classic format (nccopy -k classic)'],
  ['\xd0\xcf\x11\xe0', 'an old Excel or Office file; save it as CSV'],
];

function startsWith(head: Uint8Array, signature: string): boolean {
  for (let i = 0; i < signature.length; i++) if (head[i] !== signature.charCodeAt(i)) return false;
  return true;
}

/** A line of three or more numbers. */
const POINT_LINE = /^\s*[-+.\dE]+([\s,;]+[-+.\dEnaif]+){2,}[\s,;]*$/i;
/** A label, optionally qid, then index:value pairs, optionally a comment. */
const LIBSVM_LINE = /^\s*[-+.\deE,]+(\s+qid:\d+)?(\s+\d+:[-+.\deEnaif]+)+\s*(#.*)?$/i;
const LABEL_ONLY = /^\s*[-+.\deE]+\s*(#.*)?$/;

/**
 * Detects the format of a file from its first bytes (decompressed). Signatures take precedence over the extension, with
 * a note on a discrepancy; text is CSV unless its lines look like LIBSVM.
 * @throws INVALID_FORMAT for unsupported formats.
 */
export function sniff(head: Uint8Array, name: string, wanted: Format | undefined, notes: string[]): Format {
  if (head.length === 0) fail('INVALID_FORMAT', `${name} is empty.`);
  if (wanted === 'text') return 'text';
  const named = wanted ?? formatOfName(name);
  const found = signature(head, name);
  const format = found ?? textFormat(head, name, wanted ? undefined : named);
  if (wanted && format !== wanted && (found || isBinaryFormat(wanted))) {
    fail('INVALID_FORMAT', `${name} was to be read as ${FORMAT_NAMES[wanted]}, but is ${FORMAT_NAMES[format]}.`);
  }
  if (wanted) return wanted;
  if (format === 'text') {
    notes.push(`${name} was read as text with one row per character: its lines do not divide into columns.`);
  } else if (
    named &&
    named !== format &&
    !(format === 'libsvm' && named === 'csv' && !/\.(csv|tsv)(\.gz)?$/i.test(name))
  ) {
    notes.push(`${name} is named like ${FORMAT_NAMES[named]} but holds ${FORMAT_NAMES[format]}, and was read as that.`);
  }
  return format;
}

function isBinaryFormat(format: Format): boolean {
  return !['csv', 'libsvm', 'matrix-market', 'text', 'ply', 'pcd', 'xyz'].includes(format);
}

function signature(head: Uint8Array, name: string): Format | undefined {
  if (startsWith(head, '\x93NUMPY')) return 'npy';
  if (isIdx(head)) return 'idx';
  if (startsWith(head, '\x89PNG') || startsWith(head, '\xff\xd8\xff')) return 'picture';
  if (startsWith(head, 'PAR1')) return 'parquet';
  if (startsWith(head, 'CDF\x01') || startsWith(head, 'CDF\x02')) return 'netcdf';
  if (startsWith(head, 'ply\n') || startsWith(head, 'ply\r\n')) return 'ply';
  if (/^(# ?\.PCD|VERSION \.?[0-9.]+\s+(FIELDS|COLUMNS) )/.test(latin1(head.subarray(0, 64)))) return 'pcd';
  if (startsWith(head, 'PK\x03\x04') || startsWith(head, 'PK\x05\x06')) return 'npz';
  if (/^%%MatrixMarket/i.test(latin1(head.subarray(0, 14)))) return 'matrix-market';
  for (const [bytes, what] of FOREIGN) {
    if (startsWith(head, bytes)) fail('INVALID_FORMAT', `${name} is ${what}. ${READABLE}`);
  }
  return undefined;
}

/** Number of lines to examine, including blank ones and comments; the first twenty others decide. */
const ENOUGH = 200;

const READABLE =
  'CSV, LIBSVM, Matrix Market, .npy, .npz, Parquet, idx, PLY, PCD, XYZ, NetCDF, PNG and JPEG can be read, each also gzipped.';

function textFormat(head: Uint8Array, name: string, named: Format | undefined): Format {
  const nul = head.indexOf(0);
  if (nul >= 0) {
    fail('INVALID_FORMAT', `${name} is a binary file (NUL at byte ${nul}) of an unknown kind. ${READABLE}`);
  }
  if (named && isBinaryFormat(named)) {
    const cut = startsWith(head, '\x93') || startsWith(head, 'PA') ? 'starts with a damaged signature' : 'holds text';
    fail('INVALID_FORMAT', `${name} is named like ${FORMAT_NAMES[named]} but ${cut}.`);
  }
  if (named === 'matrix-market') {
    fail('INVALID_FORMAT', `${name}, line 1: a Matrix Market file starts with %%MatrixMarket, which is missing.`);
  }
  const lines = latin1(beginning(head))
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  // The last line may be incomplete.
  const whole = lines.length > 1 ? lines.slice(0, 20) : lines;
  if (lines.length > 1 && lines.length <= 20) whole.pop();
  if (named === 'ply' || named === 'pcd' || named === 'xyz') {
    // Scans are distributed as bare lines of numbers under any of these names.
    if (named === 'xyz' || whole.some((line) => POINT_LINE.test(line))) return 'xyz';
    const first = named === 'ply' ? "'ply'" : "'# .PCD'";
    fail('INVALID_FORMAT', `${name}, line 1: a ${FORMAT_NAMES[named]} file starts with ${first}, which is missing.`);
  }
  const pairs = whole.filter((line) => LIBSVM_LINE.test(line)).length;
  if (pairs > 0 && whole.every((line) => LIBSVM_LINE.test(line) || LABEL_ONLY.test(line))) return 'libsvm';
  if (named === 'csv' && /\.txt(\.gz)?$/i.test(name) && isProse(lines.slice(0, 20))) return 'text';
  return named === 'libsvm' ? 'libsvm' : 'csv';
}

/** Candidate delimiters between the fields of a table. */
const DELIMITERS = [',', ';', '\t', '|', / +/];

/**
 * Whether lines are prose: words that no delimiter divides into the same number of fields, two or more, on most lines.
 */
function isProse(lines: readonly string[]): boolean {
  const plain = lines.map((line) => line.replace(/"[^"]*"/g, '""').trim());
  if (!plain.some((line) => /[a-z\x80-\xff]{2,} [a-z\x80-\xff]{2,}/i.test(line))) return false;
  if (plain.length === 1) return true;
  return DELIMITERS.every((delimiter) => {
    const fields = plain.map((line) => line.split(delimiter).length);
    const most = Math.max(...fields.map((n) => (n < 2 ? 0 : fields.filter((other) => other === n).length)));
    // Tolerates a table whose header names one column fewer, and an incomplete line.
    return most < 0.8 * (fields.length - 1);
  });
}

/** As much as contains the first lines; all of it if these are long. */
function beginning(head: Uint8Array): Uint8Array {
  let lines = 0;
  for (let at = head.indexOf(10); at >= 0; at = head.indexOf(10, at + 1)) {
    if (++lines === ENOUGH) return head.subarray(0, at + 1);
  }
  return head;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
