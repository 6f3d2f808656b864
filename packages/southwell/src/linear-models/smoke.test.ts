import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { cox, gamma, huber, logistic, poisson, quantile, squared, squaredHinge } from '../losses/index.ts';
import { LinearProblem } from './fit.ts';
import { alphaGrid, solvePath } from './path.ts';

const random = new Random(3);
const n = 60,
  p = 90;
const X = DenseMatrix.create(n, p);
for (let k = 0; k < n * p; k++) X.data[k] = random.uniform() < 0.5 ? 0 : random.normal();
const w = Float64Array.from({ length: p }, (_, j) => (j % 9 === 0 ? random.normal() : 0));
const eta = new Float64Array(n);
for (let j = 0; j < p; j++) for (let i = 0; i < n; i++) eta[i] += X.get(i, j) * w[j];
const yr = eta.map((v) => v + 0.3 * random.normal() + 2);
const ys = eta.map((v) => (v + 0.3 * random.normal() > 0 ? 1 : -1));
const yc = eta.map((v) => Math.floor(Math.exp(Math.min(v, 3)) + random.uniform()));
const yp = eta.map((v) => Math.exp(Math.min(v, 3) + 0.2 * random.normal()));
const surv = {
  time: eta.map((v) => Math.ceil(10 * random.exponential() * Math.exp(-v))),
  event: eta.map((_, i) => (i % 4 ? 1 : 0)),
};
const S = CscMatrix.fromDense(X);
for (const [name, loss, y] of [
  ['squared', squared(), yr],
  ['logistic', logistic(), ys],
  ['poisson', poisson(), yc],
  ['gamma', gamma(), yp],
  ['huber', huber(0.5), yr],
  ['quantile', quantile(0.3, 0.2), yr],
  ['hinge', squaredHinge(), ys],
  ['cox', cox('efron'), surv],
] as const) {
  for (const spec of [{ type: 'elastic-net' }, { type: 'elastic-net', l1Ratio: 0.5 }, { type: 'mcp' }] as const)
    for (const intercept of [true, false]) {
      test(`${name} ${JSON.stringify(spec)} ${intercept}`, () => {
        const out: Float64Array[] = [];
        for (const M of [X, S]) {
          const P = new LinearProblem(M, y, loss as never, spec, { fitIntercept: intercept, tol: 1e-9 });
          const alphas = alphaGrid(P.alphaMax, n, p, { nAlphas: 10, eps: 0.05 });
          const lines = [];
          for (const s of solvePath(P, alphas, {})) {
            lines.push(
              `${s.solution.status} ${s.solution.iterations} gap ${s.solution.certificate?.relative.toExponential(1)} active ${s.solution.trace.at(-1)?.active} newton ${P.solver.newtonSteps}`,
            );
            if (s.alpha === alphas[9]) out.push(s.solution.point.coef);
          }
          if (!lines.every((l) => l.startsWith('conv')))
            console.log(name, JSON.stringify(spec), intercept, M.kind, '\n' + lines.join('\n'));
          expect(lines.every((l) => l.startsWith('conv'))).toBe(true);
        }
        if (out.length === 2 && spec.type === 'elastic-net')
          for (let j = 0; j < p; j++) expect(out[0][j]).toBeCloseTo(out[1][j], 3);
      });
    }
}
