import { systemKernels } from '@southwell/kernels/systems';
import {
  type Aggregates,
  composed,
  greedyAggregates,
  pairwiseAggregates,
  type Strength,
  type StrongPart,
  strongPart,
} from './amgAggregates.ts';
import {
  type Candidates,
  constantTentative,
  smoothed,
  spectralRadius,
  type Tentative,
  tentative,
} from './amgProlong.ts';
import { galerkin, Rows } from './amgRows.ts';

/** The data from which the next level is built. */
export interface Grid {
  readonly A: Rows;
  /** 1/a_ii; 0 for rows that are zero up to rounding. */
  readonly inverse: Float64Array;
  readonly candidates: Candidates;
  /** The node of each unknown, ascending, if nodes have several unknowns. */
  readonly nodes: Int32Array | undefined;
}

export interface Coarsening {
  readonly strength: Strength;
  readonly threshold: number;
  readonly aggregation: 'greedy' | 'pairwise';
  readonly prolongation: 'smoothed' | 'plain';
  readonly symmetric: boolean;
}

/** A coarse level is worthwhile if it has at most this fraction of the unknowns of the level above. */
const WORTH = 0.9;

/** Diagonal entries that cancel to this fraction of their terms are rounding errors. */
const ROUNDING = 1e-13;

/** The prolongator and the coarse grid; undefined if coarsening stalls. A is not modified. O(products). */
export function coarsen(grid: Grid, how: Coarsening): { readonly P: Rows; readonly next: Grid } | undefined {
  const { A, inverse, nodes } = grid;
  const n = A.rows;
  let F = A;
  let parts: Aggregates;
  if (nodes) {
    // Strength is measured by block norms; nothing is dropped from the smoothing matrix, because rigid-body modes are
    // not constant along a row.
    const norms = nodeGraph(A, nodes);
    const strong = strongPart(norms, reciprocals(norms), how.strength, how.threshold);
    const ofNodes = aggregates(strong, how);
    if (strong.F !== norms) strong.F.free();
    norms.free();
    parts = { of: nodes.map((node) => ofNodes.of[node]), count: ofNodes.count };
  } else {
    const strong = strongPart(A, inverse, how.strength, how.threshold);
    F = strong.F;
    parts = aggregates(strong, how);
  }
  const { T, ...rest } = unsmoothed(grid, parts);
  if (T.cols === 0 || T.cols > WORTH * n) {
    T.free();
    if (F !== A) F.free();
    return undefined;
  }
  let P = T;
  let C: Rows | undefined;
  if (how.prolongation === 'smoothed') {
    P = smoothed(F, T, 4 / 3 / spectralRadius(F));
    const R = P.transpose();
    C = galerkin(A, P, R, how.symmetric);
    R.free();
    // Smoothing the prolongator over dense rows would fill the coarse levels.
    if (C.entries > A.entries) {
      for (const M of [C, P]) M.free();
      C = undefined;
      P = T;
    } else T.free();
  }
  if (F !== A) F.free();
  if (!C) {
    const R = P.transpose();
    C = galerkin(A, P, R, how.symmetric);
    R.free();
  }
  const below = coarseInverse(grid, P, C);
  return { P, next: { A: C, inverse: below, candidates: rest.candidates, nodes: rest.nodes } };
}

/** Frees the graph. */
function aggregates({ F, graph }: StrongPart, { aggregation, symmetric }: Coarsening): Aggregates {
  const greedy = aggregation === 'greedy' ? greedyAggregates(graph) : undefined;
  if (graph !== F) for (const block of [graph.pointers, graph.indices]) block.free();
  if (greedy) return greedy;
  const first = pairwiseAggregates(F);
  const T = constantTentative(F.arena, first);
  const R = T.transpose();
  const pairs = galerkin(F, T, R, symmetric);
  const second = pairwiseAggregates(pairs);
  for (const M of [T, R, pairs]) M.free();
  return composed(first, second);
}

function unsmoothed({ A, candidates }: Grid, parts: Aggregates): Tentative {
  if (candidates) return tentative(A.arena, parts, candidates);
  return { T: constantTentative(A.arena, parts), candidates: undefined, nodes: undefined };
}

/** Condenses unknowns to nodes: block norms, negative off the diagonal. Nodes are contiguous rows. O(entries). */
function nodeGraph(A: Rows, nodes: Int32Array): Rows {
  const n = A.rows;
  const count = n === 0 ? 0 : nodes[n - 1] + 1;
  const marks = new Int32Array(count).fill(-1);
  const indices: number[] = [];
  const squares: number[] = [];
  const starts = new Int32Array(count + 1);
  const { pointers, indices: columns, values } = A.views;
  for (let i = 0, node = 0; node < count; node++) {
    const from = indices.length;
    for (; i < n && nodes[i] === node; i++) {
      for (let k = pointers[i]; k < pointers[i + 1]; k++) {
        const other = nodes[columns[k]];
        if (marks[other] < from) {
          marks[other] = indices.length;
          indices.push(other);
          squares.push(0);
        }
        squares[marks[other]] += values[k] * values[k];
      }
    }
    starts[node + 1] = indices.length;
  }
  const out = Rows.create(A.arena, count, count, indices.length);
  const to = out.views;
  to.pointers.set(starts);
  to.indices.set(indices);
  for (let node = 0; node < count; node++) {
    for (let k = starts[node]; k < starts[node + 1]; k++) {
      const norm = Math.sqrt(squares[k]);
      to.values[k] = indices[k] === node ? norm : -norm;
    }
  }
  return out;
}

function reciprocals(A: Rows): Float64Array {
  const { pointers, indices, values } = A.views;
  const out = new Float64Array(A.rows);
  for (let i = 0; i < A.rows; i++) {
    for (let k = pointers[i]; k < pointers[i + 1]; k++) if (indices[k] === i && values[k] > 0) out[i] = 1 / values[k];
  }
  return out;
}

/** 1/c_ii; 0 where Σ p²·a is only rounding. O(entries of P). */
function coarseInverse({ inverse }: Grid, P: Rows, C: Rows): Float64Array {
  const kernels = P.arena.use(systemKernels);
  const scratch = P.arena.scratch();
  try {
    const [own, sums] = [scratch.f64(P.rows), scratch.f64(C.rows)];
    own.view.set(inverse);
    kernels.weightedSquares(P.rows, P.cols, ...P.at, own.pointer, sums.pointer);
    const out = reciprocals(C);
    const parts = sums.view;
    for (let i = 0; i < out.length; i++) if (!(1 > ROUNDING * parts[i] * out[i])) out[i] = 0;
    return out;
  } finally {
    scratch.release();
  }
}
