import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();

/** Diet: meat and bread, at least so much protein and energy; the prices are known by hand. */
const diet = (more = '') =>
  file(
    'diet.lp',
    `Minimize\n cost: 3 meat + 2 bread\nSubject To\n protein: 2 meat + bread >= 4\n energy: meat + 3 bread >= 6\n${more}End\n`,
  );
const solved = async (...words: string[]) => {
  const { code, out, err } = await here(['solve', ...words, '--json']);
  return { code, err, ...(out === '' ? {} : JSON.parse(out)) };
};
const amount = (found: { variables: Array<{ name: string; value: number }> }, name: string) =>
  found.variables.find((v) => v.name === name)!.value;

test('a linear program by hand: 2 meat + bread = 4 and meat + 3 bread = 6', async () => {
  diet();
  // Both rows bind at (1.2, 1.6), with prices 1.4 and 0.2.
  for (const method of ['auto', 'interior-point']) {
    const found = await solved('diet.lp', '--method', method);
    expect([found.code, found.status, found.model.kind]).toEqual([0, 'converged', 'linear']);
    expect(found.objective).toBeCloseTo(6.8, 6);
    expect(amount(found, 'meat')).toBeCloseTo(1.2, 6);
    expect(found.rows.map(({ multiplier }: { multiplier: number }) => multiplier)).toEqual([
      expect.closeTo(1.4, 6),
      expect.closeTo(0.2, 6),
    ]);
    expect(found.residuals.relative).toBeLessThan(1e-7);
  }
});

test('what binds is told by name, and the files have all of it', async () => {
  diet();
  const { code, out, err } = await here([
    ...['solve', 'diet.lp', '--out', at('x.csv'), '--rows', at('rows.csv')],
    ...['--save', at('diet.sol'), '--report', at('diet.html')],
  ]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/diet\.lp: linear program, minimize, 2 variables, 2 rows/);
  expect(out).toMatch(/Objective 6\.8/);
  expect(out).toMatch(/protein +row +lower +4 +1\.400/);
  expect(readFileSync(at('x.csv'), 'utf8')).toMatch(/^name,value,lower,upper,multiplier,at\nmeat,1\.2/);
  expect(readFileSync(at('rows.csv'), 'utf8')).toMatch(/\nenergy,6/);
  expect(readFileSync(at('diet.sol'), 'utf8')).toMatch(/Converged[\s\S]*objno 0 0/);
  expect(readFileSync(at('diet.html'), 'utf8')).toContain('protein');
});

describe('changes of the model', () => {
  test('a fixed variable, by name', async () => {
    diet();
    const found = await solved('diet.lp', '--fix', 'meat=3');
    expect(found.objective).toBeCloseTo(11, 6);
    expect((await solved('diet.lp', '--fix', 'meet=3')).err).toMatch(/no variable 'meet'; did you mean 'meat'\?/);
    expect((await solved('diet.lp', '--fix', 'meat')).err).toMatch(/'meat' fixes nothing: write name=value/);
  });

  test('the derivative by a right-hand side', async () => {
    diet();
    const found = await solved('diet.lp', '--sensitivity', 'protein');
    expect(found.sensitivity.objective).toBeCloseTo(1.4, 6);
    expect(found.sensitivity.variables.meat).toBeCloseTo(0.6, 6);
    expect((await solved('diet.lp', '--sensitivity', 'protien')).err).toMatch(/did you mean 'protein'/);
  });

  test.each(['highs', 'interior-point'])(
    'an optimum that rounding keeps from the tolerance is not called one by %s',
    async (method) => {
      const rows = [' c1: 0.1 x + 0.7 y <= 0.9', ' c2: 0.3 x + 0.1 y <= 0.7', ' c3: 0.7 x + 0.3 y <= 0.77'];
      file('thirds.lp', ['Maximize', ' value: 3 x + 2 y', 'Subject To', ...rows, 'End', ''].join('\n'));
      const found = await solved('thirds.lp', '--method', method, '--tol', '1e-17');
      expect([found.code, found.status]).toEqual([3, 'stalled']);
      expect(found.residuals.relative).toBeGreaterThan(1e-17);
      expect((await solved('thirds.lp', '--method', method)).status).toBe('converged');
    },
  );

  test('integers are relaxed on request', async () => {
    diet('General\n meat\n');
    const found = await solved('diet.lp', '--relax');
    expect(found.objective).toBeCloseTo(6.8, 6);
    expect(found.data.notes.join()).toMatch(/1 integer variables? may have fractional values/);
    expect((await solved('diet.lp', '--method', 'interior-point')).err).toMatch(
      /has integer variables: --method highs/,
    );
  });
});

test('a model without a feasible point: the rows that cannot hold, and code 3', async () => {
  diet(' budget: 3 meat + 2 bread <= 5\n');
  for (const method of ['auto', 'interior-point']) {
    const found = await solved('diet.lp', '--method', method, '--why');
    expect([found.code, found.status]).toEqual([3, 'infeasible']);
    expect(found.conflict.names).toContain('budget');
  }
});

test('a model without an end: the direction by name', async () => {
  file('free.lp', 'Maximize\n profit: 2 a + b\nSubject To\n link: a - b <= 1\nEnd\n');
  const found = await solved('free.lp', '--method', 'interior-point');
  expect([found.code, found.status]).toEqual([3, 'unbounded']);
  expect(found.ray.a).toBeGreaterThan(0);
  expect(found.ray.b).toBeGreaterThanOrEqual(found.ray.a * (1 - 1e-9));
});

describe('options by the names of Ipopt', () => {
  test('are used, or named as without meaning here', async () => {
    const found = await solved('bundled:chain.nl', 'max_iter=2', 'linear_solver=ma57');
    expect([found.code, found.status, found.iterations]).toEqual([3, 'iteration-limit', 2]);
    expect(found.data.notes.join()).toMatch(/no meaning here and were left out: linear_solver/);
  });

  test('are told from misspelt ones', async () => {
    expect((await solved('bundled:chain.nl', 'max_itr=2')).err).toMatch(
      /'max_itr' is no option of Ipopt; did you mean max_iter/,
    );
    expect((await solved('bundled:chain.nl', 'tol=small')).err).toMatch(/tol cannot be 'small'/);
    expect((await solved('bundled:chain.nl', 'tol')).err).toMatch(/'tol' needs a value: tol=…/);
  });
});

test('a solution is a start, with its multipliers', async () => {
  const first = await solved('bundled:chain.nl', '--save', at('chain.sol'));
  expect(first.status).toBe('converged');
  const again = await solved('bundled:chain.nl', '--start', at('chain.sol'));
  expect(again.status).toBe('converged');
  expect(again.iterations).toBeLessThanOrEqual(first.iterations / 2);
  expect(again.objective).toBeCloseTo(first.objective, 8);
  diet();
  expect((await solved('diet.lp', '--start', at('chain.sol'))).err).toMatch(/it is of another model/);
});

describe('a module', () => {
  const tin = (f: string) =>
    file(
      'tin.mjs',
      `export default { names: ['radius', 'height'], objective: ${f}, constraints: 1,
        constraintValues: ([r, h]) => [Math.PI * r * r * h], rowNames: ['volume'], rowLower: [1], rowUpper: [Infinity],
        lower: [0.1, 0.1], start: [1, 1] };`,
    );

  test('with functions alone', async () => {
    tin('([r, h]) => 2 * Math.PI * r * (r + h)');
    const found = await solved('tin.mjs');
    expect([found.code, found.status]).toEqual([0, 'converged']);
    // The height is the diameter.
    expect(amount(found, 'height') / amount(found, 'radius')).toBeCloseTo(2, 5);
  });

  test('errors are sentences', async () => {
    tin('() => { throw new Error("no tin today"); }');
    expect(await solved('tin.mjs')).toMatchObject({ code: 2, err: expect.stringMatching(/tin\.mjs.*no tin today/s) });
    file('empty.mjs', 'export const x = 1;');
    expect((await solved('empty.mjs')).err).toMatch(/empty\.mjs cannot be used: its default export is no object/);
    expect((await solved('none.mjs')).err).toMatch(/none\.mjs cannot be read: there is no such file/);
  });

  test('derivatives that are wrong are named, by either option', async () => {
    const module = (radius: string) =>
      file(
        'sum.mjs',
        `export default { names: ['radius', 'height'], sense: 'maximize', objective: ([r, h]) => -(r * r) - r * h,
          gradient: ([r, h]) => [${radius}, -r], lower: [1, 1], start: [3, 2] };`,
      );
    module('-2 * r - h');
    expect((await solved('sum.mjs', 'derivative_test=first-order')).derivatives).toEqual([]);
    expect((await solved('sum.mjs')).derivatives).toBeUndefined();
    module('2 * r - h');
    const { derivatives, data } = await solved('sum.mjs', '--check-derivatives');
    expect(derivatives).toMatchObject([{ of: 'objective', by: ['radius'] }]);
    const [{ given, byDifferences }] = derivatives;
    // 2r and −2r at the same point.
    expect(byDifferences - given).toBeCloseTo(-4 * 3, 0);
    expect(data.notes.join()).toMatch(/1 derivative differs from differences near/);
  });

  test('a gradient that rounding does not let vanish is told', async () => {
    const module = (scale: string) =>
      file(
        'steep.mjs',
        `export default { names: ['x'], start: [1], objective: ([x]) => ${scale} * (x * x - 2) ** 2,
          gradient: ([x]) => [4 * ${scale} * x * (x * x - 2)],
          hessian: ([x], sigma) => [[4 * ${scale} * sigma * (3 * x * x - 2)]] };`,
      );
    // No double has the square 2.
    module('1e14');
    const steep = await solved('steep.mjs', '--save', at('steep.sol'));
    expect([steep.code, steep.status]).toEqual([3, 'stalled']);
    expect(steep.residuals.relative).toBeGreaterThan(1e-8);
    expect(steep.next).toMatch(/^Rounding errors of the variables keep the gradient/);
    // Ipopt's number of an acceptable point.
    expect(readFileSync(at('steep.sol'), 'utf8')).toMatch(/as double precision allows[\s\S]*objno 0 1\n/);
    module('1');
    expect((await solved('steep.mjs')).status).toBe('converged');
  });

  test('an evaluation without an end stops at the time limit, with the best point', async () => {
    tin('([r]) => { if (r !== 1) for (;;); return r; }');
    const found = await solved('tin.mjs', '--time-limit', '0.5', '--save', at('tin.sol'));
    expect([found.code, found.status]).toEqual([3, 'time-limit']);
    expect(amount(found, 'radius')).toBe(1);
    expect(readFileSync(at('tin.sol'), 'utf8')).toMatch(/objno 0 402/);
    const checked = await solved('tin.mjs', '--time-limit', '0.5', '--check-derivatives');
    expect([checked.status, checked.derivatives]).toEqual(['time-limit', undefined]);
  });
});

describe('methods for nonlinear programs', () => {
  const bowl = () =>
    file(
      'bowl.mjs',
      'export default { objective: ([x, y]) => (x - 1) ** 2 + 2 * (y - 3) ** 2, upper: [Infinity, 2], start: [0, 0] };',
    );

  test('sequential quadratic programming finds what interior points find', async () => {
    const reference = await solved('bundled:chain.nl');
    const found = await solved('bundled:chain.nl', '--method', 'sqp');
    expect([found.code, found.status, found.solver.because]).toEqual([0, 'converged', 'it was asked for']);
    expect(found.objective).toBeCloseTo(reference.objective, 7);
  });

  test('augmented Lagrangians', async () => {
    file(
      'sphere.mjs',
      `export default { objective: ([x, y]) => x + 2 * y, constraints: 1, constraintValues: ([x, y]) => [x * x + y * y],
        rowUpper: [5], rowLower: [-Infinity], start: [1, 1] };`,
    );
    const found = await solved('sphere.mjs', '--method', 'augmented-lagrangian', '--tol', '1e-6');
    // At (−1, −2), where the multiplier is −½.
    expect([found.code, found.status]).toEqual([0, 'converged']);
    expect(found.objective).toBeCloseTo(-5, 4);
    expect(found.rows[0].multiplier).toBeCloseTo(-0.5, 4);
  });

  test('L-BFGS-B for bounds alone, which is also what suits functions without second derivatives', async () => {
    bowl();
    for (const words of [[], ['--method', 'bounded-lbfgs']]) {
      const found = await solved('bowl.mjs', ...words);
      expect([found.status, found.solver.method]).toEqual(['converged', 'L-BFGS-B']);
      expect(found.objective).toBeCloseTo(2, 6);
      expect(found.variables[1]).toMatchObject({ value: 2, at: 'upper' });
    }
  });

  test('operator splitting for quadratic programs', async () => {
    file('bowl.lp', 'Minimize\n f: x + [ x^2 + 2 y^2 ] / 2\nSubject To\n c: x + y >= 3\nEnd\n');
    const found = await solved('bowl.lp', '--method', 'splitting');
    // At x + y = 3 the derivatives x + 1 and 2y are equal.
    expect([found.status, amount(found, 'x')]).toEqual(['converged', expect.closeTo(5 / 3, 6)]);
  });

  test('what does not fit is a sentence', async () => {
    const chain = (...words: string[]) => solved('bundled:chain.nl', ...words);
    expect((await chain('--method', 'bounded-lbfgs')).err).toMatch(/bounded-lbfgs solves programs with bounds alone/);
    expect((await chain('--method', 'splitting')).err).toMatch(/splitting solves linear and quadratic programs/);
    expect((await chain('mu_init=0.1', '--method', 'sqp')).err).toMatch(/are options of --method interior-point/);
  });
});

describe('options of one kind are refused by the other', () => {
  test('of a matrix for a model', async () => {
    diet();
    const { code, err } = await here(['solve', 'diet.lp', '--preconditioner', 'ssor']);
    expect([code, err]).toEqual([2, expect.stringMatching(/unknown option '--preconditioner'/)]);
  });

  test('of a model for a matrix', async () => {
    file('A.csv', 'a,b\n1,0\n0,1\n');
    const { code, err } = await here(['solve', 'A.csv', '--why']);
    expect([code, err]).toEqual([2, expect.stringMatching(/unknown option '--why'/)]);
  });

  test('help is that of what the file is', async () => {
    expect((await here(['solve', 'diet.lp', '--help'])).out).toMatch(
      /^Usage: southwell solve \[options\] <model> \[settings\.\.\.\]/,
    );
    expect((await here(['solve', '--help'])).out).toMatch(/Solve Ax = b/);
  });
});

test('damaged files are sentences', async () => {
  file('bad.nl', 'g3 1 1 0\n 2 1');
  expect((await solved('bad.nl')).err).toMatch(/^southwell: bad\.nl: .*[Ll]ine 2/);
  file('bad.lp', 'Minimize\n cost: 3 meat +\nSubject\n');
  expect((await solved('bad.lp')).err).toMatch(/^southwell: bad\.lp: /);
  file('bad.mps', 'NAME x\nROWS\n N c\n Q r\nENDATA\n');
  expect((await solved('bad.mps')).err).toMatch(/^southwell: bad\.mps: .*[Ll]ine 4/);
});

test('multipliers in a model file are used, unless told otherwise', async () => {
  // Minimise exp(x) + exp(y) with x + y = 1: x = y = 1/2 and the price √e.
  const nl = (multiplier: string) =>
    `g3 1 1 0\n 2 1 1 0 1\n 0 1\n 0 0\n 0 2 0\n 0 0 0 1\n 0 0 0 0 0\n 2 2\n 0 0\n 0 0 0 0 0\nC0\nn0\nO0 0\no0\no44\nv0\no44\nv1\n${multiplier}x2\n0 0.5\n1 0.5\nr\n4 1\nb\n3\n3\nk1\n1\nJ0 2\n0 1\n1 1\nG0 2\n0 0\n1 0\n`;
  file('warm.nl', nl(`d1\n0 ${Math.sqrt(Math.E)}\n`));
  const warm = await solved('warm.nl');
  expect([warm.code, warm.status]).toEqual([0, 'converged']);
  expect(warm.rows[0].multiplier).toBeCloseTo(Math.sqrt(Math.E), 7);
  expect(warm.iterations).toBe(0);
  expect(warm.data.notes.join()).toMatch(/started with the multipliers of the file/);
  const cold = await solved('warm.nl', 'warm_start_init_point=no');
  expect(cold.data.notes.join()).not.toMatch(/multipliers/);
  file('cold.nl', nl(''));
  expect((await solved('cold.nl')).rows[0].multiplier).toBeCloseTo(Math.sqrt(Math.E), 7);
});

test('a quadratic objective that is not convex: a local optimum, and no saddle taken for one', async () => {
  // The largest x² + y² on a triangle is at a corner; the middle of its side meets first-order conditions, too.
  file('corner.lp', 'Maximize\n size: [ x^2 + 2 y^2 ] / 2\nSubject To\n side: x + y <= 1\nEnd\n');
  const found = await solved('corner.lp');
  expect([found.code, found.status]).toEqual([0, 'converged']);
  expect([0.5, 1]).toContainEqual(expect.closeTo(found.objective, 6));
  expect(found.solver.because).toMatch(/not convex: the point is at best a local optimum/);
  const first = await solved('corner.lp', '--method', 'interior-point');
  expect(first.solver.because).toMatch(/need not be an optimum/);
});
