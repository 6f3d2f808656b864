/** A number for people: three significant digits, exponents where they are shorter. */
export function short(v: number): string {
  if (!Number.isFinite(v)) return v > 0 ? '∞' : v < 0 ? '−∞' : '–';
  if (Number.isInteger(v) && Math.abs(v) < 1e6) return String(v);
  const size = Math.abs(v);
  return size >= 0.01 && size < 1e4 ? String(Number(v.toPrecision(3))) : v.toExponential(2).replace(/\.?0+e/, 'e');
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
