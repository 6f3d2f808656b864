/** Spearman's rank correlation, with mean ranks for ties. NaN if either list is constant. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const moment = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, v, i) => sum + (v - mean) * (y[i] - mean), 0);
  return moment(p, q) / Math.sqrt(moment(p, p) * moment(q, q));
}

const ranks = (values: readonly number[]): number[] =>
  values.map((v) => values.filter((w) => w < v).length + (values.filter((w) => w === v).length - 1) / 2);
