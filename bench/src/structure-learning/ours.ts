// southwell's side, in a process of its own: arguments folder, method; prints one line of JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '@southwell/data/node';
import type { DenseMatrix } from 'southwell';
import { colide, dagma, type GraphEstimate, golem, notears, topo } from 'southwell/structure-learning';
import { load } from '../linear-models/datasets.ts';

const [folder, method] = process.argv.slice(2);
const fits: Record<string, (X: DenseMatrix) => GraphEstimate> = {
  colide: (X) => colide(X, { variance: 'equal' }),
  dagma: (X) => dagma(X),
  notears: (X) => notears(X),
  golem: (X) => golem(X, { iterations: 3000, stageTol: 0 }),
  // With the parameters of the paper's card for this size.
  topo: (X) => topo(X, { centre: false, small: 150, large: 2500, largeSearches: 15 }),
};
const { X } = await load(folder);
const before = process.cpuUsage();
const { W } = fits[method](X as DenseMatrix);
const { user, system } = process.cpuUsage(before);
const out = join(folder, `${method}-ours.npy`);
writeFileSync(out, writeNpy(W));
console.log(JSON.stringify({ cpu: (user + system) / 1e6, W: out }));
