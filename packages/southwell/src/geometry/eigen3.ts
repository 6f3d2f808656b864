/**
 * Eigenvalues, ascending, and eigenvectors of symmetric 3×3 matrices by Jacobi rotations, which are accurate for small
 * eigenvalues too. Results are written to the caller's arrays, since there is one matrix for each point of a cloud.
 * @param a xx, xy, xz, yy, yz, zz.
 * @param vectors Row k is the unit eigenvector of value k.
 */
export function eigen3(a: Float64Array, values: Float64Array, vectors: Float64Array): void {
  let [xx, xy, xz, yy, yz, zz] = [a[0], a[1], a[2], a[3], a[4], a[5]];
  // V has the eigenvectors in columns until the end.
  let [v00, v01, v02] = [1, 0, 0];
  let [v10, v11, v12] = [0, 1, 0];
  let [v20, v21, v22] = [0, 0, 1];
  const small = 1e-16 * (Math.abs(xx) + Math.abs(yy) + Math.abs(zz));
  for (let sweep = 0; sweep < 12; sweep++) {
    if (Math.abs(xy) + Math.abs(xz) + Math.abs(yz) <= small) break;
    if (xy !== 0) {
      const t = tangent(xx, yy, xy);
      const c = 1 / Math.sqrt(1 + t * t);
      const s = t * c;
      xx -= t * xy;
      yy += t * xy;
      xy = 0;
      const xz1 = c * xz - s * yz;
      yz = s * xz + c * yz;
      xz = xz1;
      let v = c * v00 - s * v01;
      v01 = s * v00 + c * v01;
      v00 = v;
      v = c * v10 - s * v11;
      v11 = s * v10 + c * v11;
      v10 = v;
      v = c * v20 - s * v21;
      v21 = s * v20 + c * v21;
      v20 = v;
    }
    if (xz !== 0) {
      const t = tangent(xx, zz, xz);
      const c = 1 / Math.sqrt(1 + t * t);
      const s = t * c;
      xx -= t * xz;
      zz += t * xz;
      xz = 0;
      const xy1 = c * xy - s * yz;
      yz = s * xy + c * yz;
      xy = xy1;
      let v = c * v00 - s * v02;
      v02 = s * v00 + c * v02;
      v00 = v;
      v = c * v10 - s * v12;
      v12 = s * v10 + c * v12;
      v10 = v;
      v = c * v20 - s * v22;
      v22 = s * v20 + c * v22;
      v20 = v;
    }
    if (yz !== 0) {
      const t = tangent(yy, zz, yz);
      const c = 1 / Math.sqrt(1 + t * t);
      const s = t * c;
      yy -= t * yz;
      zz += t * yz;
      yz = 0;
      const xy1 = c * xy - s * xz;
      xz = s * xy + c * xz;
      xy = xy1;
      let v = c * v01 - s * v02;
      v02 = s * v01 + c * v02;
      v01 = v;
      v = c * v11 - s * v12;
      v12 = s * v11 + c * v12;
      v11 = v;
      v = c * v21 - s * v22;
      v22 = s * v21 + c * v22;
      v21 = v;
    }
  }
  // The order of the columns by increasing value; stable.
  const first = xx <= yy ? (xx <= zz ? 0 : 2) : yy <= zz ? 1 : 2;
  const last = zz >= yy ? (zz >= xx ? 2 : 0) : yy >= xx ? 1 : 0;
  const middle = 3 - first - last;
  for (let k = 0; k < 3; k++) {
    const column = k === 0 ? first : k === 1 ? middle : last;
    values[k] = column === 0 ? xx : column === 1 ? yy : zz;
    vectors[3 * k] = column === 0 ? v00 : column === 1 ? v01 : v02;
    vectors[3 * k + 1] = column === 0 ? v10 : column === 1 ? v11 : v12;
    vectors[3 * k + 2] = column === 0 ? v20 : column === 1 ? v21 : v22;
  }
}

/** The tangent of the rotation that zeroes `off` between two diagonal entries; the smaller of the two. */
function tangent(p: number, q: number, off: number): number {
  const theta = (q - p) / (2 * off);
  if (theta > 1e150 || theta < -1e150) return 1 / (2 * theta);
  return (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(1 + theta * theta));
}

/** The symmetric 3×3 matrix Σ f(λₖ) vₖvₖᵀ as nine numbers. */
export function spectral3(
  values: ArrayLike<number>,
  vectors: Float64Array,
  f: (value: number) => number,
): Float64Array {
  const out = new Float64Array(9);
  for (let k = 0; k < 3; k++) {
    const weight = f(values[k]);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) out[3 * i + j] += weight * vectors[3 * k + i] * vectors[3 * k + j];
  }
  return out;
}
