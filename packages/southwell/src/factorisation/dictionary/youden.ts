/**
 * The threshold t that maximises Youden's J, the true positive rate minus the false positive rate of `score ≥ t`
 * (Youden 1950): half-way between two adjacent scores, so that tied scores are not separated. Undefined if there is
 * only one class. O(n log n).
 *
 * @param labels 1 for positives, 0 for the others.
 */
export function youdenThreshold(labels: ArrayLike<number>, scores: ArrayLike<number>): number | undefined {
  const order = Array.from({ length: labels.length }, (_, k) => k).sort((a, b) => scores[b] - scores[a]);
  const positives = order.reduce((count, k) => count + (labels[k] === 1 ? 1 : 0), 0);
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  let [hits, alarms] = [0, 0];
  let best = 0;
  let threshold = Number.POSITIVE_INFINITY;
  for (let at = 0; at < order.length; at++) {
    if (labels[order[at]] === 1) hits++;
    else alarms++;
    const score = scores[order[at]];
    const next = at + 1 < order.length ? scores[order[at + 1]] : undefined;
    if (next === score) continue;
    const j = hits / positives - alarms / negatives;
    if (j > best) {
      best = j;
      threshold = next === undefined ? score : (score + next) / 2;
    }
  }
  // Uninformative scores: no threshold is better than another.
  return best > 0 ? threshold : 0.5;
}
