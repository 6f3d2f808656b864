import { cg, ssorPcg } from '@southwell/numerics/iterative';
import { multiply } from '@southwell/numerics/linalg';
import { experiment } from '../../define.ts';
import { type Cell, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawSeed, laplacian, learnerNames, libraryTuning, type Range, rescaled, tunerOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const TOL = 1e-8;
const DT = 1e-3;
const { sizes } = locked.claims.heat;

const side: Parameter = {
  name: 'side',
  title: 'Unknowns of a side',
  default: { quick: sizes.quick.side, full: sizes.full.side },
  min: 8,
  max: 399,
  integer: true,
};
const steps: Parameter = {
  name: 'steps',
  title: 'Steps of a thousandth',
  default: { quick: sizes.quick.steps, full: sizes.full.steps },
  min: 100,
  max: 5000,
  integer: true,
};

/** Diffusion that alternates between slow and fast. */
const kappa = (t: number): number => Math.max(0.1 * Math.sin(2 * Math.PI * t), -10 * Math.sin(2 * Math.PI * t));
/** The contexts that occur in its steps: the diffusion at the beginning of a step. */
const contexts = (T: number): Range => {
  const all = Array.from({ length: T }, (_, s) => kappa(s * DT));
  return [Math.min(...all), Math.max(...all)];
};

const bump = (squared: number, radius: number): number => {
  const inside = 1 - Math.min(1, squared / radius / radius);
  return inside > 0 ? Math.exp(1 - 1 / inside) : 0;
};

/** u_t = κ(t)Δu + f on a square by Crank–Nicolson: each step is a linear system, (I − S)u₊ = (I + S)u + dt·f. */
class Heat {
  readonly u: Float64Array;
  private readonly stencil: ReturnType<typeof laplacian>;
  private readonly system: ReturnType<typeof rescaled>;
  private readonly b: Float64Array;
  private step = 0;

  constructor(private readonly m: number) {
    this.stencil = laplacian(m);
    this.system = rescaled(this.stencil);
    this.b = new Float64Array(m * m);
    this.u = this.over((x, y) => bump((x - 0.5) ** 2 + (y - 0.5) ** 2, 0.25));
  }

  private over(f: (x: number, y: number) => number): Float64Array {
    const { m } = this;
    return Float64Array.from({ length: m * m }, (_, i) =>
      f((Math.floor(i / m) + 1) / (m + 1), ((i % m) + 1) / (m + 1)),
    );
  }

  get context(): number {
    return kappa(this.step * DT);
  }

  /** The matrix and right-hand side of the next step. */
  next() {
    const t = (this.step + 0.5) * DT;
    const s = 0.5 * kappa(t) * DT * (this.m + 1) ** 2;
    const { u, b } = this;
    multiply(this.stencil, u, b);
    const [x0, y0] = [0.5 + Math.cos(16 * Math.PI * t) / 4, 0.5 + Math.sin(16 * Math.PI * t) / 4];
    const f = this.over((x, y) => 32 * bump((x - x0) ** 2 + (y - y0) ** 2, 0.125));
    for (let i = 0; i < b.length; i++) b[i] = u[i] - s * b[i] + DT * f[i];
    this.system.set(s, 1);
    return { A: this.system.A, b };
  }

  take(u: Float64Array): void {
    this.u.set(u);
    this.step++;
  }

  end(): void {
    this.system.A.free();
    this.stencil.free();
  }
}

/** A heat equation during whose simulation the parameter of its solver is learned. */
export default experiment(record, {
  id: 'heat',
  title: 'The heat equation, by conjugate gradients with SSOR',
  panels: [
    {
      title: 'iterations',
      x: { label: 'step' },
      y: { label: 'iterations so far' },
      series: ['conjugate gradients', ...sizes.full.fixed.map((omega) => `ω = ${omega}`), ...learnerNames],
      control: 'conjugate gradients',
    },
    { title: 'ω that was played', x: { label: 'step' }, y: { label: 'ω' }, series: learnerNames },
  ],
  parameters: [side, steps],
  claims: ['heat'],
  method: libraryTuning,
  async *run(context, decide, tuning) {
    const { fixed: omegas, bins } = sizes[context.size];
    const pause = pauses(context);
    const [m, T] = [parameterValue(side, context), parameterValue(steps, context)];
    const range = contexts(T);
    const most = Math.max(...record.claims[2].draws[context.size]);
    const rows: Cell[][] = [];
    const pieces = omegas.length + 1 + most * learnerNames.length;
    let done = 0;
    /** All steps with a given solver, which returns its cost. */
    async function* simulate(
      series: string,
      shown: boolean,
      solve: (step: ReturnType<Heat['next']>, heat: Heat) => { readonly point: Float64Array; readonly cost: number },
    ) {
      const heat = new Heat(m);
      let total = 0;
      for (let t = 0; t < T; t++) {
        const { point, cost } = solve(heat.next(), heat);
        total += cost;
        heat.take(point);
        if (t % 10 === 9) await pause();
        if ((t + 1) % Math.ceil(T / 100) !== 0) continue;
        if (shown) yield { kind: 'points', panel: 'iterations', series, x: [t + 1], y: [total] } as const;
        if ((t + 1) % Math.ceil(T / 20) !== 0) continue;
        yield { kind: 'progress', label: series, fraction: (done + t / T) / pieces } as const;
        const largest = heat.u.reduce((a, b) => Math.max(a, b), 1e-9);
        const values = Array.from(heat.u, (v) => v / largest);
        const title = `temperature, ${series} at work`;
        if (shown) yield { kind: 'picture', title, picture: { type: 'image', width: m, height: m, values } } as const;
      }
      done++;
      heat.end();
      return total;
    }
    const warm = (heat: Heat) => ({ x0: heat.u, tol: TOL, maxIter: 10_000 });

    const plain = yield* simulate('conjugate gradients', true, ({ A, b }, heat) => {
      const { point, iterations } = cg(A, b, warm(heat));
      return { point, cost: iterations };
    });
    rows.push(['conjugate gradients', 1, plain, null]);
    const fixed: number[] = [];
    for (const omega of omegas) {
      const total = yield* simulate(`ω = ${omega}`, true, ({ A, b }, heat) => {
        const { point, iterations } = ssorPcg(A, b, { omega, ...warm(heat) });
        return { point, cost: iterations };
      });
      fixed.push(total);
      rows.push([`ω = ${omega}`, 1, total, total / plain]);
    }
    const best = Math.min(...fixed);
    const totals: Record<string, number[]> = {};
    const values = () => ({
      plain: learnerNames.map((label) => ({ label, draws: totals[label].map((total) => total / plain) })),
      context: { draws: totals.ChebCB.map((total) => total / best) },
      free: { draws: totals['Tsallis-INF'].map((total) => total / best) },
    });
    let draw = 0;
    do {
      for (const [i, name] of learnerNames.entries()) {
        const tuner = tunerOf(tuning, name, range, bins, drawSeed(context, draw) + 100 * i);
        const [x, y]: number[][] = [[], []];
        let t = 0;
        const total = yield* simulate(name, draw === 0, ({ A, b }, heat) => {
          const { value: omega } = tuner.choose(heat.context);
          const { point, iterations } = ssorPcg(A, b, { omega, ...warm(heat) });
          tuner.report(Math.max(1, iterations));
          if (t++ % Math.ceil(T / 200) === 0) {
            x.push(t);
            y.push(omega);
          }
          return { point, cost: iterations };
        });
        totals[name] = [...(totals[name] ?? []), total];
        rows.push([name, draw + 1, total, total / plain]);
        if (draw === 0) yield { kind: 'points', panel: 'ω that was played', series: name, x, y };
      }
      draw++;
    } while (!decide.enough('heat', draw, values));
    yield decide('heat', values());
    const columns = ['method', 'draw', 'iterations', 'over conjugate gradients'];
    yield { kind: 'table', title: `${m}² unknowns, ${T} steps`, columns, rows };
  },
});
