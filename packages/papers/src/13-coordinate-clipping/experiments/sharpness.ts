import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { pauses } from '../../pauses.ts';
import {
  adamRun,
  batchesAt,
  compared,
  curvatures,
  type DirectionName,
  directionsAt,
  libraryClip,
  names,
  openLab,
  steps,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { differencedSharpness } from '../oracle.ts';
import { perceptronRatio } from '../perceptron.ts';
import { record } from '../record.ts';

const { sizes, draws } = locked.claims.sharpness;
const told = ['sgd', 'clip10', 'clip50', 'sign', 'adam'] as const;
/** Each has a larger sharpness than the next. */
const order = [
  ['sgd', 'clip10'],
  ['clip10', 'clip50'],
  ['clip50', 'sign'],
  ['clip50', 'adam'],
] as const;
/** The directions of several methods at the same points, taken from a run of Adam. */
export default experiment(record, {
  id: 'sharpness',
  title: 'Sharpness of directions along training',
  panels: [
    {
      title: 'directional sharpness',
      x: { label: 'step of Adam' },
      y: { label: 'vᵀHv of the unit direction v', log: true },
      series: told.map((name) => names[name]),
      control: names.sgd,
    },
  ],
  parameters: [steps],
  claims: ['sharpness', 'clipped-sharpness'],
  method: libraryClip,
  async *run(context, decide, clip) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const lab = openLab(characters, context);
    const length = parameterValue(steps, context);
    const { leastSlope } = sizes[context.size];
    const points = sizes[context.size].points.map((t) => Math.round(t * length));
    const most = Math.max(...draws[context.size]);
    const ratios = new Map<string, number[]>();
    const key = (a: DirectionName, b: DirectionName) => `${a}/${b}`;
    let differences = 0;
    const rows: Cell[][] = [];
    const of = (a: DirectionName, b: DirectionName) => ({ draws: ratios.get(key(a, b))! });
    const plain = () => ({ adam: of('sgd', 'adam'), differences });
    const clipped = () => ({
      clipped: of('sgd', 'clip10'),
      order: full ? order.map(([a, b]) => ({ label: `${names[a]} over that of ${names[b]}`, ...of(a, b) })) : undefined,
    });

    let draw = 0;
    do {
      /** By pair of directions, a ratio for each point at which both have positive curvature. */
      const atPoints = new Map<string, number[]>();
      // The first point is only in the table: Adam's first direction is the sign.
      for await (const point of adamRun(lab, draw, [0, ...points], pause)) {
        const label = `draw ${draw + 1}, step ${point.step}`;
        yield { kind: 'progress', label, fraction: (draw + point.step / length) / most };
        const data = batchesAt(characters, context, draw, point.step);
        const found = compared(point, data, clip);
        for (const [a, b] of [...order, ['sgd', 'adam'] as const]) {
          if (point.step === 0 || !(found[a].sharpness > 0 && found[b].sharpness > 0)) continue;
          const list = atPoints.get(key(a, b)) ?? [];
          // A flat direction is only worth something if it goes downhill.
          const flat = found[b].correlation / found.sgd.correlation >= leastSlope;
          atPoints.set(key(a, b), [...list, flat ? found[a].sharpness / found[b].sharpness : 1]);
        }
        for (const [name, { correlation, sharpness, optimalStep, predictedDecrease, topShare }] of Object.entries(
          found,
        )) {
          rows.push([
            ...[names[name as DirectionName], draw + 1, point.step, correlation, sharpness],
            ...[optimalStep ?? null, predictedDecrease ?? null, topShare],
          ]);
        }
        if (draw === 0 && point.step > 0) {
          for (const name of told) {
            const { sharpness } = found[name];
            const at = { panel: 'directional sharpness', series: names[name], x: [point.step], y: [sharpness] };
            if (sharpness > 0) yield { kind: 'points', ...at };
          }
        }
        if (point.step === length) {
          const lastBatch = data.slice(-1);
          const [last] = curvatures(point, lastBatch);
          const alone = data.length === 1 ? found : compared(point, lastBatch, clip);
          for (const [name, direction] of Object.entries(directionsAt(clip, point.moments))) {
            const { sharpness } = alone[name as DirectionName];
            const apart = differencedSharpness(point.model.gradient, point.x, direction(last.gradient));
            differences = Math.max(differences, Math.abs(apart - sharpness) / Math.max(Math.abs(sharpness), 0.01));
          }
        }
        await pause();
      }
      for (const [a, b] of [...order, ['sgd', 'adam'] as const]) {
        const list = ratios.get(key(a, b)) ?? [];
        ratios.set(key(a, b), [...list, median(atPoints.get(key(a, b)) ?? [])]);
      }
      draw++;
      // A claim that is settled at a look waits for the other.
    } while (!(decide.enough('sharpness', draw, plain) && decide.enough('clipped-sharpness', draw, clipped)));
    lab.model.free();
    yield decide('sharpness', plain());
    yield decide('clipped-sharpness', clipped());

    const columns = ['direction', 'draw', 'step', 'gᵀv', 'vᵀHv', 'best length', 'predicted decrease'];
    yield { kind: 'table', title: 'Unit directions', columns: [...columns, 'share of the largest 1 %'], rows };
    const control = await perceptronRatio(context, points[points.length - 1], pause);
    yield {
      kind: 'table',
      title: 'For comparison: a perceptron on handwritten digits, two hidden layers of 64',
      columns: ['step', 'vᵀHv, SGD', 'vᵀHv, Adam', 'ratio'],
      rows: [[points[points.length - 1], control.sgd, control.adam, control.sgd / control.adam]],
    };
  },
});

/** NaN for an empty list, which meets no bar. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}
