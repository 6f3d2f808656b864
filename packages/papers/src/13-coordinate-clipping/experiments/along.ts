import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { pauses } from '../../pauses.ts';
import { adamRun, batchesAt, compared, curvatures, directionsAt, libraryClip, names, openLab, steps } from '../lab.ts';
import { locked } from '../locked.ts';
import { searchedDecrease } from '../oracle.ts';
import { record } from '../record.ts';

const told = ['sgd', 'clip10', 'clip50', 'sign', 'adam'] as const;

/** The possible gain of a step, by the quadratic model and by the loss itself, after a run of Adam. */
export default experiment(record, {
  id: 'along',
  title: 'The loss along directions',
  panels: [
    {
      title: 'loss along unit directions',
      x: { label: 'length of the step' },
      y: { label: 'change of the loss' },
      series: Object.values(names),
      control: names.sgd,
    },
  ],
  parameters: [steps],
  claims: ['local-decrease'],
  method: libraryClip,
  async *run(context, decide, clip) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const lab = openLab(characters, context);
    const length = parameterValue(steps, context);
    const most = Math.max(...locked.claims['local-decrease'].draws[context.size]);
    const [predicted, found]: [number[], number[]] = [[], []];
    const rows: Cell[][] = [];
    const values = () => ({ predicted: { draws: predicted }, found: { draws: found } });
    let draw = 0;
    do {
      for await (const point of adamRun(lab, draw, [length], pause)) {
        yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
        const data = batchesAt(characters, context, draw, length);
        const directions = directionsAt(clip, point.moments);
        const model = compared(point, data, clip);
        const decreases = { sgd: 0, clip10: 0, clip50: 0, sign: 0, adam: 0 };
        const unused = new Float64Array(point.x.length);
        for (const [k, { gradient }] of [...curvatures(point, data)].entries()) {
          point.model.take(...data[k]);
          for (const name of told) {
            const direction = directions[name](gradient);
            const norm = Math.sqrt(direction.reduce((sum, v) => sum + v * v, 0));
            const f = (step: number) =>
              point.model.gradient(
                point.x.map((v, i) => v + (step * direction[i]) / norm),
                unused,
              );
            // Not used by any claim, and equally expensive.
            if (full || name === 'sgd' || name === 'clip10') decreases[name] += searchedDecrease(f) / data.length;
            await pause();
            if (draw > 0 || k > 0) continue;
            const at = f(0);
            const x = Array.from({ length: 21 }, (_, i) => i / 40);
            const y = x.map((step) => f(step) - at);
            yield { kind: 'points', panel: 'loss along unit directions', series: names[name], x, y };
          }
        }
        predicted.push((model.clip10.predictedDecrease ?? Number.NaN) / (model.sgd.predictedDecrease ?? Number.NaN));
        found.push(decreases.clip10 / decreases.sgd);
        for (const name of told) {
          rows.push([names[name], draw + 1, model[name].predictedDecrease ?? null, decreases[name] || null]);
        }
      }
      draw++;
    } while (!decide.enough('local-decrease', draw, values));
    lab.model.free();
    const columns = ['direction', 'draw', 'predicted decrease', 'found by a search'];
    yield { kind: 'table', title: `After ${length} steps of Adam`, columns, rows };
    yield decide('local-decrease', values());
  },
});
