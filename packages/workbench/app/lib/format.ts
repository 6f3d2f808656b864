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
