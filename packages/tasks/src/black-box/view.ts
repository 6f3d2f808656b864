import type { View } from '../declaration/view.ts';
import { clip, count, number } from '../format.ts';
import { historyOf, pictureOf } from './drawn/picture.ts';
import { type Minimum, namesOf } from './result.ts';

export function minimizeView(m: Minimum): View {
  const value = Number(m.value);
  const names = namesOf(m.variables, m.dim);
  const picture = pictureOf(m);
  const history = m.drawn && historyOf(m);
  const least = m.noisy
    ? 'value at the mean of the distribution'
    : m.repeats !== undefined
      ? `smallest mean of ${m.repeats} values`
      : 'smallest value';
  const above = m.known === undefined ? '' : `, ${number(value - m.known, 3)} above the minimum`;
  const violation = m.violation === undefined ? '' : `, constraints violated by ${number(Number(m.violation), 2)}`;
  return {
    status: m.status,
    about: `${count(m.dim, 'coordinate')}, ${m.method}, seed ${m.seed}`,
    headline: `${clip(m.objective, 80)}: ${least} ${number(value, 7)} in ${count(m.dim, 'coordinate')}${above}${violation}.`,
    ending: m.message,
    work:
      m.repeated === undefined
        ? count(m.evaluations, 'evaluation')
        : `${count(m.evaluations, 'evaluation')}, ${m.repeated} of them reused,`,
    seconds: m.seconds,
    notes: m.why === undefined ? [] : [m.why],
    tables: [
      {
        title: 'Point',
        columns: ['coordinate', 'value'],
        rows: m.x.map((x, i) => [names[i], x]),
        digits: { value: 7 },
      },
    ],
    charts: history && history.series[0].x.length > 1 ? [history] : [],
    pictures: picture ? [picture] : [],
  };
}
