import type { View } from '../declaration/view.ts';
import { count, number } from '../format.ts';
import type { Minimum } from './result.ts';

export function minimizeView(m: Minimum): View {
  const value = Number(m.value);
  const least = m.noisy
    ? 'value at the mean of the search'
    : m.repeats !== undefined
      ? `least mean of ${m.repeats} values`
      : 'least value';
  const above = m.known === undefined ? '' : `, ${number(value - m.known, 3)} above the least there is`;
  const violation = m.violation === undefined ? '' : `, constraints violated by ${number(Number(m.violation), 2)}`;
  return {
    status: m.status,
    about: `${count(m.dim, 'coordinate')}, ${m.method}, seed ${m.seed}`,
    headline: `${m.objective}: ${least} ${number(value, 7)} in ${count(m.dim, 'coordinate')}${above}${violation}.`,
    ending: m.message,
    work:
      m.repeated === undefined
        ? count(m.evaluations, 'evaluation')
        : `${count(m.evaluations, 'evaluation')}, ${m.repeated} of them from memory,`,
    seconds: m.seconds,
    notes: m.why === undefined ? [] : [m.why],
    tables: [
      {
        title: 'Point',
        columns: ['coordinate', 'value'],
        rows: m.x.map((x, i) => [`x${i + 1}`, x]),
        digits: { value: 7 },
      },
    ],
    pictures: [],
  };
}
