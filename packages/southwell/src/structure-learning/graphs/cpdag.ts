import { DenseMatrix } from '@southwell/numerics/arrays';

/**
 * The CPDAG of a DAG, its Markov equivalence class as a partially directed graph: entry [i, j] is 1 where i → j in all
 * members of the class, and both [i, j] and [j, i] are 1 where the direction differs. Colliders are directed first,
 * then Meek's rules 1 to 3 (UAI 1995) are applied until nothing changes. O(d⁴) in the worst case.
 */
export function cpdag(dag: DenseMatrix): DenseMatrix {
  const d = dag.rows;
  const P = DenseMatrix.create(d, d);
  const linked = (i: number, j: number) => P.get(i, j) !== 0 || P.get(j, i) !== 0;
  const directed = (i: number, j: number) => P.get(i, j) !== 0 && P.get(j, i) === 0;
  const undirected = (i: number, j: number) => P.get(i, j) !== 0 && P.get(j, i) !== 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) if (i !== j && (dag.get(i, j) !== 0 || dag.get(j, i) !== 0)) P.set(i, j, 1);
  }
  const direct = (i: number, j: number) => P.set(j, i, 0);
  // i → k ← j with i and j not adjacent.
  for (let k = 0; k < d; k++) {
    for (let i = 0; i < d; i++) {
      if (dag.get(i, k) === 0) continue;
      for (let j = 0; j < i; j++) {
        if (dag.get(j, k) === 0 || linked(i, j)) continue;
        direct(i, k);
        direct(j, k);
      }
    }
  }
  const nodes = Array.from({ length: d }, (_, k) => k);
  const forced = (i: number, j: number): boolean => {
    const into = nodes.filter((k) => k !== i && directed(k, j));
    return (
      nodes.some((k) => directed(k, i) && k !== j && !linked(k, j)) ||
      into.some((k) => directed(i, k)) ||
      into.some((k) => undirected(i, k) && into.some((l) => l !== k && undirected(i, l) && !linked(k, l)))
    );
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        if (i === j || !undirected(i, j) || !forced(i, j)) continue;
        direct(i, j);
        changed = true;
      }
    }
  }
  return P;
}
