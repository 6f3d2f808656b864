import { factorise } from 'southwell/linear-systems';
import { gridSystem, rightHandSide } from '/work/main/bench/dist/linear-systems/grids.js';

for (const s of ['100x100', '200x200', '32x32x32', '24x24x24', '64x64', '300x300', '64x64x64']) {
  const A = gridSystem({ sides: s.split('x').map(Number) });
  const b = rightHandSide(A.rows);
  for (const [m, p] of [
    ['auto', 'auto'],
    ['cg', 'jacobi'],
    ['cg', 'ssor'],
    ['cg', 'incomplete-cholesky'],
    ['cg', 'multigrid'],
  ]) {
    let best = 1e9,
      F,
      x;
    for (let i = 0; i < 8; i++) {
      const t = process.cpuUsage();
      F = factorise(A, { method: m, preconditioner: p });
      x = F.solve(b, { tol: 1e-8 });
      const { user, system } = process.cpuUsage(t);
      best = Math.min(best, (user + system) / 1e3);
      F.free();
    }
    console.log(s, m, p, F.name, x.iterations, best.toFixed(1), F.tried.join(' | '));
  }
}
