import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bicgstab, cg, gmres, lsmr, lsqr, minres } from './index.ts';
import { grid } from './testing.ts';

const python = '/usr/bin/python3';
const there = spawnSync(python, ['-c', 'import scipy.sparse.linalg'], { encoding: 'utf8' }).status === 0;

/** Counts of steps for the five-point stencil with drift on 20 × 17 points, b = 1 … n. */
const program = `
import numpy as np, scipy.sparse as sp, scipy.sparse.linalg as sl, json, inspect
def grid(nx, ny, drift=0.0, shift=0.0):
    T = lambda n: sp.diags([-np.ones(n-1), 2*np.ones(n), -np.ones(n-1)], [-1, 0, 1])
    C = sp.diags([-np.ones(nx-1), np.ones(nx-1)], [-1, 1])
    return (sp.kron(sp.identity(ny), T(nx) + drift*C) + sp.kron(T(ny), sp.identity(nx)) + shift*sp.identity(nx*ny)).tocsr()
b = np.arange(1.0, 341.0)
out = {}
def counted(name, solve, A, **options):
    count = [0]
    def callback(*_): count[0] += 1
    key = 'rtol' if 'rtol' in inspect.signature(solve).parameters else 'tol'
    x = solve(A, b, callback=callback, **{key: 1e-8}, **options)[0]
    out[name] = count[0]
    out[name + ' residual'] = float(np.linalg.norm(b - A @ x) / np.linalg.norm(b))
counted('cg', sl.cg, grid(20, 17), atol=0.0)
counted('minres', sl.minres, grid(20, 17, shift=-1.0))
counted('gmres', sl.gmres, grid(20, 17, drift=0.3), atol=0.0, restart=15, callback_type='pr_norm')
counted('bicgstab', sl.bicgstab, grid(20, 17, drift=0.3), atol=0.0)
A = grid(20, 17, drift=0.3)
out['lsqr'] = int(sl.lsqr(A, b, atol=1e-8, btol=1e-8, conlim=0)[2])
out['lsmr'] = int(sl.lsmr(A, b, atol=1e-8, btol=1e-8, conlim=0)[2])
print(json.dumps(out))
`;

test.skipIf(!there)('steps are as many as those of SciPy (needs /usr/bin/python3 with scipy)', () => {
  const { stdout, stderr } = spawnSync(python, ['-c', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const theirs = JSON.parse(stdout) as Record<string, number>;
  const b = Float64Array.from({ length: 340 }, (_, i) => i + 1);
  const plain = grid(20, 17);
  const drift = grid(20, 17, { drift: 0.3 });
  const ours: Record<string, number> = {
    cg: cg(plain, b).iterations,
    // SciPy ends by ‖r‖ relative to ‖A‖‖x‖, not to ‖b‖.
    minres: minres(grid(20, 17, { shift: -1 }), b, { tol: 1.001 * theirs['minres residual'] }).iterations,
    gmres: gmres(drift, b, { restart: 15 }).iterations,
    bicgstab: bicgstab(drift, b).iterations,
    lsqr: lsqr(drift, b).iterations,
    lsmr: lsmr(drift, b).iterations,
  };
  // Rounding moves the erratic ones a little.
  const slack: Record<string, number> = { cg: 1, minres: 1, gmres: 2, bicgstab: 6, lsqr: 1, lsmr: 1 };
  for (const [name, count] of Object.entries(ours)) {
    expect(Math.abs(count - theirs[name]), `${name}: ${count} steps, SciPy ${theirs[name]}`).toBeLessThanOrEqual(
      slack[name],
    );
  }
});
