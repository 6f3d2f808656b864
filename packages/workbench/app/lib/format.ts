/**
 * An axis label with as few digits as possible, with an exponent if that is shorter. Elsewhere numbers are formatted by
 * `number` of tasks, as at the shell.
 */
export function tick(v: number, plain = 1e4): string {
  if (!Number.isFinite(v)) return v > 0 ? '∞' : v < 0 ? '−∞' : '–';
  const size = Math.abs(v);
  const text =
    size === 0 || (size >= 1e-3 && size < plain)
      ? String(Number(v.toPrecision(plain > 1e4 ? 6 : 4)))
      : v
          .toExponential(2)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e');
  return text.replace('-', '−').replace('e-', 'e−');
}

/** 2023-10 or 2023-10-04 as "October 2023" or "4 October 2023". */
export function day(iso: string): string {
  const [year, month, date] = iso.split('-').map(Number);
  if (!month) return String(year);
  const when = new Date(Date.UTC(year, month - 1, date || 1));
  return when.toLocaleDateString('en-GB', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'long',
    ...(date ? { day: 'numeric' } : {}),
  });
}

export const seconds = (s: number): string =>
  s < 10 ? `${s.toFixed(1)} s` : s < 90 ? `${Math.round(s)} s` : `${Math.round(s / 60)} min`;

/** The first sentence of a text with as many more as fit, and the rest. */
export function opening(text: string, most = 170): readonly [first: string, rest: string] {
  let end = 0;
  for (const { index, 0: stop } of text.matchAll(/[.?!]["”’)]?(?=\s+[A-Z“"]|\s*$)/g)) {
    const next = index + stop.length;
    if (end > 0 && next > most) break;
    end = next;
  }
  return end === 0 ? [text, ''] : [text.slice(0, end), text.slice(end).trim()];
}
