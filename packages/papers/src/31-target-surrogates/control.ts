import type { Random } from 'southwell';
import type { TargetModel } from 'southwell/optimisers';

/** A cart in two dimensions, pushed by bounded forces, and an expert that steers it to the centre. */
export const STATES = 4;
export const FORCES = 2;
const DT = 0.1;
const HORIZON = 25;

/**
 * Gains of the optimal linear regulator of a point mass, by iterating the Riccati equation in one dimension, which is
 * the same for both.
 */
const gains = regulator();
function regulator(): readonly [number, number] {
  // x' = Ax + Bu, A = [1 dt; 0 1], B = [dt²/2; dt], costs x² + v²/10 + u²/10.
  let [p, q, r] = [1, 0, 0.1];
  let [kp, kv] = [0, 0];
  const [b1, b2] = [(DT * DT) / 2, DT];
  for (let t = 0; t < 2000; t++) {
    // PA and PB of P = [p q; q r].
    const [pb1, pb2] = [p * b1 + q * b2, q * b1 + r * b2];
    const s = 0.1 + b1 * pb1 + b2 * pb2;
    kp = pb1 / s;
    kv = (pb1 * DT + pb2) / s;
    const [a11, a12, a22] = [p, p * DT + q, p * DT * DT + 2 * q * DT + r];
    [p, q, r] = [1 + a11 - s * kp * kp, a12 - s * kp * kv, 0.1 + a22 - s * kv * kv];
  }
  return [kp, kv];
}

/** The expert's forces at a state (positions, then velocities), smoothly bounded by 1. */
export const expert = (x: ArrayLike<number>): number[] =>
  [0, 1].map((k) => Math.tanh(-gains[0] * x[k] - gains[1] * x[2 + k]));

/** Parameters of a policy with one hidden layer: inputs × hidden, hidden, hidden × forces, forces. */
export const sizeOfPolicy = (hidden: number): number => STATES * hidden + hidden + hidden * FORCES + FORCES;
const hiddenOf = (p: Float64Array): number => (p.length - FORCES) / (STATES + 1 + FORCES);

export function firstPolicy(random: Random, hidden: number): Float64Array {
  const [atC, atD] = [(STATES + 1) * hidden, (STATES + 1 + FORCES) * hidden];
  return Float64Array.from({ length: sizeOfPolicy(hidden) }, (_, k) =>
    k < STATES * hidden ? random.normal() / 2 : k >= atC && k < atD ? random.normal() / 8 : 0,
  );
}

/** The policy as a model at given states, one example per state. */
export function policyModel(states: Float64Array, size: number): TargetModel {
  const hidden = new Float64Array(size);
  const [atB, atC, atD] = [STATES * size, (STATES + 1) * size, (STATES + 1 + FORCES) * size];
  const activate = (p: Float64Array, at: number): void => {
    for (let h = 0; h < size; h++) {
      let sum = p[atB + h];
      for (let j = 0; j < STATES; j++) sum += p[j * size + h] * states[at + j];
      hidden[h] = Math.tanh(sum);
    }
  };
  return {
    outputs: FORCES,
    forward(p, batch, z) {
      for (let k = 0; k < batch.length; k++) {
        activate(p, STATES * batch[k]);
        for (let o = 0; o < FORCES; o++) {
          let sum = p[atD + o];
          for (let h = 0; h < size; h++) sum += hidden[h] * p[atC + FORCES * h + o];
          z[FORCES * k + o] = sum;
        }
      }
    },
    pull(p, batch, v, g) {
      g.fill(0);
      for (let k = 0; k < batch.length; k++) {
        const at = STATES * batch[k];
        activate(p, at);
        for (let o = 0; o < FORCES; o++) g[atD + o] += v[FORCES * k + o];
        for (let h = 0; h < size; h++) {
          let back = 0;
          for (let o = 0; o < FORCES; o++) {
            g[atC + FORCES * h + o] += hidden[h] * v[FORCES * k + o];
            back += p[atC + FORCES * h + o] * v[FORCES * k + o];
          }
          back *= 1 - hidden[h] * hidden[h];
          g[atB + h] += back;
          for (let j = 0; j < STATES; j++) g[j * size + h] += back * states[at + j];
        }
      }
    },
  };
}

/** `count` states visited by a policy, or by the expert, in runs of 25 steps from random initial states. */
export function visited(p: Float64Array, count: number, random: Random, byExpert = false): Float64Array {
  const states = new Float64Array(STATES * count);
  const model = policyModel(states, hiddenOf(p));
  const z = new Float64Array(FORCES);
  for (let i = 0; i < count; i++) {
    const at = STATES * i;
    if (i % HORIZON === 0) {
      for (let j = 0; j < STATES; j++) states[at + j] = 2 * random.uniform() - 1;
      continue;
    }
    const before = states.subarray(at - STATES, at);
    let force: ArrayLike<number> = expert(before);
    if (!byExpert) {
      model.forward(p, Int32Array.of(i - 1), z);
      // Forces are bounded, whatever a policy outputs.
      force = z.map((u) => Math.max(-1, Math.min(1, u)));
    }
    for (let k = 0; k < 2; k++) {
      states[at + k] = before[k] + DT * before[2 + k] + ((DT * DT) / 2) * force[k];
      states[at + 2 + k] = before[2 + k] + DT * force[k];
    }
  }
  return states;
}

/** ½‖policy − expert‖², mean over states. */
export function policyLoss(p: Float64Array, states: Float64Array): number {
  const count = states.length / STATES;
  const batch = Int32Array.from({ length: count }, (_, i) => i);
  const z = new Float64Array(FORCES * count);
  policyModel(states, hiddenOf(p)).forward(p, batch, z);
  return expertLoss(states).evaluate(z, batch);
}

/** The expert's loss for forces at states: querying the expert is the expensive part. */
export function expertLoss(states: Float64Array) {
  return {
    smoothness: 1,
    evaluate(z: Float64Array, batch: Int32Array, gradient?: Float64Array): number {
      let value = 0;
      for (let k = 0; k < batch.length; k++) {
        const wanted = expert(states.subarray(STATES * batch[k], STATES * (batch[k] + 1)));
        for (let o = 0; o < FORCES; o++) {
          const off = z[FORCES * k + o] - wanted[o];
          value += (off * off) / 2;
          if (gradient) gradient[FORCES * k + o] = off;
        }
      }
      return value / batch.length;
    },
  };
}
