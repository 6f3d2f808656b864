import { qr, svd } from '@southwell/numerics/linalg';
import { DenseMatrix, Random } from 'southwell';
import { selectBasisColumns } from 'southwell/optimisers';
import { loadCharacters } from '../../characters.ts';
import { schedule } from '../../decoder.ts';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawSeed, fullAdam, settings, stepper, steps, trainer } from '../lab.ts';
import { record } from '../record.ts';

const RATE = 3e-3;
/** Every so many steps errors are taken. */
const EVERY = 10;

/** How much few vectors leave of a matrix: ‖G − GPᵀP‖²/‖G‖². */
export type Choice = (G: DenseMatrix, r: number) => number;
/** The library's, of cosines, as the optimiser chooses them: by sums of magnitudes. */
export const libraryChoice: Choice = (G, r) => selectBasisColumns(G, r, { norm: 'l1' }).error;

/** The same of given rows that are orthonormal. */
function leftBy(G: DenseMatrix, P: DenseMatrix): number {
  let [all, seen] = [0, 0];
  for (let i = 0; i < G.rows; i++) {
    for (let j = 0; j < G.cols; j++) all += G.get(i, j) ** 2;
    for (let k = 0; k < P.rows; k++) {
      let dot = 0;
      for (let j = 0; j < G.cols; j++) dot += G.get(i, j) * P.get(k, j);
      seen += dot * dot;
    }
  }
  return all > 0 ? 1 - seen / all : 0;
}

/** The least that any r vectors leave, by singular values. */
function leftByLeading(G: DenseMatrix, r: number): number {
  const squares = Array.from(svd(G, { vectors: false }).singularValues, (s) => s * s);
  const all = squares.reduce((a, b) => a + b, 0);
  return all > 0 ? squares.slice(r).reduce((a, b) => a + b, 0) / all : 0;
}

/** The first r cosines by their formula. */
const firstCosines = (r: number, m: number): DenseMatrix =>
  DenseMatrix.fromRows(
    Array.from({ length: r }, (_, k) =>
      Array.from(
        { length: m },
        (__, j) => Math.sqrt((k === 0 ? 1 : 2) / m) * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * m)),
      ),
    ),
  );

/** Rows of n numbers in random directions, orthonormal. */
function randomRows(r: number, n: number, random: Random): DenseMatrix {
  const values = Float64Array.from({ length: n * r }, () => random.normal());
  const factor = qr(DenseMatrix.fromColumnMajor(values, n, r));
  const Q = factor.thinQ();
  factor.free();
  return DenseMatrix.fromRowMajor(Q.data, r, n);
}

const names = {
  svd: 'singular vectors',
  dct: 'best aligned cosines',
  random: 'best aligned of a random basis',
  first: 'first cosines',
  fresh: 'fresh random vectors',
} as const;

/** What vectors of several kinds leave of the gradients of one run of AdamW: the same matrices for all. */
export default experiment(record, {
  id: 'projection',
  title: 'What few vectors leave of gradients',
  axes: { x: 'step of AdamW', y: 'mean of ‖G − GPᵀP‖²/‖G‖² over matrices', logY: false },
  parameters: [steps],
  claims: ['projection'],
  method: libraryChoice,
  async *run(context, decide, choice) {
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const { rank, width } = settings[context.size];
    const most = Math.max(...record.claims[2].draws[context.size]);
    const means: Array<Record<keyof typeof names, number>> = [];
    const rows: Cell[][] = [];
    const values = () => {
      const beside = (one: keyof typeof names, other: keyof typeof names) => ({
        draws: means.map((mean) => ({ value: mean[one], reference: mean[other] })),
      });
      return {
        svd: beside('svd', 'dct'),
        dct: beside('dct', 'first'),
        first: beside('first', 'fresh'),
        ...(context.size === 'full' && { most: { draws: means.map(({ dct }) => dct) } }),
      };
    };
    do {
      const draw = means.length;
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const random = new Random(drawSeed(context, draw)).split(3);
      const basis = randomRows(width, width, random);
      const first = firstCosines(rank, width);
      const along: Record<keyof typeof names, number[]> = { svd: [], dct: [], random: [], first: [], fresh: [] };
      const net = trainer(characters, context, draw, pause);
      let step = 0;
      try {
        await net.train(stepper(fullAdam(schedule(RATE, length))), length, (gradient, ranges) => {
          if (step++ % EVERY !== 0) return;
          const sums: Record<keyof typeof names, number> = { svd: 0, dct: 0, random: 0, first: 0, fresh: 0 };
          const matrices = ranges.filter(({ shape, orthogonal }) => shape!.length > 1 && orthogonal);
          for (const { from, to, shape } of matrices) {
            const [n, m] = shape!;
            const own = Float64Array.from(gradient.subarray(from, to));
            // The smaller side is that of columns.
            const G = n >= m ? DenseMatrix.fromRowMajor(own, n, m) : DenseMatrix.fromColumnMajor(own, m, n);
            sums.svd += leftByLeading(G, rank);
            sums.dct += choice(G, rank);
            sums.random += selectBasisColumns(G, rank, { basis, norm: 'l1' }).error;
            sums.first += leftBy(G, first);
            sums.fresh += leftBy(G, randomRows(rank, width, random));
          }
          for (const key of Object.keys(names) as Array<keyof typeof names>) {
            along[key].push(sums[key] / matrices.length);
          }
        });
      } finally {
        net.free();
      }
      const mean = Object.fromEntries(
        Object.entries(along).map(([key, list]) => [key, list.reduce((a, b) => a + b, 0) / list.length]),
      ) as Record<keyof typeof names, number>;
      means.push(mean);
      rows.push([draw + 1, ...Object.keys(names).map((key) => mean[key as keyof typeof names])]);
      if (draw > 0) continue;
      for (const [key, series] of Object.entries(names)) {
        const y = along[key as keyof typeof names];
        const x = y.map((_, k) => 1 + EVERY * k);
        yield { kind: 'points', panel: 'what is left of the gradient, first draw', series, x, y };
      }
    } while (!decide.enough('projection', means.length, values));
    yield decide('projection', values());
    const columns = ['draw', ...Object.values(names)];
    yield { kind: 'table', title: 'Mean relative squared error over matrices and steps', columns, rows };
  },
});
