import type { View } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { count, number } from '../format.ts';
import { manyView } from './manyView.ts';
import { ofMany, type PairResult, type RegisterResult } from './result.ts';

const degrees = (radians: number) => (radians * 180) / Math.PI;
const KNOWN = { fixed: 'yes', weak: 'weakly', free: 'no' } as const;
const AXES = ['x', 'y', 'z'];

/** Steps that differ by less are equal but for rounding: radians, and relative to the translation of the pose. */
const SAME = 1e-6;

/** What the handling of degenerate motions changed. */
function remedyText({ remedy, motions, maxDistance }: PairResult): string {
  if (!remedy) return '';
  const { name, rotation, translation } = remedy;
  if (rotation < SAME && translation < SAME * maxDistance) {
    const weak = motions.some(({ known }) => known !== 'fixed');
    return ` ${name} changed no step${weak ? ': plain steps lead to the same pose' : ''}.`;
  }
  return ` ${name} changed steps by up to ${number(degrees(rotation), 2)}° and ${number(translation, 2)}, compared with plain ones.`;
}

export const registerView = (r: RegisterResult): View => (ofMany(r) ? manyView(r) : pairView(r as PairResult));

function pairView(r: PairResult): View {
  const { source, target } = r.data;
  const sizes = [source, ...(target ? [target] : [])].map(
    ({ name, points, used }) => `${name}: ${count(points, 'point')}${used < points ? `, ${used} used` : ''}`,
  );
  const length = Math.sqrt(r.shift.reduce((sum, v) => sum + v * v, 0));
  const share = number(100 * r.overlap, 3);
  const moved = `${agreementText(r)}Rotated by ${number(r.turn.degrees)}° and translated by ${number(length)}: ${share} % of the points lie within ${number(r.maxDistance, 3)} of the other cloud, root mean square ${number(r.rmse, 3)}.`;
  const agrees = r.agreement === undefined || r.agreement.verdict === 'agrees';
  const fixed = r.motions.every(({ known }) => known === 'fixed');
  const alone = fixed ? 'Its geometry constrains all six motions.' : 'Its geometry does not constrain all motions.';
  const about = r.about.some((v) => v !== 0)
    ? `about (${r.about.map((v) => number(v, 3)).join(', ')})`
    : 'about the origin';
  const group = (points: ReadonlyArray<readonly number[]>, g: number) => points.map(([x, y]) => ({ x, y, group: g }));
  const scatter = (title: string, lists: ReadonlyArray<readonly [string, ReadonlyArray<readonly number[]>]>) => ({
    title,
    picture: {
      type: 'scatter' as const,
      xLabel: AXES[r.drawn?.axes[0] ?? 0],
      yLabel: AXES[r.drawn?.axes[1] ?? 1],
      points: lists.flatMap(([, points], g) => group(points, g)),
      groups: lists.map(([name]) => name),
    },
  });
  const { drawn } = r;
  const free: Array<readonly [string, ReadonlyArray<readonly number[]>]> =
    drawn && drawn.free.length > 0 ? [['not or weakly constrained', drawn.free]] : [];
  return {
    status: r.status,
    about: sizes.join('; '),
    headline: target ? moved : alone,
    ending: target
      ? `${endedText(r.status).replace(/,$/, '')} after ${count(r.iterations, 'step')} from ${startText(r)}.${remedyText(r)}`
      : '',
    advice: r.advice,
    work: target ? count(r.iterations, 'step') : 'normals',
    seconds: r.seconds,
    notes: r.data.notes,
    tables: [
      ...(target
        ? [
            {
              title: 'Pose',
              columns: ['', '', '', ''],
              rows: [0, 1, 2, 3].map((i) => r.pose.slice(4 * i, 4 * i + 4)),
              digits: { '': 7 },
            },
          ]
        : []),
      {
        title: `Constraint of each motion, ${about}`,
        columns: [
          'motion',
          'about or along',
          'constrained',
          'times less',
          ...(target ? [agrees ? 'standard deviation' : 'deviation if right'] : []),
        ],
        rows: r.motions.map(({ kind, direction, known, ratio, deviation }) => [
          kind,
          axisText(direction),
          KNOWN[known],
          ratio === null ? '∞' : number(ratio, 3),
          ...(target ? [deviationText(kind, deviation)] : []),
        ]),
      },
    ],
    charts:
      r.history.length > 1
        ? [
            {
              title: 'Distance of matches',
              x: { label: 'step' },
              y: { label: 'root mean square', log: true },
              series: [{ name: r.method, x: r.history.map(({ step }) => step), y: r.history.map(({ rmse }) => rmse) }],
            },
          ]
        : [],
    pictures: drawn
      ? target
        ? [
            scatter('Before', [
              ['moved', drawn.before],
              ['target', drawn.target],
            ]),
            scatter('Registered', [['moved', drawn.after], ['target', drawn.target], ...free]),
          ]
        : [scatter('The cloud', [['points', drawn.target], ...free])]
      : [],
  };
}

/** The verdict on the pose, as the beginning of the headline. */
function agreementText({ agreement }: PairResult): string {
  if (!agreement) return '';
  const { verdict, support, weakest } = agreement;
  const found = `${number(100 * support, 2)} % of the points in the overlap, and ${number(100 * weakest, 2)} % of those that constrain the least supported motion, lie on the other surface`;
  if (verdict === 'agrees') return `The clouds agree: ${found}. `;
  return verdict === 'no' ? `The clouds do not agree: ${found}. ` : `Doubtful: ${found}. `;
}

const deviationText = (kind: string, deviation: number | null): string =>
  deviation === null ? '∞' : kind === 'turn' ? `${number(degrees(deviation), 2)}°` : number(deviation, 2);

/** The name of a direction: `x`, or `0.7 x + 0.7 y`, short enough for a table. */
const axisText = (direction: readonly number[]): string => {
  const parts = direction.flatMap((v, k) => (Math.abs(v) < 0.1 ? [] : [[v, AXES[k]] as const]));
  if (parts.length === 1) return parts[0][1];
  return parts
    .map(([v, axis], k) => `${v < 0 ? (k > 0 ? ' − ' : '−') : k > 0 ? ' + ' : ''}${Math.abs(v).toFixed(1)} ${axis}`)
    .join('');
};

function startText({ start, coarse }: PairResult): string {
  if (start === 'first pose') return 'the initial pose';
  if (start === 'as they lie' || !coarse) return 'the identity';
  return `a pose by features (${coarse.inliers} of ${coarse.matches} matched features agree)`;
}
