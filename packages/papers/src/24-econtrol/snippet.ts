/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { compressedSgd } from 'southwell/distributed-methods';

// Twenty clients, f_i = ½‖(i / 20) x − b_i‖², whose minima are far from each other.
const random = new Random(1);
const clients = Array.from({ length: 20 }, (_, i) => {
  const a = (i + 1) / 20;
  const b = Float64Array.from({ length: 100 }, () => (10 / a) * random.normal());
  return {
    gradient(x, into) {
      for (let j = 0; j < 100; j++) into[j] = a * (a * x[j] - b[j]);
    },
  };
});

// Ten of a hundred entries are sent. SGD sends all of them.
for (const method of ['sgd', 'econtrol', 'ef21', 'ec']) {
  const options = { method, compressor: 'top-k=10', stepSize: 0.1, tol: 1e-4, maxIter: 1000 };
  const { status, iterations, work } = compressedSgd(clients, new Float64Array(100), options);
  console.log(method, status, iterations, 'rounds', work.bytesSent, 'bytes');
}`;
