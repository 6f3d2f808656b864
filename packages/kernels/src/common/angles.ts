// The inverse tangent of assembly/common/angles.ts, operation by operation, so that its bits are the same.

const SINGLE = {
  ...{ far: 2.414213562373095, middle: 0.41421356237309503 },
  ...{ right: 1.5707963267948966, eighth: 0.7853981633974483 },
  ...{ rightLow: -4.371139000186241e-8, eighthLow: -2.1855695000931206e-8 },
  p: [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1],
  q: [],
};
const DOUBLE = {
  ...{ far: 2.414213562373095, middle: 0.66 },
  ...{ right: 1.5707963267948966, eighth: 0.7853981633974483 },
  ...{ rightLow: 6.123233995736766e-17, eighthLow: 3.061616997868383e-17 },
  p: [-0.8750608600031904, -16.157537187333652, -75.00855792314704, -122.88666844901361, -64.85021904942025],
  q: [24.858464901423062, 165.02700983169885, 432.88106049129027, 485.3903996359137, 194.5506571482614],
};

/** The inverse tangent in single or double precision. */
export function inverseTangent(single: boolean): (x: number) => number {
  const r: (x: number) => number = single ? Math.fround : (x) => x;
  const c = single ? SINGLE : DOUBLE;
  const [far, middle, right, eighth, rightLow, eighthLow] = [
    ...[c.far, c.middle, c.right, c.eighth, c.rightLow, c.eighthLow].map(r),
  ];
  const [P, Q] = [c.p.map(r), c.q.map(r)];
  return (x) => {
    const a = Math.abs(x);
    const [high, half] = [a > far, a > middle];
    const t = high ? r(-1 / a) : half ? r(r(a - 1) / r(a + 1)) : a;
    const z = r(t * t);
    let p = P[0];
    for (let i = 1; i < P.length; i++) p = r(r(p * z) + P[i]);
    if (!single) {
      let q = z + Q[0];
      for (let i = 1; i < Q.length; i++) q = q * z + Q[i];
      p /= q;
    }
    const small = r(r(r(p * z) * t) + t);
    const angle = r((high ? right : half ? eighth : 0) + r(small + (high ? rightLow : half ? eighthLow : 0)));
    return x < 0 || Object.is(x, -0) ? -angle : angle;
  };
}
