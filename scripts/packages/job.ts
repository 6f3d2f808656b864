/** The same computation in Node, on a page and in a worker: results are compared bit for bit. */
import { detectEngine, ThreadPool } from '@southwell/kernels';
import { DenseMatrix, lasso, logisticRegression, Random } from 'southwell';

export async function job() {
  const [n, p] = [300, 500];
  // By arithmetic only: the last bit of a sine or logarithm differs between browsers.
  const random = new Random(11);
  const draw = () => random.uniform() + random.uniform() - 1;
  const X = DenseMatrix.create(n, p);
  for (let k = 0; k < n * p; k++) X.data[k] = draw();
  const y = Float64Array.from({ length: n }, (_, i) => 2 * X.get(i, 0) - X.get(i, 7) + draw());
  const model = lasso({ alpha: 0.02 }).fit(X, y);
  const labels = Array.from(y, (v) => (v > 0 ? 'yes' : 'no'));
  const logistic = logisticRegression({ alpha: 0.02 }).fit(X, labels);

  // Workers are counted as they are created, to check that threads were really used.
  const scope = globalThis as unknown as { Worker?: typeof Worker };
  const Original = scope.Worker;
  let workers = 0;
  if (Original) {
    scope.Worker = class extends Original {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers++;
      }
    };
  }
  const folds = (threads: number) => lasso().crossValidate(X, y, { folds: 4, nAlphas: 12, eps: 0.05, threads });
  const one = await folds(1);
  const made = workers;
  const two = await folds(2);
  const foldWorkers = workers - made;

  const pool = await ThreadPool.create({ arena: X.arena, threads: 2 });
  const v = X.arena.f64Block(n);
  const products = [X.arena.f64Block(p), X.arena.f64Block(p)];
  v.view.set(y);
  X.arena.kernels.gemvT(n, p, X.pointer, n, v.pointer, products[0].pointer);
  pool.gemvT(n, p, X.pointer, n, v.pointer, products[1].pointer);
  const result = {
    engine: detectEngine(),
    isolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated,
    coef: Array.from(model.coef),
    intercept: model.intercept,
    gap: model.report.certificate!.relative,
    logistic: Array.from(logistic.coef),
    one: Array.from(one.mean),
    two: Array.from(two.mean),
    foldWorkers,
    poolThreads: pool.threads,
    serial: Array.from(products[0].view),
    pooled: Array.from(products[1].view),
  };
  await pool.close();
  if (Original) scope.Worker = Original;
  return result;
}

export type JobResult = Awaited<ReturnType<typeof job>>;
