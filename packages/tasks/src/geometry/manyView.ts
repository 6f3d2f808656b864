import { logRotation, poseOf } from 'southwell/geometry';
import type { View } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { count, number } from '../format.ts';
import { namesOf } from './many.ts';
import type { ManyResult } from './result.ts';

const AXES = ['x', 'y', 'z'];
const degrees = (radians: number) => (radians * 180) / Math.PI;
const length = (v: ArrayLike<number>) => Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);

/** The view of three or more clouds. */
export function manyView(r: ManyResult): View {
  const { scans, pairs, drawn } = r;
  const names = namesOf(scans.map(({ name }) => name));
  const sizes = scans.map(
    ({ points, used }, k) => `${names[k]}: ${count(points, 'point')}${used < points ? `, ${used} used` : ''}`,
  );
  const tied = scans.filter((scan) => scan.tied).length;
  const used = pairs.filter(({ kept }) => kept).length;
  const out = pairs.length - used;
  const left =
    out === 0 ? '' : `; ${count(out, 'pair')} that ${out === 1 ? 'contradicts' : 'contradict'} them left out`;
  const all = tied === scans.length ? `All ${tied} clouds` : `${tied} of ${scans.length} clouds`;
  return {
    status: r.status,
    about: sizes.join('; '),
    headline: `${all} registered in the frame of ${names[r.reference - 1]} by ${count(used, 'pair')}${left}.`,
    ending: `${endedText(r.status).replace(/,$/, '')}, all poses jointly.`,
    advice: r.advice,
    work: count(pairs.length, 'pair'),
    seconds: r.seconds,
    notes: r.data.notes,
    tables: [
      {
        title: 'Poses',
        columns: ['cloud', 'rotation', 'translation', 'deviation of rotation', 'of translation', 'not constrained'],
        rows: scans.map(({ pose, motions, tied: has }, k) => {
          if (k === r.reference - 1) return [names[k], 'reference', '', '', '', ''];
          if (!has || !pose)
            return [names[k], r.status === 'aborted' ? 'not connected yet' : 'not connected', '', '', '', ''];
          const at = poseOf(pose);
          return [
            names[k],
            `${number(degrees(length(logRotation(at.rotation))))}°`,
            number(length(at.translation)),
            deviation(motions, 'turn'),
            deviation(motions, 'shift'),
            motions
              .filter(({ known }) => known === 'free')
              .map(({ name }) => name)
              .join(', '),
          ];
        }),
      },
      {
        title: 'Pairs',
        columns: ['cloud', 'on', 'overlap', 'verdict', 'root mean square', 'from', 'weight', 'ended', ''],
        rows: pairs.map(({ source, target, overlap, verdict, rmse, start, weight, status, kept }) => [
          names[source - 1],
          names[target - 1],
          `${number(100 * overlap, 3)} %`,
          verdict,
          rmse,
          start,
          number(weight, 2),
          status,
          kept ? '' : 'left out',
        ]),
      },
    ],
    charts: [],
    pictures: drawn?.scans
      ? [
          {
            title: 'Registered',
            picture: {
              type: 'scatter',
              xLabel: AXES[drawn.axes[0]],
              yLabel: AXES[drawn.axes[1]],
              points: drawn.scans.flatMap((points, group) => points.map(([x, y]) => ({ x, y, group }))),
              groups: names.filter((_, k) => scans[k].tied),
            },
          },
        ]
      : [],
  };
}

/** The largest deviation of a kind; infinite if one is free. */
function deviation(motions: ManyResult['scans'][number]['motions'], kind: 'turn' | 'shift'): string {
  const own = motions.filter((m) => m.kind === kind).map((m) => m.deviation);
  if (own.some((d) => d === null)) return '∞';
  if (own.length === 0) return '';
  const most = Math.max(...own.map((d) => d ?? 0));
  return kind === 'turn' ? `${number(degrees(most), 2)}°` : number(most, 2);
}
