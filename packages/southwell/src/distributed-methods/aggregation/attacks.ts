import {
  checkOptions,
  choiceOption,
  fail,
  numberOption,
  type OptionsOf,
  otherOption,
  Random,
} from '@southwell/numerics/core';

/** What faulty workers know, and what they would send if they were honest. */
export interface AttackedStep {
  /** Gradients of the honest workers. */
  readonly honest: readonly Float64Array[];
  /** Gradients that the faulty workers computed. */
  readonly own: readonly Float64Array[];
  readonly random: Random;
}

/** A way in which faulty workers choose what they send, one gradient for each of `own`. */
export interface Attack {
  readonly name: string;
  send(step: AttackedStep): Float64Array[];
}

/** A rule as an attack that knows it sees it: from all gradients, the honest ones first, to a direction. */
export type AttackedRule = (gradients: readonly Float64Array[]) => Float64Array;

const randomRecords = {
  /** Distribution of the entries: uniform on (0, 1), all aligned with (1, …, 1), or standard normal. Default 'uniform'. */
  distribution: choiceOption({ uniform: 'uniform on (0, 1)', normal: 'standard normal' }),
  /** Factor of all entries. Default 1. */
  scale: numberOption({ finite: true }),
};
const reverseRecords = {
  /** The gradient is multiplied by minus this. Default 10. */
  factor: numberOption({ min: 0, finite: true }),
};
const dropRecords = {
  /** Share of entries, drawn at random, that become 0. Default 0.1. */
  share: numberOption({ min: 0, max: 1 }),
};
const littleRecords = {
  /** Number of standard deviations. Default 1.5. */
  z: numberOption({ finite: true }),
};
const empiresRecords = {
  /** Multiple of the mean. Default 1. */
  epsilon: numberOption({ finite: true }),
};
const adaptiveRecords = {
  /** The attack whose strength is chosen. Default 'fall-of-empires'. */
  along: choiceOption({ 'fall-of-empires': 'minus the mean', 'little-is-enough': 'mean minus standard deviations' }),
  /** The rule under attack. */
  rule: otherOption<AttackedRule>('a function of gradients', (value) => typeof value === 'function'),
};

/** Mean of the entries of equally long vectors. */
function meanOf(vectors: readonly Float64Array[]): Float64Array {
  if (vectors.length === 0) fail('EMPTY', 'An attack that uses the honest gradients needs one of them or more.');
  const mean = new Float64Array(vectors[0].length);
  for (const v of vectors) for (let k = 0; k < mean.length; k++) mean[k] += v[k];
  for (let k = 0; k < mean.length; k++) mean[k] /= vectors.length;
  return mean;
}

/** Standard deviations of the entries, with divisor n. */
function deviationsOf(vectors: readonly Float64Array[], mean: Float64Array): Float64Array {
  const out = new Float64Array(mean.length);
  for (const v of vectors) for (let k = 0; k < out.length; k++) out[k] += (v[k] - mean[k]) ** 2;
  for (let k = 0; k < out.length; k++) out[k] = Math.sqrt(out[k] / vectors.length);
  return out;
}

const everywhere = ({ own }: AttackedStep, sent: Float64Array): Float64Array[] => own.map(() => sent.slice());

/** base + strength·direction, entry by entry. */
const moved = (base: Float64Array, strength: number, direction: Float64Array): Float64Array =>
  base.map((v, k) => v + strength * direction[k]);

/** Strengths from 2⁻⁶ to 2¹⁰ that are tried before the search is refined. */
const STRENGTHS = Array.from({ length: 17 }, (_, k) => 2 ** (k - 6));
/** Golden-section steps between the neighbours of the best of them. */
const REFINEMENTS = 12;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The strength with the largest value, from a grid and golden sections around its best point. */
function strongest(value: (strength: number) => number): number {
  const values = STRENGTHS.map(value);
  const at = values.reduce((best, v, k) => (v > values[best] ? k : best), 0);
  let [low, high] = [STRENGTHS[Math.max(0, at - 1)], STRENGTHS[Math.min(STRENGTHS.length - 1, at + 1)]];
  let [best, largest] = [STRENGTHS[at], values[at]];
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [fa, fb] = [value(a), value(b)];
  for (let k = 0; k < REFINEMENTS; k++) {
    if (fa > largest) [best, largest] = [a, fa];
    if (fb > largest) [best, largest] = [b, fb];
    if (fa >= fb) {
      [high, b, fb] = [b, a, fa];
      a = high - GOLDEN * (high - low);
      fa = value(a);
    } else {
      [low, a, fa] = [a, b, fb];
      b = low + GOLDEN * (high - low);
      fb = value(b);
    }
  }
  return best;
}

/**
 * Attacks of faulty workers, as values. `random` sends noise; `reverse` −factor times the own gradient; `drop` the own
 * gradient with entries set to 0; `littleIsEnough` mean − z·std of the honest gradients (Baruch, Baruch & Goldberg, NeurIPS 2019);
 * `fallOfEmpires` −ε times their mean (Xie, Koyejo & Gupta, UAI 2019); `adaptive` one of these two with the z or ε, from a grid of powers of 2 from 2⁻⁶ to 2¹⁰ and
 * golden sections, that carries the result of a known rule furthest from the honest mean in the direction of the attack. O(N p) each; `adaptive` calls the rule 31 times.
 * @throws INVALID_PARAMETER for options.
 */
export const attacks = {
  random(options: OptionsOf<typeof randomRecords> = {}): Attack {
    checkOptions('attacks.random', randomRecords, options);
    const { distribution = 'uniform', scale = 1 } = options;
    return {
      name: `random ${distribution}`,
      send: ({ own, random }) =>
        own.map((g) => g.map(() => scale * (distribution === 'normal' ? random.normal() : random.uniform()))),
    };
  },
  reverse(options: OptionsOf<typeof reverseRecords> = {}): Attack {
    checkOptions('attacks.reverse', reverseRecords, options);
    const { factor = 10 } = options;
    return { name: 'reverse', send: ({ own }) => own.map((g) => g.map((v) => -factor * v)) };
  },
  drop(options: OptionsOf<typeof dropRecords> = {}): Attack {
    checkOptions('attacks.drop', dropRecords, options);
    const { share = 0.1 } = options;
    return {
      name: 'drop',
      send: ({ own, random }) =>
        own.map((g) => {
          const sent = g.slice();
          for (const k of random.sample(g.length, Math.round(share * g.length))) sent[k] = 0;
          return sent;
        }),
    };
  },
  littleIsEnough(options: OptionsOf<typeof littleRecords> = {}): Attack {
    checkOptions('attacks.littleIsEnough', littleRecords, options);
    const { z = 1.5 } = options;
    return {
      name: 'little is enough',
      send: (step) => {
        const mean = meanOf(step.honest);
        return everywhere(step, moved(mean, -z, deviationsOf(step.honest, mean)));
      },
    };
  },
  fallOfEmpires(options: OptionsOf<typeof empiresRecords> = {}): Attack {
    checkOptions('attacks.fallOfEmpires', empiresRecords, options);
    const { epsilon = 1 } = options;
    return {
      name: 'fall of empires',
      send: (step) =>
        everywhere(
          step,
          meanOf(step.honest).map((v) => -epsilon * v),
        ),
    };
  },
  adaptive(options: OptionsOf<typeof adaptiveRecords>): Attack {
    checkOptions('attacks.adaptive', adaptiveRecords, options);
    const { along = 'fall-of-empires', rule } = options;
    if (!rule)
      fail('INVALID_PARAMETER', "An adaptive attack knows the rule: the option 'rule', a function of gradients.");
    return {
      name: `adaptive ${along}`,
      send: (step) => {
        const mean = meanOf(step.honest);
        const little = along === 'little-is-enough';
        const towards = little ? deviationsOf(step.honest, mean).map((v) => -v) : mean.map((v) => -v);
        const base = little ? mean : new Float64Array(mean.length);
        const sent = (strength: number) => moved(base, strength, towards);
        const reached = (strength: number): number => {
          const result = rule([...step.honest, ...everywhere(step, sent(strength))]);
          return result.reduce((sum, v, k) => sum + (v - mean[k]) * towards[k], 0);
        };
        return everywhere(step, sent(strongest(reached)));
      },
    };
  },
} as const;

/**
 * What p workers send if the last ones of them are faulty: the honest gradients, and in place of the others what the attack makes.
 * @param gradients what all workers computed, the faulty ones last; equally long.
 * @param f number of faulty workers, from 0 to p.
 * @throws INVALID_PARAMETER for f; EMPTY if the attack needs honest workers and there are none.
 */
export function attackGradients(
  gradients: readonly Float64Array[],
  f: number,
  attack: Attack,
  random: Random = new Random(0),
): Float64Array[] {
  if (!Number.isInteger(f) || f < 0 || f > gradients.length) {
    fail('INVALID_PARAMETER', `f must be a whole number from 0 to ${gradients.length}, but is ${f}.`);
  }
  const honest = gradients.slice(0, gradients.length - f);
  if (f === 0) return [...honest];
  return [...honest, ...attack.send({ honest, own: gradients.slice(honest.length), random })];
}
