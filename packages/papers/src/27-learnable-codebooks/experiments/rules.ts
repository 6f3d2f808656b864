import type { CodebookLayer, CodebooksOptions } from 'southwell/compression';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { codesOf, learn, materialOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const RULES = ['proximal', 'soft', 'linear'] as const;
type Rule = (typeof RULES)[number];
type Start = 'index' | 'distance';

const ALONE = 'values alone';
const errors = (start: Start, values: number): string => `Error with ${values} values, from the ${start}`;
const MOVES = 'How far weights move among 8 values, from the index';

/** One layer, with indices learned by each rule from both starts. */
export default experiment(record, {
  id: 'rules',
  title: 'Gradients of indices',
  panels: [
    {
      title: 'Error with {values} values, from the {start}',
      x: { label: 'step' },
      y: { label: 'squared error of the outputs, relative', log: true },
      series: [...RULES.map((id) => ({ id, name: `${id} rule` })), ALONE],
      control: ALONE,
    },
    {
      title: MOVES,
      x: { label: 'places moved' },
      y: { label: 'share of moved weights' },
      series: RULES.map((id) => ({ id, name: `${id} rule` })),
      control: 'linear',
    },
  ],
  claims: ['gradient-rule', 'fair-start'],
  method: learn,
  async *run(context, decide, method) {
    const sizes = locked.claims['gradient-rule'].sizes[context.size];
    const pause = pauses(context);
    yield { kind: 'progress', label: 'training', fraction: 0 };
    const { model, calibrate, judge } = await materialOf(await digitSet(), sizes, context.seed, pause);
    const name = `${sizes.layer}.weight`;
    const found = new Map<string, CodebookLayer>();
    const rows: Array<Array<string | number>> = [];
    const arm = async function* (
      options: CodebooksOptions,
      label: readonly [values: number, start: string, name: string],
      panel?: string,
    ): AsyncGenerator<ExperimentEvent> {
      const { steps, batch: batchSize, rate: mappingRate } = sizes;
      const all = { steps, batchSize, mappingRate, ...options, bits: Math.log2(label[0]), layers: [name] };
      const run = method(model, [calibrate], { ...all, judge: [judge], seed: context.seed });
      const { layers } = yield* codesOf(run, panel ? { panel, series: label[2] } : undefined, pause);
      const [layer] = layers;
      found.set(label.join(), layer);
      const { error, moved, movedFar, inputs, outputs } = layer;
      rows.push([...label, error, moved / (inputs * outputs), moved > 0 ? movedFar / moved : 0]);
    };
    const of = (...label: [number, string, string]): CodebookLayer => found.get(label.join())!;
    for (const [i, values] of sizes.values.entries()) {
      yield { kind: 'progress', label: `${values} values`, fraction: (i + 0.2) / (sizes.values.length + 1) };
      yield* arm({ mapping: 'none', values: false }, [values, '', 'k-means']);
      for (const start of ['index', 'distance'] as const) {
        const panel = errors(start, values);
        for (const mapping of RULES) yield* arm({ mapping, start }, [values, start, mapping], panel);
        yield* arm({ mapping: 'none' }, [values, start, ALONE], panel);
      }
    }
    const base = (values: number): number => of(values, '', 'k-means').error;
    const ratio = (values: number, start: Start, rule: Rule): number => of(values, start, rule).error / base(values);
    const far = (values: number, rule: Rule): number => {
      const { moved, movedFar } = of(values, 'index', rule);
      return movedFar / moved;
    };
    const each = (value: (values: number) => number) => sizes.values.map(value);
    yield decide('gradient-rule', {
      proximal: Math.max(...each((values) => ratio(values, 'index', 'proximal'))),
      harm: Math.min(
        ...each((values) =>
          ratio(values, 'index', 'proximal') < 1
            ? Math.min(ratio(values, 'index', 'soft'), ratio(values, 'index', 'linear'))
            : 0,
        ),
      ),
      near: Math.max(...each((values) => far(values, 'proximal'))),
      far: Math.min(...each((values) => far(values, 'linear') - far(values, 'proximal'))),
    });
    yield decide('fair-start', {
      error: Math.max(
        ...each((values) => {
          const three = RULES.map((rule) => ratio(values, 'distance', rule));
          return three.every((one) => one < 1) ? three[0] / Math.min(...three) : Number.POSITIVE_INFINITY;
        }),
      ),
    });
    for (const rule of RULES) {
      const start = of(8, '', 'k-means').weights.codes.indices;
      const now = of(8, 'index', rule).weights.codes.indices;
      const counts = new Float64Array(15);
      for (let at = 0; at < now.length; at++) counts[now[at] - start[at] + 7]++;
      counts[7] = 0;
      const total = Math.max(1, of(8, 'index', rule).moved);
      const x = Array.from(counts, (_, place) => place - 7);
      yield { kind: 'points', panel: MOVES, series: rule, x, y: Array.from(counts, (count) => count / total) };
    }
    for (const rule of ['proximal', 'linear'] as const) yield moves(of(4, '', 'k-means'), of(4, 'index', rule), rule);
    for (const values of sizes.values)
      for (const mapping of RULES)
        yield* arm({ mapping, start: 'index', mappingRate: sizes.slower }, [
          values,
          `index, logit step ${sizes.slower}`,
          mapping,
        ]);
    const columns = ['values', 'start', 'what is learned', 'error', 'share moved', 'of them past a neighbour'];
    yield { kind: 'table', title: 'Error of the layer on other images', columns, rows };
  },
});

/** Each weight with the places that it moved. */
function moves(before: CodebookLayer, after: CodebookLayer, rule: string): ExperimentEvent {
  const [a, b] = [before.weights.codes.indices, after.weights.codes.indices];
  const picture = {
    type: 'image',
    width: after.inputs,
    height: after.outputs,
    values: Array.from(b, (place, at) => place - a[at]),
    value: 'places moved',
  } as const;
  return { kind: 'picture', title: `Weights that moved among 4 values, ${rule} rule`, picture };
}
