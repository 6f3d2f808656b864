/** Texts of charts: their widths without a DOM, line breaks, numbers beside ticks. */

/**
 * Advance widths in thousandths of the font size. They are those of DejaVu Sans, the widest of the usual system fonts,
 * so that a text is never wider than it was taken for.
 */
const WIDTHS: ReadonlyArray<readonly [width: number, characters: string]> = [
  [280, "ijl'I"],
  [300, 'J'],
  [340, ' ,./:;\\|f·’‘'],
  [400, '!()[]rt⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃'],
  [530, '"*?csz-_⁻‑'],
  [600, 'FLvxykeag^`EPSTYZβγεζςοχ“”∂'],
  [650, 'bdhnopquCBKRX0123456789$#{}αδηθκλμνπρστφψωé'],
  [700, 'AV√'],
  [760, 'GNHOQUDΔΣΩ∑'],
  [840, '+<=>~±×≤≥∞↑→←↓&%w−'],
  [1000, 'mMW@—…–'],
];
const widths = new Map(WIDTHS.flatMap(([width, characters]) => [...characters].map((c) => [c, width] as const)));
/** The width taken for letters with accents, and for scripts whose characters are squares. */
const [OTHER, SQUARE] = [760, 1050];

/** The width of a text in pixels, never too small. */
export function textWidth(text: string, size: number): number {
  let sum = 0;
  for (const c of text) sum += widths.get(c) ?? (c >= '\u1100' && c > '\u2fff' ? SQUARE : OTHER);
  return (sum * size) / 1000;
}

/** The text, shortened to a width; names often differ at their ends, so the middle is left out. */
export function fitted(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  for (let keep = letters.length - 1; keep > 1; keep--) {
    const head = Math.ceil(keep / 2);
    const short = `${letters.slice(0, head).join('').trimEnd()}…${letters
      .slice(head + letters.length - keep)
      .join('')
      .trimStart()}`;
    if (textWidth(short, size) <= width) return short;
  }
  return '…';
}

/** The text in at most `most` lines of a width, broken between words, not before a per cent sign; what does not fit is shortened. */
export function wrapped(text: string, width: number, size: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+(?!%)/).filter((one) => one !== '')) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last === undefined || (textWidth(joined, size) > width && lines.length < most)) lines.push(word);
    else lines[lines.length - 1] = joined;
  }
  return lines.map((line) => fitted(line, width, size));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as part of markup. Characters that XML does not allow are dropped. */
export const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids.
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>"']/g, (c) => ESCAPES[c]);

const raised = (exponent: number): string =>
  String(exponent).replace(/[-\d]/g, (c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]));

/** A number beside a tick: 0.25, 20 000, 3·10⁻⁷, 10⁶. */
export function tickText(v: number, exponents = Math.abs(v) >= 1e6 || Math.abs(v) < 1e-3): string {
  if (!Number.isFinite(v)) return v > 0 ? '∞' : v < 0 ? '−∞' : '–';
  if (v === 0) return '0';
  const sign = v < 0 ? '−' : '';
  const size = Number(Math.abs(v).toPrecision(10));
  if (!exponents) {
    const [whole, rest] = String(size).split('.');
    const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, '\u2009') : whole;
    return `${sign}${grouped}${rest === undefined ? '' : `.${rest}`}`;
  }
  const [mantissa, exponent] = size.toExponential().split('e');
  const power = Number(exponent);
  if (power === 0 || (power === 1 && mantissa === '1')) return `${sign}${size}`;
  return `${sign}${mantissa === '1' ? '' : `${mantissa}·`}10${raised(power)}`;
}
