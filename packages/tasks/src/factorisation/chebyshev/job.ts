import { type ChebyshevTucker, chebTuckerFromTensor } from 'southwell/functional-tensors';
import type { TaskTools } from '../../declaration/task.ts';
import { AXES, eachAxis, type GridOfValues, gridOf } from './grid.ts';
import { savedText } from './model.ts';
import type { ChebyshevRequest } from './options.ts';
import type { ChebyshevResult } from './result.ts';

/** Points at which each function is drawn and written, and points per side of a slice. */
const POINTS = 101;
const SLICE = 64;

/** Reads and fits. Throws on errors in the request or the data. */
export async function chebyshevJob(request: ChebyshevRequest, tools: TaskTools): Promise<ChebyshevResult> {
  const started = performance.now();
  const table = await tools.read();
  const grid = gridOf(table, request, tools.spell);
  tools.signal.throwIfAborted();
  tools.progress({ text: 'splines, cosine transforms and a higher-order SVD' });
  const degree = eachAxis(request.degree, tools.spell('degree'));
  const ranks = eachAxis(request.rank, tools.spell('rank'));
  const model = chebTuckerFromTensor(grid.values, grid.grids, {
    ...{ domain: grid.domain, tol: request.tol, als: request.als },
    ...(degree ? { degree } : { maxDegree: request.maxDegree }),
    ...(ranks && { ranks }),
  });
  const resolution = model.resolution!;
  const { error, off } = fitOf(model, grid);
  return {
    command: tools.command,
    data: { name: table.name, notes: [...table.notes, ...flat(grid)] },
    shape: grid.values.shape,
    tol: request.tol,
    axes: AXES.map((name, k) => ({
      name,
      low: grid.domain[k][0],
      high: grid.domain[k][1],
      degree: model.degrees[k],
      rank: model.ranks[k],
      tail: resolution.tails[k],
      resolved: resolution.resolved[k],
    })),
    parameters: model.parameters,
    gridError: error,
    truncation: resolution.error.truncation,
    compression: resolution.error.compression,
    largest: grid.values.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0),
    integral: model.integral(),
    singularValues: singularValues(model),
    functions: functionsOf(model),
    slices: slicesOf(model, grid, off),
    modelText: savedText(model),
    status: 'completed',
    iterations: 1,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Errors at all grid points, and the largest. */
function fitOf(model: ChebyshevTucker, { grids, values }: GridOfValues): { error: number; off: Float64Array } {
  const [x, y, z] = grids;
  const found = model.evaluateGrid(x, y, z).data;
  const off = found.map((v, e) => v - values.data[e]);
  return { off, error: off.reduce((most, v) => Math.max(most, Math.abs(v)), 0) };
}

const flat = ({ values: { shape } }: GridOfValues): string[] => {
  const one = AXES.filter((_, k) => shape[k] === 1);
  return one.length > 0 ? [`Only one point along ${one.join(', ')}: the function is taken as constant there.`] : [];
};

/** Singular values of the function along each axis: norms of the slices of a core with orthonormal functions. */
function singularValues(model: ChebyshevTucker): number[][] {
  const { core } = model.recompress(0);
  return core.shape.map((n, k) => {
    const squares = new Float64Array(n);
    core.data.forEach((v, e) => {
      squares[Math.floor(e / core.strides[k]) % n] += v * v;
    });
    return Array.from(squares, Math.sqrt).sort((a, b) => b - a);
  });
}

function functionsOf(model: ChebyshevTucker): ChebyshevResult['functions'] {
  const out = { axis: [] as string[], function: [] as number[], place: [] as number[], value: [] as number[] };
  AXES.forEach((axis, k) => {
    const [low, high] = model.domain[k];
    const places = Array.from({ length: POINTS }, (_, i) =>
      i === POINTS - 1 ? high : low + ((high - low) * i) / (POINTS - 1),
    );
    const values = model.functions(k, places);
    for (let a = 0; a < values.cols; a++) {
      places.forEach((place, i) => {
        out.axis.push(axis);
        out.function.push(a + 1);
        out.place.push(place);
        out.value.push(values.get(i, a));
      });
    }
  });
  return out;
}

/** The function at the middle of z, and errors at the grid points closest to it, both with y fastest. */
function slicesOf(model: ChebyshevTucker, { grids, domain, values }: GridOfValues, off: Float64Array) {
  const line = ([low, high]: readonly [number, number]) =>
    Array.from({ length: SLICE }, (_, i) => low + ((high - low) * (i + 0.5)) / SLICE);
  const z = domain[2][0] / 2 + domain[2][1] / 2;
  const [p, q, r] = values.shape;
  const layer = Math.floor(r / 2);
  // At most as many cells as the picture has: the largest error of each cell.
  const [rows, columns] = [Math.min(p, SLICE), Math.min(q, SLICE)];
  const errors = new Array<number>(rows * columns).fill(0);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < q; j++) {
      const at = Math.floor((i * rows) / p) * columns + Math.floor((j * columns) / q);
      errors[at] = Math.max(errors[at], Math.abs(off[(i * q + j) * r + layer]));
    }
  }
  return {
    z,
    size: SLICE,
    values: [...model.evaluateGrid(line(domain[0]), line(domain[1]), [z]).data],
    errorAt: grids[2][layer],
    rows,
    columns,
    errors,
  };
}
