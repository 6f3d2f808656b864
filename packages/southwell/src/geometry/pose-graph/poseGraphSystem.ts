import { elementary } from '@southwell/numerics/special';
import { composePoses, invertPose, logRotation, type Pose, rotated } from '../pose.ts';

/** The relative pose of two nodes of a pose graph, from a registration of their clouds. */
export interface PoseEdge {
  /** Indices of nodes, from 0. */
  readonly source: number;
  readonly target: number;
  /** Maps the frame of the source to that of the target. */
  readonly pose: Pose;
  /**
   * Information about a step (φ, δ) of {@link stepPose} at this pose: 6 × 6 by rows, such as H of a registration
   * divided by the variance of its residuals. Directions without information are free.
   */
  readonly information: ArrayLike<number>;
  /** Whether the edge may be wrong, and is then to be rejected. Default false. */
  readonly uncertain?: boolean;
  /** The squared residual eᵀΛe at which an uncertain edge has weight ¼. Default: that of the options. */
  readonly scale?: number;
}

/** e = (log R, t) of the residual of an edge, given the poses of source and target: 0 where they agree with it. */
export function residualOf(
  poses: readonly Pose[],
  { source, target, pose, information: L }: PoseEdge,
): { readonly e: Float64Array; readonly left: Pose; readonly square: number } {
  const left = composePoses(invertPose(pose), composePoses(invertPose(poses[target]), poses[source]));
  const e = new Float64Array(6);
  e.set(logRotation(left.rotation));
  e.set(left.translation, 3);
  let square = 0;
  for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) square += e[i] * L[6 * i + j] * e[j];
  return { e, left, square: Math.max(0, square) };
}

/** The normal equations of all poses except the reference. */
export interface GraphNormal {
  readonly H: Float64Array;
  readonly g: Float64Array;
  readonly size: number;
  /** Index of the first of the six variables of a node; −1 for the reference and for nodes without edges. */
  readonly place: Int32Array;
  /** Mean diagonal of rotations, and of translations. */
  readonly turns: number;
  readonly shifts: number;
}

/** The inverse of the right Jacobian of rotations: log(exp(φ) exp(δ)) = φ + J⁻¹ δ to first order. */
function inverseJacobian(phi: ArrayLike<number>): Float64Array {
  const [x, y, z] = [phi[0], phi[1], phi[2]];
  const square = x * x + y * y + z * z;
  const angle = Math.sqrt(square);
  // 1/θ² − (1 + cos θ)/(2 θ sin θ) = (1 − (θ/2) cot(θ/2))/θ²; for smaller θ the next term of the series is below
  // rounding.
  const c =
    angle < 1e-2
      ? 1 / 12 + square / 720 + (square * square) / 30240
      : (1 - ((angle / 2) * elementary.cos(angle / 2)) / elementary.sin(angle / 2)) / square;
  return Float64Array.of(
    ...[1 - c * (y * y + z * z), -z / 2 + c * x * y, y / 2 + c * x * z],
    ...[z / 2 + c * x * y, 1 - c * (x * x + z * z), -x / 2 + c * y * z],
    ...[-y / 2 + c * x * z, x / 2 + c * y * z, 1 - c * (x * x + y * y)],
  );
}

const times3 = (A: ArrayLike<number>, B: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: 9 }, (_, k) => {
    const [i, j] = [Math.floor(k / 3), k % 3];
    return A[3 * i] * B[j] + A[3 * i + 1] * B[3 + j] + A[3 * i + 2] * B[6 + j];
  });

/** ∂e for steps of the source and of the target, 6 × 6 each. */
export function jacobiansOf(
  poses: readonly Pose[],
  edge: PoseEdge,
  { e, left }: Pick<ReturnType<typeof residualOf>, 'e' | 'left'>,
): readonly [Float64Array, Float64Array] {
  const [source, target] = [new Float64Array(36), new Float64Array(36)];
  const put = (J: Float64Array, row: number, column: number, block: Float64Array, sign: 1 | -1) => {
    for (let k = 0; k < 9; k++) J[6 * (row + Math.floor(k / 3)) + column + (k % 3)] = sign * block[k];
  };
  const inverse = inverseJacobian(e);
  const M = invertPose(edge.pose).rotation;
  put(source, 0, 0, inverse, 1);
  put(source, 3, 3, left.rotation, 1);
  const back = invertPose(left).rotation;
  put(target, 0, 0, times3(inverse, times3(back, M)), -1);
  // Position of the source's origin in the frame of the target.
  const t = poses[edge.source].translation.map((v, k) => v - poses[edge.target].translation[k]);
  const [x, y, z] = rotated(invertPose(poses[edge.target]).rotation, t);
  put(target, 3, 0, times3(M, [0, -z, y, z, 0, -x, -y, x, 0]), 1);
  put(target, 3, 3, M, -1);
  return [source, target];
}

/** H = Σ w JᵀΛJ and g = −Σ w JᵀΛe. O(edges + nodes²). */
export function normalOf(
  poses: readonly Pose[],
  edges: readonly PoseEdge[],
  weights: ArrayLike<number>,
  reference: number,
): GraphNormal {
  const place = new Int32Array(poses.length).fill(-1);
  let size = 0;
  for (const { source, target } of edges) {
    for (const node of [source, target]) {
      if (node === reference || place[node] >= 0) continue;
      place[node] = size;
      size += 6;
    }
  }
  const [H, g] = [new Float64Array(size * size), new Float64Array(size)];
  for (const [k, edge] of edges.entries()) {
    const w = weights[k];
    if (w === 0) continue;
    const L = edge.information;
    const found = residualOf(poses, edge);
    const sides = jacobiansOf(poses, edge, found).map((J, s) => ({
      J,
      at: place[s === 0 ? edge.source : edge.target],
    }));
    // ΛJ for both nodes, and Λe.
    const LJ = sides.map(({ J }) => product(L, J));
    const Le = Float64Array.from({ length: 6 }, (_, i) => found.e.reduce((sum, v, j) => sum + L[6 * i + j] * v, 0));
    for (const { J, at: row } of sides) {
      if (row < 0) continue;
      for (let i = 0; i < 6; i++) for (let q = 0; q < 6; q++) g[row + i] -= w * J[6 * q + i] * Le[q];
      for (const [b, { at: column }] of sides.entries()) {
        if (column < 0) continue;
        const B = LJ[b];
        for (let i = 0; i < 6; i++) {
          for (let j = 0; j < 6; j++) {
            let sum = 0;
            for (let q = 0; q < 6; q++) sum += J[6 * q + i] * B[6 * q + j];
            H[(row + i) * size + column + j] += w * sum;
          }
        }
      }
    }
  }
  let [turns, shifts] = [0, 0];
  for (let i = 0; i < size; i++) {
    if (i % 6 < 3) turns += (2 * H[i * size + i]) / size;
    else shifts += (2 * H[i * size + i]) / size;
  }
  return { H, g, size, place, turns: turns || 1, shifts: shifts || 1 };
}

function product(A: ArrayLike<number>, B: Float64Array): Float64Array {
  const out = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let k = 0; k < 6; k++) for (let j = 0; j < 6; j++) out[6 * i + j] += A[6 * i + k] * B[6 * k + j];
  }
  return out;
}

/** Which nodes are connected to the reference by edges, itself included. O(nodes · edges) at worst. */
export function tiedNodes(
  nodes: number,
  edges: ReadonlyArray<Pick<PoseEdge, 'source' | 'target'>>,
  reference = 0,
): boolean[] {
  const tied = Array.from({ length: nodes }, (_, i) => i === reference);
  for (let grew = true; grew; ) {
    grew = false;
    for (const { source, target } of edges) {
      if (tied[source] === tied[target]) continue;
      tied[source] = true;
      tied[target] = true;
      grew = true;
    }
  }
  return tied;
}

/** Edges of at least that weight, and of the others the heaviest ones that keep the graph connected. */
export function edgesKept(
  nodes: number,
  edges: readonly PoseEdge[],
  weights: ArrayLike<number>,
  least: number,
): boolean[] {
  const parts = Int32Array.from({ length: nodes }, (_, i) => i);
  const root = (i: number): number => {
    let k = i;
    while (parts[k] !== k) k = parts[k];
    return k;
  };
  const kept = edges.map(({ uncertain }, k) => !uncertain || weights[k] >= least);
  for (const [k, { source, target }] of edges.entries()) if (kept[k]) parts[root(source)] = root(target);
  const rest = edges.map((_, k) => k).filter((k) => !kept[k]);
  rest.sort((a, b) => weights[b] - weights[a]);
  for (const k of rest) {
    const [a, b] = [root(edges[k].source), root(edges[k].target)];
    if (a === b) continue;
    kept[k] = true;
    parts[a] = b;
  }
  return kept;
}
