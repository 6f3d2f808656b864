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

/** A number, its thousands parted by commas as `toLocaleString('en')` does, whose rules take 18 ms to load. */
export function grouped(n: number): string {
  const text = String(n);
  return Number.isInteger(n) && !text.includes('e') ? text.replace(/\B(?=(\d{3})+$)/g, ',') : text;
}

export function count(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;
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
