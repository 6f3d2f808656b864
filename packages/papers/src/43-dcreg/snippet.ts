/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { registerPointToPlane, weakMotions } from 'southwell/geometry';

// A corridor along x, three metres wide: nothing says where along it one is
const random = new Random(1);
const corridor = Float64Array.from({ length: 6000 }, (_, k) => {
  const [wall, axis] = [Math.floor(k / 3) % 3, k % 3];
  if (axis === 0) return 20 * random.uniform() - 10;
  if (axis === 1) return wall < 2 ? 3 * wall - 1.5 : 3 * random.uniform() - 1.5;
  return wall < 2 ? 3 * random.uniform() - 1 : -1;
});
const seen = corridor.map((v, k) => v + [0, 0.2, -0.1][k % 3]);
const { pose, degeneracy, iterations } = registerPointToPlane(seen, corridor);
console.log(Array.from(pose.translation, (v) => v.toFixed(2)), iterations);
console.log(weakMotions(degeneracy).map(({ name, ratio }) => name + ': ' + ratio.toFixed(0)));`;
