import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { amplCall } from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { cleanEnv, workshop } from './testing.ts';

const { at, file } = workshop();
const command = fileURLToPath(new URL('../bin/southwell-ampl.mjs', import.meta.url));

const argvOf = (words: readonly string[], env = {}) => {
  const call = amplCall(words, env, '1.2.3');
  return 'argv' in call ? call.argv : call;
};

describe('the command line', () => {
  test('of AMPL and JuMP: a stub and -AMPL', () => {
    const argv = ['solve', 'model.nl', '--why', '--save', 'model.sol'];
    expect(argvOf(['model', '-AMPL'])).toEqual(argv);
    expect(argvOf(['model.nl', '-s'])).toEqual(argv);
    expect(argvOf(['model.nl', 'wantsol=1'])).toEqual(argv);
    expect(argvOf(['model.nl'])).toEqual(argv.slice(0, 3));
    expect(argvOf(['model', '-AMPL', 'wantsol=9'])).toEqual([...argv, '--quiet']);
  });

  test('options: those of the environment first, with spaces or without', () => {
    const env = {
      southwell_options: 'max_iter 20  tol = 1e-6 mu_strategy=adaptive',
      'southwell-ampl_options': `tol=1e-9 output_file="my log.txt" method=sqp why=0`,
    };
    expect(argvOf(['m.nl', '-AMPL', 'max_iter=30', 'option_file_name=a b.opt', 'relax=yes'], env)).toEqual([
      ...['solve', 'm.nl', 'max_iter=20', 'tol=1e-6', 'mu_strategy=adaptive', 'tol=1e-9', 'output_file=my log.txt'],
      ...['max_iter=30', 'option_file_name=a b.opt', '--method', 'sqp', '--relax', '--save', 'm.sol'],
    ]);
  });

  test('what is not a call prints text', () => {
    expect(argvOf(['-v'])).toEqual({ text: 'southwell-ampl 1.2.3\n', code: 0 });
    expect(argvOf([])).toMatchObject({ text: expect.stringMatching(/^Usage/), code: 2 });
    expect(argvOf(['-?'])).toMatchObject({ text: expect.stringMatching(/^Usage/), code: 0 });
    expect(argvOf(['m', '-x'])).toMatchObject({ text: expect.stringMatching(/there is no option '-x'/), code: 2 });
    expect(argvOf(['-AMPL', 'm'])).toMatchObject({ text: expect.stringMatching(/model comes first/), code: 2 });
    expect(argvOf(['m', 'relax=perhaps'])).toMatchObject({ text: expect.stringMatching(/relax is 1 or 0/), code: 2 });
  });
});

/** As Pyomo 6 writes a plant whose demand exceeds its capacity, with names. */
const PLANT = `g3 1 1 0	# problem unknown
 2 2 1 0 0 	# vars, constraints, objectives, ranges, eqns
 1 0 0 0 0 0	# nonlinear constrs, objs; ccons: lin, nonlin, nd, nzlb
 0 0	# network constraints: nonlinear, linear
 2 0 0 	# nonlinear vars in constraints, objectives, both
 0 0 0 1	# linear network variables; functions; arith, flags
 0 0 0 0 0 	# discrete variables: binary, integer, nonlinear (b,c,o)
 4 1 	# nonzeros in Jacobian, obj. gradient
 8 4	# max name lengths: constraints, variables
 0 0 0 0 0	# common exprs: b,c,o,c1,o1
C0	#capacity
o0	#+
o5	#^
v0	#flow
n2
o5	#^
v1	#heat
n2
C1	#demand
n0
O0 0	#o
n0
x2	# initial guess
0 1	#flow
1 1	#heat
r	#2 ranges (rhs's)
1 1	#capacity
2 3	#demand
b	#2 bounds (on variables)
3	#flow
2 0	#heat
k1	#intermediate Jacobian column lengths
2
J0 2	#capacity
0 0
1 0
J1 2	#demand
0 1
1 1
G0 1	#o
0 1
`;

function run(words: readonly string[], env = {}) {
  const r = spawnSync(process.execPath, [command, ...words], { encoding: 'utf8', env: { ...cleanEnv(), ...env } });
  return { code: r.status, out: r.stdout, err: r.stderr };
}

/** A .sol file by the description of the format (Gay, Writing .nl Files): message, options, counts, values, suffixes. */
function solution(path: string) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const message = lines.slice(0, lines.indexOf('Options')).join('\n').trim();
  let k = lines.indexOf('Options') + 1;
  k += Number(lines[k]) + 1;
  const [, duals, , values] = lines.slice(k, k + 4).map(Number);
  k += 4;
  const y = lines.slice(k, k + duals).map(Number);
  const x = lines.slice(k + duals, k + duals + values).map(Number);
  k += duals + values;
  const code = Number(/^objno 0 (\d+)$/.exec(lines[k++])?.[1]);
  const suffixes: Record<string, number[]> = {};
  while (lines[k]?.startsWith('suffix')) {
    const count = Number(lines[k].split(' ')[2]);
    const of: number[] = new Array(values).fill(0);
    for (const line of lines.slice(k + 2, k + 2 + count)) of[Number(line.split(' ')[0])] = Number(line.split(' ')[1]);
    suffixes[lines[k + 1]] = of;
    k += count + 2;
  }
  return { message, x, y, code, suffixes };
}

describe('runs', () => {
  test('as Pyomo calls it, an infeasible plant is told with the names of its rows', () => {
    const nl = file('plant.pyomo.nl', PLANT);
    file('plant.pyomo.row', 'capacity\ndemand\no\n');
    file('plant.pyomo.col', 'flow\nheat\n');
    const words = [nl, '-AMPL', 'max_iter=500', 'linear_solver=ma57'];
    const { code, out, err } = run(words, { 'southwell-ampl_options': 'max_iter=500 linear_solver=ma57' });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/no meaning here and were left out:\s+linear_solver\./);
    const { message, code: ending, x } = solution(at('plant.pyomo.sol'));
    expect(ending).toBe(200);
    expect(message).toMatch(/^southwell: Found no feasible point\.\nViolated, the worst first: demand by 1\.\d+\./);
    // The point of least violation is on the diagonal.
    expect(x[0]).toBeCloseTo(x[1], 5);
  });

  test('without names, with too few iterations, and with options that are none', () => {
    const nl = file('bare.nl', PLANT.replace('2 3	#demand', '2 1	#demand'));
    expect(run([nl, '-AMPL']).code).toBe(0);
    const best = solution(at('bare.sol'));
    // At (0, 1), where the rows have the same gradient along heat.
    expect([best.code, ...best.x]).toEqual([0, expect.closeTo(0, 3), expect.closeTo(1, 3)]);
    run([nl, '-AMPL', 'max_iter=1']);
    expect(solution(at('bare.sol')).code).toBe(400);
    const wrong = run([nl, '-AMPL', 'max_itre=1']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringMatching(/'max_itre' is no option.*mean\s+max_iter/s) });
    expect(run([at('none'), '-AMPL'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/none\.nl cannot be read/),
    });
    expect(run([nl, '-AMPL', 'tol=small']).err).toMatch(/tol cannot be 'small'/);
  });

  const peer = spawnSync('ipopt', ['-v']).status === 0;
  test.skipIf(!peer)('points, multipliers, suffixes and codes are those of Ipopt (needs coinor-ipopt)', () => {
    // Maximise instead, so that signs differ from those of the minimisation.
    const text = PLANT.replace('O0 0', 'O0 1')
      .replace('2 3	#demand', '2 1.2	#demand')
      .replace('2 0	#heat', '0 0.3 5	#heat');
    const nl = file('both.nl', text);
    expect(run([nl, '-AMPL', 'tol=1e-10']).code).toBe(0);
    const own = solution(at('both.sol'));
    expect(spawnSync('ipopt', [nl, '-AMPL', 'tol=1e-10']).status).toBe(0);
    const theirs = solution(at('both.sol'));
    expect(theirs.code).toBe(own.code);
    const close = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 5));
    expect(own.x).toEqual(close(theirs.x));
    expect(own.y).toEqual(close(theirs.y));
    for (const name of ['ipopt_zL_out', 'ipopt_zU_out'])
      expect(own.suffixes[name]).toEqual(close(theirs.suffixes[name]));
    expect(own.suffixes.ipopt_zL_out.some((v) => Math.abs(v) > 0.1)).toBe(true);
  });
});
