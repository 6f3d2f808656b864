import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { type Emit, streamed } from '../../streamed.ts';
import { type Judged, judge, networkSeeds, type Pruned, pruned, reconstructed, subjectOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { pixels } from '../picture.ts';
import { record } from '../record.ts';
import { type Both, DIAGONAL, FITTED, ICBS, PLAIN, panels, rivals, WANDA } from '../rivals.ts';

const { 'beside-reconstruction': claim } = locked.claims;
const TENTH = 0.1;
const EARLY = 50;

/** What a network came to at a density, by method. */
interface Result {
  readonly network: number;
  readonly density: number;
  readonly methods: ReadonlyMap<string, Both>;
  /** Training loss of iCBS by step. */
  readonly path: ReadonlyMap<number, number>;
  readonly missed: number;
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** iCBS on networks that read digits, beside its rivals, each with and without reconstruction. */
export default experiment(record, {
  id: 'digits',
  title: 'Digits: blocks against scores',
  panels,
  claims: ['beats-wanda', 'time-for-quality', 'beside-reconstruction'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { networks, densities, steps, hidden, epochs, rho, rate, every, ...blocks } = claim.sizes[context.size];
    const images = await digitSet();
    const look = context.size === 'full' ? 10 : 5;
    const results: Result[] = [];
    const once = (seed: number, network: number, density: number, shown: boolean) => async (emit: Emit) => {
      const subject = await subjectOf(images, { hidden, epochs }, seed, pause);
      const draw = (panel: string, series: string, x: number[], { loss }: Judged) => {
        if (shown) emit({ kind: 'points', panel, series, x, y: x.map(() => loss) });
      };
      const dense = judge(subject, subject.model.parameters);
      for (const panel of [PLAIN, FITTED]) draw(panel, 'dense', [0, steps], dense);
      const methods = new Map<string, Both>([['dense', { plain: dense, fitted: dense }]]);
      const path = new Map<number, number>();
      let [first, missed]: [Pruned | undefined, number] = [undefined, 0];
      for (const [series, curvature] of [
        [ICBS, 'gradients'],
        [DIAGONAL, 'diagonal'],
      ] as const) {
        const fittedOf = async ({ masks }: Pruned) => judge(subject, await reconstructed(subject, masks, pause));
        const each = async (step: number, now: Pruned) => {
          const plain = judge(subject, now.parameters);
          draw(PLAIN, series, [step], plain);
          if (shown) draw(FITTED, series, [step], await fittedOf(now));
          first ??= now;
          if (series !== ICBS) return;
          path.set(step, plain.loss);
          if (shown) emit(pixels({ [WANDA]: first.masks, [ICBS]: now.masks }, subject.layers[0]));
        };
        const last = await method(subject, blocks, { density, steps, curvature }, { every: look, each }, pause);
        methods.set(series, { plain: judge(subject, last.parameters), fitted: await fittedOf(last) });
        if (series !== ICBS) continue;
        for (const { name, outputs, inputs } of subject.layers) {
          const kept = last.masks[name].reduce((a, b) => a + b, 0);
          missed = Math.max(missed, Math.abs(kept - Math.round(density * outputs * inputs)));
        }
      }
      const admm = { rho, rate, every, batch: blocks.batch };
      for await (const [name, both] of rivals(subject, density, steps, admm, shown ? emit : undefined, pause))
        methods.set(name, both);
      results.push({ network, density, methods, path, missed });
    };
    for (const [k, seed] of networkSeeds(context.seed, networks).entries())
      for (const density of densities) {
        yield { kind: 'progress', label: `network ${k + 1}, density ${density}`, fraction: k / networks };
        yield* streamed(once(seed, k + 1, density, k === 0 && density === TENTH));
      }
    yield* verdicts();
    yield {
      kind: 'table',
      title: 'Networks after pruning',
      columns: [
        ...['network', 'density', 'method', 'training loss', 'test accuracy'],
        ...['training loss, reconstructed', 'test accuracy, reconstructed'],
      ],
      rows: results.flatMap(({ network, density, methods }) =>
        [...methods].map(([name, { plain, fitted }]) => [
          ...[network, density, name, plain.loss, plain.accuracy],
          ...[fitted.loss, fitted.accuracy],
        ]),
      ),
    };

    function* verdicts() {
      const at = (density: number) => results.filter((one) => one.density === density);
      /** A number for each network, from iCBS and Wanda. */
      const each = (density: number, of: (own: Both, wanda: Both) => number) =>
        at(density).map(({ network, methods }) => ({
          label: `network ${network}`,
          value: of(methods.get(ICBS)!, methods.get(WANDA)!),
        }));
      const full = context.size === 'full';
      const loss = (density: number) => each(density, (own, wanda) => own.plain.loss / wanda.plain.loss);
      yield decide('beats-wanda', {
        accuracy: each(TENTH, (own, wanda) => own.plain.accuracy - wanda.plain.accuracy),
        loss: loss(TENTH),
        density: Math.max(...results.map(({ missed }) => missed)),
        ...(full && { absolute: each(TENTH, (own) => own.plain.accuracy), lossOfFifth: loss(0.2) }),
      });
      /** The last that is known at a step. */
      const after = (step: number) =>
        meanOf(at(TENTH).map(({ path }) => [...path].filter(([s]) => s <= step).at(-1)![1]));
      yield decide('time-for-quality', {
        fifty: after(EARLY) / after(0),
        ...(full && { later: after(steps) / after(EARLY) }),
      });
      yield decide('beside-reconstruction', {
        reconstructed: each(TENTH, (own, wanda) => own.fitted.loss / wanda.fitted.loss),
      });
    }
  },
});
