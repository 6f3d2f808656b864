import { describe, expect, test } from 'vitest';
import { type NonlinearMethod, nonlinearProgram, optimalityResiduals } from '../index.ts';
import { Perturbations } from './perturbation.ts';
import { programText } from './testing.ts';

const INF = Number.POSITIVE_INFINITY;

describe('perturbations', () => {
  test('while it is unknown what is singular: the rows, the Hessian, both', () => {
    const tried = new Perturbations(true);
    tried.begin(1e-8);
    expect([tried.delta, tried.gamma]).toEqual([0, 0]);
    for (const [delta, gamma] of [
      [0, 1e-8],
      [1e-4, 0],
      [1e-2, 1e-8],
      [1, 1e-8],
    ]) {
      expect(tried.singular()).toBe(true);
      expect([tried.delta, tried.gamma]).toEqual([delta, gamma]);
    }
  });

  test('a Hessian that was singular three times is perturbed from the start, by less and less', () => {
    const tried = new Perturbations(false);
    for (let system = 0; system < 3; system++) {
      tried.begin(1e-8);
      expect(tried.delta).toBe(0);
      tried.singular();
    }
    let before = tried.delta;
    for (let system = 0; system < 3; system++) {
      tried.begin(1e-8);
      expect(tried.delta).toBeCloseTo(before / 3, 12);
      before = tried.delta;
    }
  });

  test('a singular Hessian of the wrong inertia needs one system to be told, dependent rows need several', () => {
    const singular = (first: (tried: Perturbations) => void) => {
      const tried = new Perturbations(true);
      tried.begin(1e-8);
      first(tried);
      for (let k = 0; k < 3; k++) tried.wrong();
      tried.begin(1e-8);
      return [tried.delta > 0, tried.gamma > 0];
    };
    const alone = (tried: Perturbations) => {
      tried.singular();
      tried.singular();
    };
    expect(singular(alone)).toEqual([true, false]);
    expect(singular((tried) => void tried.singular())).toEqual([false, false]);
  });

  test('rows that were regular at first may be dependent later', () => {
    const tried = new Perturbations(true);
    tried.begin(1e-8);
    tried.begin(1e-8);
    tried.singular();
    expect([tried.delta, tried.gamma]).toEqual([0, 1e-8]);
  });

  test('end with none', () => {
    const tried = new Perturbations(true);
    tried.begin(1e-8);
    let times = 0;
    while (tried.wrong()) times++;
    expect(times).toBeLessThan(40);
  });
});

describe('residuals', () => {
  const program = programText('x1', [['x1', 1, INF]], { start: [3] });
  const at = (x: number, row: number) =>
    optimalityResiduals(program, {
      x: Float64Array.of(x),
      rows: Float64Array.of(row),
      bounds: Float64Array.of(1 - row),
    });

  test('a multiplier of a side that there is not is an error of its own size', () => {
    expect(at(1, -1e-12)).toMatchObject({ dual: expect.closeTo(1, 10), complementarity: 0 });
    const free = programText('x1^2', [['x1', -1, INF]], { start: [3] });
    const residuals = optimalityResiduals(free, {
      x: Float64Array.of(0),
      rows: Float64Array.of(-1e-12),
      bounds: Float64Array.of(0),
    });
    expect(residuals.complementarity).toBe(0);
    expect(residuals.relative).toBeLessThan(1e-11);
  });

  test('a multiplier times the distance from its side has the units of the objective', () => {
    expect(at(1 + 1e-12, 1).relative).toBeLessThan(1e-11);
    const near = (steepness: number) =>
      optimalityResiduals(programText(`${steepness}*(x1 - 1)`, [], { lower: [1], start: [3] }), {
        x: Float64Array.of(1 + 1e-9),
        rows: new Float64Array(0),
        bounds: Float64Array.of(steepness),
      });
    expect(near(1).relative).toBeCloseTo(1e-9, 14);
    expect(near(1e7).complementarity).toBeCloseTo(1e-2, 6);
    expect(near(1e7).relative).toBeCloseTo(1e-2, 6);
  });

  test('equations have no complementarity, and errors count beside the terms of their variable', () => {
    const program = programText('1e6*x1 + x2', [['x1 + x2', 2, 2]], { lower: [-INF, -INF], start: [1, 1] });
    const { complementarity, dual, relative } = optimalityResiduals(program, {
      x: Float64Array.of(1, 1 + 1e-9),
      rows: Float64Array.of(1e6),
      bounds: new Float64Array(2),
    });
    expect(complementarity).toBe(0);
    expect([dual, relative]).toEqual([1e6 - 1, expect.closeTo(1, 5)]);
    const apart = programText('1e6*x1 + x2', [], { start: [1, 1] });
    const none = { x: Float64Array.of(1, 1), rows: new Float64Array(0), bounds: Float64Array.of(1e6, 0.9) };
    expect(optimalityResiduals(apart, none).relative).toBeCloseTo(1, 5);
  });
});

describe('interior points', () => {
  test('a cusp, where no multipliers exist', () => {
    const program = programText('-x1', [['(1 - x1)^3 - x2', 0, INF]], { lower: [-INF, 0], start: [-2, 1] });
    const { status, point } = nonlinearProgram(program);
    expect(status).toBe('stalled');
    expect(point.x[0]).toBeCloseTo(1, 2);
  });

  test('gradients that rounding of the variables keeps from 0', () => {
    const program = programText('1e14*(3*x1 - 1)^2 + 1e12*(7*x1*x2 - 1)^2 + (x2 - x1)^2', [], { start: [1, 1] });
    const { status, point, iterations, next } = nonlinearProgram(program);
    expect(point.residuals.dual).toBeGreaterThan(1e-8);
    expect(status).toBe('stalled');
    expect(next).toMatch(/^Rounding errors of the variables/);
    expect(iterations).toBeLessThan(40);
  });

  test('multipliers of bounds are exact at the bounds', () => {
    const { status, point } = nonlinearProgram(programText('1e8*(x1 - 0.3)^2', [], { lower: [0.300001], start: [1] }));
    expect(status).toBe('converged');
    const { dual, primal, complementarity } = point.residuals;
    expect(Math.max(dual, primal, complementarity)).toBeLessThan(1e-8);
    expect(point.bounds[0]).toBeCloseTo(2e8 * (point.x[0] - 0.3), 8);
  });

  test('a start that is a solution takes no step, however the rows are scaled', () => {
    const rows: [string, number, number][] = [
      ['1e30*x2 - 1e30*x1', -1e-6, INF],
      ['x1 + x2', -INF, 2.1],
    ];
    const program = programText('(x1 - 1)^2 + (x2 - 1)^2', rows, { start: [1, 1] });
    const { status, iterations } = nonlinearProgram(program, { method: 'interior-point' });
    expect([status, iterations]).toEqual(['converged', 0]);
    const root = programText('x1', [['sqrt(x1)', 1, INF]], { lower: [0], start: [0] });
    expect(nonlinearProgram(root, { method: 'interior-point' }).point.x[0]).toBeCloseTo(1, 7);
  });

  test('relaxed bounds are met in the end, in the units of the program', () => {
    const program = programText(
      'x1 + x2',
      [
        ['1e6*x1', 3e6, INF],
        ['x1*x2', 1e3, INF],
      ],
      { lower: [0, 0], start: [1e3, 1] },
    );
    const { status, point } = nonlinearProgram(program, { method: 'interior-point' });
    expect(status).toBe('converged');
    expect(point.residuals.primal).toBeLessThan(1e-8);
    expect(point.residuals.complementarity).toBeLessThan(1e-8);
  });

  test('sides so near that nothing lies between them stay relaxed', () => {
    const program = programText(
      'x1^2 + x2',
      [
        ['x1 + x2', 1, 1 + 2 ** -52],
        ['x1 + x2', 1, INF],
      ],
      { start: [3, 3] },
    );
    const { status, point } = nonlinearProgram(program, { method: 'interior-point' });
    expect(status).toBe('converged');
    expect(point.x[0]).toBeCloseTo(0.5, 6);
  });

  test('a valley that scaling by the initial gradient hides', () => {
    const program = programText('0.1*(x2 - x1^2)^2 + 1e-5*(1 - x1)^2 + 1e12*x3^2', [], { start: [-1.2, 1, 1e4] });
    const { status, point } = nonlinearProgram(program);
    expect(status).toBe('converged');
    expect(Array.from(point.x)).toEqual([expect.closeTo(1, 3), expect.closeTo(1, 3), expect.closeTo(0, 6)]);
  });

  test('as many equations as variables: feasibility is restored, from a start where the violation has a minimum nearby', () => {
    const program = programText(
      'x1',
      [
        ['x1^2 + x2^2', 1, 1],
        ['x1^3 - x2', 0.1, 0.1],
      ],
      { lower: [-2.1, -1.7], upper: [2.2, 1.9], start: [1.5, -1.5] },
    );
    const { status, point } = nonlinearProgram(program);
    expect(status).toBe('converged');
    expect(point.residuals.primal).toBeLessThan(1e-8);
  });

  test('without an objective a feasible point needs no multipliers', () => {
    const program = programText(
      '0',
      [
        ['x1^2 + x2^2', -INF, 4],
        ['x1*x2', 1, INF],
        ['x1 - 2*x2', 0, 0],
      ],
      { lower: [0, 0], start: [3, 3] },
    );
    const { status, point } = nonlinearProgram(program, { method: 'interior-point' });
    expect(status).toBe('converged');
    expect([...point.rows, ...point.bounds].every((v) => v === 0)).toBe(true);
  });
});

describe('saddles and maxima', () => {
  const methods: NonlinearMethod[] = ['interior-point', 'sqp', 'augmented-lagrangian'];
  const withBounds: NonlinearMethod[] = [...methods, 'bounded-lbfgs'];

  test.each(withBounds)('the start is the worst point of a box by %s', (method) => {
    const program = programText('-(x1^2 + x2^2)', [], { lower: [-1, -1], upper: [1, 1], start: [0, 0] });
    const { status, objective } = nonlinearProgram(program, { method });
    expect([status, objective]).toEqual(['converged', expect.closeTo(-2, 6)]);
  });

  test.each(methods)('the start is the worst point of an ellipse by %s', (method) => {
    const program = programText('-(x1^2 + x2^2)', [['x1^2 + 2*x2^2', -INF, 4]], { start: [0, 0] });
    const { status, objective } = nonlinearProgram(program, { method });
    expect([status, objective]).toEqual(['converged', expect.closeTo(-4, 6)]);
  });

  test.each(methods)('the start is the farthest point of a circle by %s', (method) => {
    const program = programText('(x1 - 2)^2 + x2^2', [['x1^2 + x2^2', 1, 1]], { start: [-1, 0] });
    const { status, objective } = nonlinearProgram(program, { method });
    expect([status, objective]).toEqual(['converged', expect.closeTo(1, 6)]);
  });

  test.each(withBounds)('an objective that falls from its start without end by %s', (method) => {
    expect(nonlinearProgram(programText('-(x1^2)', [], { start: [0] }), { method }).status).toBe('unbounded');
  });

  test('iterations and work count on', () => {
    const seen: number[] = [];
    const program = programText('x1^2 - x2^2 + x2^4', [], { start: [1, 0] });
    const { objective, iterations, work } = nonlinearProgram(program, {
      method: 'sqp',
      onIterate: ({ iteration }) => void seen.push(iteration),
    });
    expect(objective).toBeCloseTo(-0.25, 8);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(iterations).toBe(seen.at(-1));
    expect(work.subproblems).toBeGreaterThan(3);
  });

  test('minima are left alone', () => {
    const { iterations, next } = nonlinearProgram(programText('x1^4 + x2^2', [], { start: [0, 0] }));
    expect([iterations, next]).toEqual([0, undefined]);
  });
});
