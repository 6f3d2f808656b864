import pc from 'picocolors';

/** A number with sensible digits: about four, exponents only where a plain number would be long. */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(Math.max(1, digits - 2));
  if (size >= 10 ** (digits - 1)) return value.toFixed(size >= 10 ** digits ? 0 : 1);
  return value.toPrecision(digits);
}

/** Seconds for people. */
export function duration(seconds: number): string {
  if (seconds < 0.0095) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

export function clip(text: string, width: number): string {
  const clean = printable(text);
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(1, width - 1))}…`;
}

/** Names come from files: control characters must not reach the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}

export interface ColumnSpec {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows under a header, two blanks apart; the widest left-aligned column gives way when 80 columns would be passed. */
export function table(columns: readonly ColumnSpec[], rows: ReadonlyArray<readonly string[]>, width = 80): string {
  const widths = columns.map((c, j) => Math.max(c.title.length, ...rows.map((r) => printable(r[j]).length)));
  const total = () => widths.reduce((a, b) => a + b, 0) + 2 * columns.length;
  for (let over = total() - width; over > 0; over = total() - width) {
    const flexible = columns.map((c, j) => (c.align === 'right' ? 0 : widths[j]));
    const j = flexible.indexOf(Math.max(...flexible));
    const next = Math.max(8, widths[j] - over);
    if (next === widths[j]) break;
    widths[j] = next;
  }
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, j) => {
        const text = clip(cell, widths[j]);
        return columns[j].align === 'right' ? text.padStart(widths[j]) : text.padEnd(widths[j]);
      })
      .join('  ')
      .trimEnd()}`;
  return [pc.dim(line(columns.map((c) => c.title))), ...rows.map(line)].join('\n');
}

/** Words wrapped to a width, each line indented. */
export function wrap(text: string, indent = '', width = 80): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  if (line) lines.push(indent + line);
  return lines.join('\n');
}

/** A word as a shell takes it, quoted where it must be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
