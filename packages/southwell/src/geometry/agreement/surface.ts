import { LocalPlane } from '../normals.ts';
import type { PreparedCloud } from '../prepared.ts';

/** Maximum number of points that stand for a cloud. */
const MOST = 2000;
/** Smallest eigenvalue over trace at which neighbours no longer say where a surface lies: an isotropic blob has 1/3. */
const ROUGH = 0.08;

/**
 * The surface that a cloud samples, estimated where it is asked for. Points are given by their positions in the order of
 * the tree.
 */
export class Surface {
  /** Points that stand for all: evenly spread, at most 2000. */
  readonly sample: Int32Array;
  /** Unit normals of arbitrary sign; zeros where there is no plane. */
  readonly normals: Float64Array;
  /** The distance between neighbours: the side of a square that has one point. */
  readonly spacings: Float64Array;
  /** How well neighbours fit a plane: 1 on a plane, 0 where they have no direction. */
  readonly planarity: Float64Array;
  /** The median spacing; 0 if most points coincide with their neighbours. */
  readonly spacing: number;
  /** Mean planarity. */
  readonly smoothness: number;
  private readonly known: Uint8Array;
  private readonly local: LocalPlane;

  constructor(readonly cloud: PreparedCloud) {
    const { size, tree } = cloud;
    const count = Math.min(size, MOST);
    this.sample = Int32Array.from({ length: count }, (_, k) => Math.floor((k * size) / count));
    this.normals = new Float64Array(3 * size);
    this.spacings = new Float64Array(size);
    this.planarity = new Float64Array(size);
    this.known = new Uint8Array(size);
    this.local = new LocalPlane(tree, cloud.neighbours);
    for (const place of this.sample) this.look(place);
    this.spacing = Float64Array.from(this.sample, (place) => this.spacings[place]).sort()[count >> 1];
    this.smoothness = this.sample.reduce((sum, place) => sum + this.planarity[place], 0) / count;
  }

  /** Estimates the plane at a point, if that has not been done. */
  look(place: number): void {
    const { known, cloud, local, normals } = this;
    if (known[place] === 1) return;
    known[place] = 1;
    const around = cloud.knownNeighbourhoods;
    const at = cloud.tree.order[place];
    const plane = around === undefined ? local.at(place) : undefined;
    const covariance = around?.covariances.subarray(6 * at, 6 * at + 6) ?? local.covariance;
    const trace = covariance[0] + covariance[3] + covariance[5];
    // Points of a disc of radius r have the trace r²/2.
    this.spacings[place] = Math.sqrt((2 * Math.PI * trace) / Math.min(cloud.neighbours, cloud.size));
    if (around) normals.set(around.normals.subarray(3 * at, 3 * at + 3), 3 * place);
    else if (plane) normals.set(local.vectors.subarray(0, 3), 3 * place);
    const k = 3 * place;
    if (normals[k] === 0 && normals[k + 1] === 0 && normals[k + 2] === 0) return;
    const curvature = around ? around.curvatures[at] : Math.max(0, local.values[0]) / trace;
    this.planarity[place] = Math.max(0, 1 - curvature / ROUGH);
  }
}

const surfaces = new WeakMap<PreparedCloud, Surface>();

/** The surface of a cloud, estimated once. */
export function surfaceOf(cloud: PreparedCloud): Surface {
  const known = surfaces.get(cloud) ?? new Surface(cloud);
  surfaces.set(cloud, known);
  return known;
}
