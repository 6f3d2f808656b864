import {
  checkGiven,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  type RunOptions,
  run,
  type Status,
  wholeNumber,
} from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import { type Pose, poseOf, stepPose } from '../pose.ts';
import { edgesKept, type GraphNormal, normalOf, type PoseEdge, residualOf } from './poseGraphSystem.ts';

const graphRecords = {
  /** The node whose pose is fixed. Default 0. */
  reference: integerOption({ min: 0 }),
  /** See {@link PoseEdge.scale}. Default 22.46, which one in a thousand correct edges with six Gaussian errors exceeds. */
  scale: numberOption({ min: 0, open: true }),
  /** Uncertain edges with a weight below this are removed in the end; below 1. Default 0.25. */
  pruneBelow: numberOption({ min: 0 }),
  /** Default 200. */
  maxIterations: integerOption({ min: 0 }),
  /** Tolerance on all rotations of a step (radians), and on all translations relative to the largest distance of two nodes or 1. Default 1e-10. */
  tol: numberOption({ min: 0, open: true }),
};

type Watched = Pick<RunOptions<PoseGraphPoint>, 'signal' | 'onIterate' | 'timeLimit'>;

export interface PoseGraphOptions extends OptionsOf<typeof graphRecords>, Watched {}
const graphKeys: OptionKeys<PoseGraphOptions> = {
  ...keysOf(graphRecords),
  ...{ signal: true, onIterate: true, timeLimit: true },
};

/** An iterate of a pose graph. */
export interface PoseGraphPoint {
  readonly poses: readonly Pose[];
  /** Weight of each edge, from 0 to 1; 1 for certain edges. */
  readonly weights: Float64Array;
  /** Squared residuals eᵀΛe. */
  readonly residuals: Float64Array;
}

export interface PoseGraphSolution extends PoseGraphPoint {
  /** Whether an edge is part of the final graph. */
  readonly kept: readonly boolean[];
  /** Half the sum of the squared residuals of the kept edges. */
  readonly objective: number;
  readonly status: Status;
  readonly iterations: number;
  readonly next?: string;
}

interface Checked {
  readonly poses: readonly Pose[];
  readonly edges: readonly PoseEdge[];
  readonly reference: number;
  readonly scales: Float64Array;
}

function checked(name: string, nodes: readonly Pose[], edges: readonly PoseEdge[], options: PoseGraphOptions): Checked {
  knownKeys(name, options, graphKeys);
  checkGiven(graphRecords, options);
  const { reference = 0, scale = 22.46, pruneBelow = 0.25 } = options;
  if (nodes.length === 0) fail('EMPTY', 'The pose graph has no nodes.');
  wholeNumber('reference', reference, 0, nodes.length - 1);
  if (pruneBelow >= 1) fail('INVALID_PARAMETER', `pruneBelow must be below 1, but is ${pruneBelow}.`);
  const poses = nodes.map((pose) => poseOf(pose));
  const scales = new Float64Array(edges.length);
  const found = edges.map((edge, k): PoseEdge => {
    const { source, target, information } = edge;
    for (const [what, node] of Object.entries({ source, target })) {
      if (!(Number.isInteger(node) && node >= 0 && node < nodes.length))
        fail('INVALID_PARAMETER', `The ${what} of edge ${k + 1} is ${node}: nodes are 0 to ${nodes.length - 1}.`);
    }
    if (source === target) fail('INVALID_PARAMETER', `Edge ${k + 1} connects node ${source} to itself.`);
    if (information.length !== 36)
      fail(
        'INVALID_SHAPE',
        `The information of edge ${k + 1} must be 6 × 6, 36 numbers; there are ${information.length}.`,
      );
    const L = Float64Array.from(information);
    if (!L.every(Number.isFinite)) fail('NON_FINITE', `The information of edge ${k + 1} must be finite.`);
    scales[k] = edge.scale ?? scale;
    if (!(scales[k] > 0)) fail('INVALID_PARAMETER', `The scale of edge ${k + 1} must be above 0, but is ${scales[k]}.`);
    return { ...edge, pose: poseOf(edge.pose), information: L };
  });
  return { poses, edges: found, reference, scales };
}

/** Weights are recomputed with a scale reduced by this factor towards its final value (Yang et al. 2020). */
const NEARER = 1.4;

/**
 * Iterates of {@link optimisePoseGraph}: Levenberg–Marquardt steps on all poses jointly. Uncertain edges have the
 * weight (s/(s + eᵀΛe))² of a line process (Geman–McClure; Choi, Zhou & Koltun 2015), whose scale s decreases from a
 * value at which all edges count to its own (graduated non-convexity, Yang et al. 2020). O(n³) a step.
 */
export function* poseGraphIterates(
  nodes: readonly Pose[],
  edges: readonly PoseEdge[],
  options: PoseGraphOptions = {},
): Generator<Iterate<PoseGraphPoint>> {
  yield* iterates(checked('poseGraphIterates', nodes, edges, options), options.tol ?? 1e-10);
}

function* iterates(
  { poses: given, edges, reference, scales }: Checked,
  tol: number,
): Generator<Iterate<PoseGraphPoint>> {
  let poses = given;
  const squares = (at: readonly Pose[]) => Float64Array.from(edges, (edge) => residualOf(at, edge).square);
  let residuals = squares(poses);
  // All edges count where the largest residual is within the scale.
  let loose = 1;
  for (const [k, { uncertain }] of edges.entries())
    if (uncertain) loose = Math.max(loose, (2 * residuals[k]) / scales[k]);
  const weigh = () =>
    edges.map(({ uncertain }, k) => {
      if (!uncertain) return 1;
      const s = loose * scales[k];
      return (s / (s + residuals[k])) ** 2;
    });
  // The objective at these scales: ρ(r) = s r/(s + r) for uncertain edges.
  const loss = (r: Float64Array) =>
    edges.reduce((sum, { uncertain }, k) => {
      const s = loose * scales[k];
      return sum + (uncertain ? (s * r[k]) / (s + r[k]) : r[k]);
    }, 0) / 2;
  const span = Math.max(1e-300, ...poses.map((p) => lengthOf(p.translation, poses[reference].translation)));
  const unit = span > 1e-12 ? span : 1;
  let damping = 1e-6;
  for (let iteration = 0; ; iteration++) {
    const weights = Float64Array.from(weigh());
    const objective = loss(residuals);
    let [turn, shift] = [0, 0];
    let stuck = true;
    const normal = normalOf(poses, edges, weights, reference);
    const at = poses;
    let [next, reached] = [poses, residuals];
    for (let trial = 0; trial < 30 && normal.size > 0; trial++) {
      const x = damped(normal, damping);
      if (x) {
        const moved = poses.map((pose, i) =>
          normal.place[i] < 0 ? pose : stepPose(pose, x.subarray(normal.place[i], normal.place[i] + 6)),
        );
        const r = squares(moved);
        if (loss(r) <= objective * (1 + 1e-14)) {
          for (let k = 0; k < x.length; k += 6) {
            turn = Math.max(turn, lengthOf(x.subarray(k, k + 3)));
            shift = Math.max(shift, lengthOf(x.subarray(k + 3, k + 6)));
          }
          [next, reached, stuck] = [moved, r, false];
          damping = Math.max(damping / 10, 1e-12);
          break;
        }
      }
      damping = Math.min(damping * 10, 1e12);
    }
    const still = normal.size === 0 || stuck || (turn < tol && shift < tol * unit);
    const done = still && loose === 1;
    const point: PoseGraphPoint = { poses: at, weights, residuals };
    yield {
      iteration,
      objective,
      metrics: { turn, shift, edges: edges.length },
      work: { epochs: iteration + 1 },
      ...(done && {
        done: stuck && normal.size > 0 && !flat(normal, tol, unit) ? ('stalled' as const) : ('converged' as const),
      }),
      snapshot: () => point,
    };
    if (done) return;
    [poses, residuals] = [next, reached];
    // At each scale a few steps suffice; at the final one all are allowed.
    if (loose > 1) loose = Math.max(1, loose / NEARER);
  }
}

const lengthOf = (a: Float64Array, b?: Float64Array): number =>
  Math.sqrt([0, 1, 2].reduce((sum, k) => sum + (a[k] - (b?.[k] ?? 0)) ** 2, 0));

/**
 * Solves (H + λ D) x = g, where D has the mean diagonal of rotations and of translations separately: no step along free
 * motions.
 */
function damped({ H, g, size, turns, shifts }: GraphNormal, damping: number): Float64Array | undefined {
  const A = H.slice();
  for (let i = 0; i < size; i++) A[i * size + i] += damping * (i % 6 < 3 ? turns : shifts);
  if (!choleskyInPlace(A, size)) return undefined;
  const x = g.slice();
  choleskySolveInPlace(A, size, x);
  return x.every(Number.isFinite) ? x : undefined;
}

/** Whether a step without reduction is within rounding errors. */
function flat(normal: GraphNormal, tol: number, unit: number): boolean {
  const x = damped(normal, 1e-9);
  if (!x) return false;
  let [turn, shift] = [0, 0];
  for (let k = 0; k < x.length; k += 6) {
    turn = Math.max(turn, lengthOf(x.subarray(k, k + 3)));
    shift = Math.max(shift, lengthOf(x.subarray(k + 3, k + 6)));
  }
  const loose = Math.max(tol, 1e-7);
  return turn < loose && shift < loose * unit;
}

/**
 * The poses that best fit all edges of a graph, with the reference fixed: first with weights that decrease for
 * uncertain edges that contradict the others, then by least squares without the rejected edges. An edge that is the
 * only tie of a node is never removed. Motions that no edge constrains stay as given.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function optimisePoseGraph(
  nodes: readonly Pose[],
  edges: readonly PoseEdge[],
  options: PoseGraphOptions = {},
): PoseGraphSolution {
  const graph = checked('optimisePoseGraph', nodes, edges, options);
  const { maxIterations = 200, tol = 1e-10, pruneBelow = 0.25, signal, timeLimit, onIterate } = options;
  const limits = { signal, timeLimit, onIterate, maxIter: maxIterations };
  const first = run(iterates(graph, tol), limits);
  const { weights } = first.point;
  const kept = edgesKept(nodes.length, graph.edges, weights, pruneBelow);
  const sure = graph.edges.flatMap((edge, k) => (kept[k] ? [{ ...edge, uncertain: false }] : []));
  const left = { ...graph, poses: first.point.poses, edges: sure, scales: graph.scales.filter((_, k) => kept[k]) };
  const uncertain = graph.edges.some((edge) => edge.uncertain);
  const last =
    uncertain && first.status !== 'aborted' && first.status !== 'time-limit' ? run(iterates(left, tol), limits) : first;
  const { poses } = last.point;
  const residuals = Float64Array.from(graph.edges, (edge) => residualOf(poses, edge).square);
  const next = last.next ?? first.next;
  return {
    ...{ poses, weights, residuals, kept },
    objective: residuals.reduce((sum, r, k) => sum + (kept[k] ? r : 0), 0) / 2,
    status: last.status,
    iterations: first.iterations + (last === first ? 0 : last.iterations),
    ...(last.status !== 'converged' && next !== undefined && { next }),
  };
}
