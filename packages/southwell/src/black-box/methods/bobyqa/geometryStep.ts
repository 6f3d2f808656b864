import { clamp } from '@southwell/numerics/projections';
import type { Room } from './boxStep.ts';
import type { Exchange, QuadraticModel } from './model.ts';

/**
 * The new position of point t that makes the points well poised for a quadratic, within `radius` of the best point and
 * the box: on the lines through the best point and another where the Lagrange function of t is large, or else a step of
 * steepest ascent of its modulus within the bounds (Powell 2009, section 3: the alternative steps).
 */
export function geometryStep(model: QuadraticModel, t: number, radius: number, box: Room): Exchange {
  const { n, m, centre } = model;
  const { gradient, curvature, alpha } = model.lagrange(t);
  const within = (d: Float64Array) => d.map((v, i) => clamp(v, box.low[i], box.high[i]));
  let line = new Float64Array(n);
  let most = 0;
  for (let k = 0; k < m; k++) {
    if (k === model.best) continue;
    const p = model.points[k].map((v, i) => v - centre[i]);
    let [length2, slope] = [0, 0];
    for (let i = 0; i < n; i++) {
      length2 += p[i] * p[i];
      slope += gradient[i] * p[i];
    }
    let high = radius / Math.sqrt(length2);
    let low = -high;
    for (let i = 0; i < n; i++) {
      if (p[i] === 0) continue;
      const [a, b] = [box.low[i] / p[i], box.high[i] / p[i]];
      low = Math.max(low, Math.min(a, b));
      high = Math.min(high, Math.max(a, b));
    }
    // Along the line the Lagrange function is 0 at 0; at 1 it is 1 for the line through t and 0 for the others.
    const bend = k === t ? 1 - slope : -slope;
    const value = (u: number) => u * (slope + u * bend);
    for (const u of [low, high, ...(bend === 0 ? [] : [-slope / (2 * bend)])]) {
      if (!(u >= low && u <= high)) continue;
      const [v, off] = [value(u), u * (1 - u) * length2];
      // A lower bound on the denominator, since β is expensive.
      const predicted = v * v * (v * v + 0.5 * alpha * off * off);
      if (predicted > most) {
        most = predicted;
        line = p.map((c) => u * c);
      }
    }
  }
  const exchange = model.exchange(within(line));
  const ascents = [1, -1].map((sign) => ascent(sign));
  const better = ascents[0].value >= ascents[1].value ? ascents[0] : ascents[1];
  const first = exchange.denominator(t);
  if (!(first < better.value ** 2)) return exchange;
  const second = model.exchange(within(better.d));
  return second.denominator(t) > first ? second : exchange;

  /**
   * Steepest descent of `sign` times the Lagrange function as far as the ball and the bounds allow, and its modulus
   * there.
   */
  function ascent(sign: number): { d: Float64Array; value: number } {
    const g = gradient.map((v) => sign * v);
    const d = new Float64Array(n);
    const moving = new Set<number>();
    for (let i = 0; i < n; i++) if ((g[i] > 0 && box.low[i] < 0) || (g[i] < 0 && box.high[i] > 0)) moving.add(i);
    let room = radius * radius;
    let step = 0;
    while (moving.size > 0 && room > 0) {
      let free2 = 0;
      for (const i of moving) free2 += g[i] * g[i];
      if (free2 === 0) break;
      step = Math.sqrt(room / free2);
      let fixed = false;
      for (const i of [...moving]) {
        const v = -step * g[i];
        if (v > box.low[i] && v < box.high[i]) continue;
        d[i] = v <= box.low[i] ? box.low[i] : box.high[i];
        room -= d[i] * d[i];
        moving.delete(i);
        fixed = true;
      }
      if (!fixed) break;
    }
    for (const i of moving) d[i] = -step * g[i];
    let slope = 0;
    for (let i = 0; i < n; i++) slope += g[i] * d[i];
    const bend = sign * curvature(d);
    if (bend > -slope && bend < -(1 + Math.SQRT2) * slope) {
      const u = -slope / bend;
      return { d: d.map((v) => u * v), value: Math.abs(0.5 * slope * u) };
    }
    return { d, value: Math.abs(slope + 0.5 * bend) };
  }
}
