import type { Model } from '@southwell/numerics/expressions';
import { ModelDraft } from './modelDraft.ts';

// L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and equality constrained
// optimization, Institute of Computer Science, Academy of Sciences of the Czech Republic, report 767, 1999.

/** Shorthands for nodes of a draft. */
function notation({ nodes }: ModelDraft) {
  const node = (v: number | { readonly c: number }): number => (typeof v === 'number' ? v : nodes.constant(v.c));
  type Part = number | { readonly c: number };
  return {
    c: (value: number) => ({ c: value }),
    plus: (...parts: Part[]) => nodes.sum(parts.map(node)),
    minus: (a: Part, b: Part) => nodes.binary('subtract', node(a), node(b)),
    times: (...parts: Part[]) => parts.map(node).reduce((a, b) => nodes.binary('multiply', a, b)),
    power: (a: Part, e: number) => nodes.binary('power', node(a), nodes.constant(e)),
    of: (f: 'sin' | 'exp' | 'tan', a: number) => nodes.unary(f, a),
  };
}

/** Problem 1: chained Rosenbrock function with trigonometric-exponential constraints; n variables. */
export function luksanVlcek1(n: number): Model {
  const draft = new ModelDraft('luksanVlcek1', n);
  const x = draft.block('x', n);
  const { c, plus, minus, times, power, of } = notation(draft);
  const parts: number[] = [];
  for (let i = 0; i < n; i++) {
    draft.set(x(i), i % 2 === 0 ? -1.2 : 1);
    if (i + 1 < n) parts.push(times(c(100), power(minus(power(x(i), 2), x(i + 1)), 2)), power(minus(x(i), c(1)), 2));
    if (i + 2 >= n) continue;
    const [a, b, d] = [x(i), x(i + 1), x(i + 2)];
    const waves = times(of('sin', minus(b, d)), of('sin', plus(b, d)));
    const growth = times(c(-1), a, of('exp', minus(a, b)));
    draft.row(
      [
        [b, 4],
        [d, 2],
      ],
      plus(times(c(3), power(b, 3)), waves, growth),
      8,
    );
  }
  return draft.model(parts);
}

/** Problem 2: chained Wood function with Broyden banded constraints; n variables, an even number. */
export function luksanVlcek2(n: number): Model {
  const draft = new ModelDraft('luksanVlcek2', n);
  const x = draft.block('x', n);
  const { c, plus, minus, times, power } = notation(draft);
  const parts: number[] = [];
  for (let i = 0; i < n; i++) draft.set(x(i), i % 2 === 0 ? -2 : 1);
  for (let i = 0; i + 3 < n; i += 2) {
    const [p, q, r, s] = [x(i), x(i + 1), x(i + 2), x(i + 3)];
    parts.push(
      times(c(100), power(minus(power(p, 2), q), 2)),
      power(minus(p, c(1)), 2),
      times(c(90), power(minus(power(r, 2), s), 2)),
      power(minus(r, c(1)), 2),
      times(c(10), power(minus(plus(q, s), c(2)), 2)),
      times(c(0.1), power(minus(q, s), 2)),
    );
  }
  for (let i = 0; i + 7 < n; i++) {
    const band: number[] = [];
    for (let k = Math.max(0, i - 5); k <= i + 1; k++) band.push(power(x(k), 2), x(k));
    draft.row([[x(i + 5), 2]], plus(times(c(5), power(x(i + 5), 3)), ...band), -1);
  }
  return draft.model(parts);
}

/** Problem 3: chained singular function of Powell with two constraints at the ends; n variables, a multiple of 4. */
export function luksanVlcek3(n: number): Model {
  const draft = new ModelDraft('luksanVlcek3', n);
  const x = draft.block('x', n);
  const { c, plus, minus, times, power, of } = notation(draft);
  const parts: number[] = [];
  for (let i = 0; i < n; i++) draft.set(x(i), [3, -1, 0, 1][i % 4]);
  for (let i = 0; i + 3 < n; i += 2) {
    const [p, q, r, s] = [x(i), x(i + 1), x(i + 2), x(i + 3)];
    parts.push(
      power(plus(p, times(c(10), q)), 2),
      times(c(5), power(minus(r, s), 2)),
      power(minus(q, times(c(2), r)), 4),
      times(c(10), power(minus(p, s), 4)),
    );
  }
  const [a, b] = [x(0), x(1)];
  draft.row([[b, 2]], plus(times(c(3), power(a, 3)), times(of('sin', minus(a, b)), of('sin', plus(a, b)))), 5);
  const [y, z] = [x(n - 2), x(n - 1)];
  draft.row([[z, 4]], times(c(-1), y, of('exp', minus(y, z))), 3);
  return draft.model(parts);
}

/** Problem 4: chained function of Cragg and Levy with Broyden tridiagonal constraints; n variables, an even number. */
export function luksanVlcek4(n: number): Model {
  const draft = new ModelDraft('luksanVlcek4', n);
  const x = draft.block('x', n);
  const { c, plus, minus, times, power, of } = notation(draft);
  const parts: number[] = [];
  for (let i = 0; i < n; i++) draft.set(x(i), i % 4 === 0 ? 1 : 2);
  for (let i = 0; i + 3 < n; i += 2) {
    const [p, q, r, s] = [x(i), x(i + 1), x(i + 2), x(i + 3)];
    parts.push(
      power(minus(of('exp', p), q), 4),
      times(c(100), power(minus(q, r), 6)),
      power(of('tan', minus(r, s)), 4),
      power(p, 8),
      power(minus(s, c(1)), 2),
    );
  }
  for (let i = 0; i + 2 < n; i++) {
    const [a, b, d] = [x(i), x(i + 1), x(i + 2)];
    draft.row([[b, 6]], plus(times(c(8), b, minus(power(b, 2), a)), times(c(-4), power(d, 2))), 2);
  }
  return draft.model(parts);
}
