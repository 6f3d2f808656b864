// The gamma functions of assembly/common/gamma.ts, operation by operation, so that their bits are the same.
import { functions, nearest } from './functions.ts';

const { log, sin, cos } = functions(false);

const STIRLING = [
  -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953,
  0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
];
const DIGAMMAS = [
  -0.4432598039215686, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576, -0.004166666666666667,
  0.003968253968253968, -0.008333333333333333, 0.08333333333333333,
];
const BERNOULLI = [
  -7.092156862745098, 1.1666666666666667, -0.2531135531135531, 0.07575757575757576, -0.03333333333333333,
  0.023809523809523808, -0.03333333333333333, 0.16666666666666666,
];
/** log Γ up to `end` as x − zero times a quotient of polynomials in x − centre. */
const PIECES = [
  {
    end: 1.5,
    centre: 1,
    zero: 1,
    p: [0.05195626612819862, 0.3931621936905397, 0.503125214046934, -0.3710317397987418, -0.5772156652112683],
    q: [0.016596072023692347, 0.3192281026776323, 1.3804025075137825, 2.0676825767905918, 1],
  },
  {
    end: 4,
    centre: 2,
    zero: 2,
    p: [0.0019918498411570394, 0.05357844138624994, 0.3394480004459442, 0.710645231334511, 0.4227843350893872],
    q: [0.00047830239551804177, 0.02455659491805712, 0.26190218061788056, 0.9181470668489464, 1],
  },
  {
    end: 12,
    centre: 4,
    zero: 2,
    p: [7.408800570505093e-5, 0.0058780427723547825, 0.1002797083412412, 0.5484464580023702, 0.8958797348116213],
    q: [1.4302317577753232e-5, 0.0019385614853847247, 0.05059853093805993, 0.4111349821543291, 1],
  },
];
const CONSTANT = 0.4189385332046727;

const polynomial = (coefficients: readonly number[], v: number): number => {
  let p = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) p = p * v + coefficients[i];
  return p;
};
const turn = (x: number): number => Math.PI * (x - nearest(x));

export function shortLgamma(x: number): number {
  const { centre, zero, p, q } = PIECES[x < 1.5 ? 0 : x < 4 ? 1 : 2];
  return ((x - zero) * polynomial(p, x - centre)) / polynomial(q, x - centre) + 0;
}

export function lgamma(x: number): number {
  const small = x < 0.5;
  const y = small ? 1 - x : x;
  const near = y < 8;
  const z = near ? y + 8 : y;
  const w = 1 / z;
  const value = (z - 0.5) * (log(z) - 1) + (CONSTANT + w * polynomial(STIRLING, w * w));
  if (!near && !small) return value;
  const u = y * (y + 7);
  const product = near ? u * (u + 6) * ((u + 10) * (u + 12)) : 1;
  const difference = value - log(small ? product * (Math.PI / Math.abs(sin(turn(x)))) : product);
  return small ? -difference : difference;
}

export function digamma(x: number): number {
  const small = x < 0.5;
  const y = small ? 1 - x : x;
  const near = y < 8;
  const z = near ? y + 8 : y;
  const w = 1 / z;
  const v = w * w;
  let value = log(z) - 0.5 * w - v * polynomial(DIGAMMAS, v);
  if (near) {
    const u = y * (y + 7);
    const [six, ten, twelve] = [u + 6, u + 10, u + 12];
    const [first, second] = [u * six, ten * twelve];
    value -= ((y + y + 7) * ((u + six) * second + (ten + twelve) * first)) / (first * second);
  }
  if (!small) return value;
  const t = turn(x);
  return t === 0 ? Number.NaN : value - (Math.PI * cos(t)) / sin(t);
}

export function trigamma(x: number): number {
  const small = x < 0.5;
  const y = small ? 1 - x : x;
  const near = y < 8;
  const z = near ? y + 8 : y;
  const w = 1 / z;
  const v = w * w;
  let value = w + 0.5 * v + w * v * polynomial(BERNOULLI, v);
  if (near) {
    let sum = 0;
    for (let i = 0, at = y; i < 8; i++, at++) sum += 1 / (at * at);
    value += sum;
  }
  if (!small) return value;
  const t = turn(x);
  const q = Math.PI / sin(t);
  return t === 0 ? Number.NaN : q * q - value;
}
