// Our side of the benchmark, in a process of its own: node ours.js MODEL FOLDER prints JSON, CPU seconds to the first answer and of a query, and megabytes;
// node ours.js MODEL FOLDER export writes the model for the peer, and the query and its answer.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ad from '@southwell/autodiff';
import { accelerator } from '@southwell/kernels';
import { cpuSeconds } from '../constrained/peers.ts';
import { models } from './models.ts';

/** CPU seconds from the file to the first answer, and of a query once it is warm; megabytes at the peak, and before. */
export interface Figures {
  readonly load: number;
  readonly query: number;
  readonly before: number;
  readonly peak: number;
  readonly products?: string;
}

const [name, folder, what] = process.argv.slice(2);
const { open, query } = models[name];
const megabytes = (): number => process.resourceUsage().maxRSS / 1e3;

if (what === 'export') {
  const { apply, onnx } = open();
  const x = query();
  writeFileSync(join(folder, `${name}.onnx`), onnx());
  const input = { shape: x.shape, type: x.dtype === 'i32' ? 'int64' : 'float32', values: [...x.data()] };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ input, output: [...apply(x).data()] }));
} else {
  const x = query();
  const products = accelerator()?.name;
  // Loads the kernels, as the import of onnxruntime loads its own.
  ad.compile((t: ad.Tensor) => ad.add(t, 1))(ad.tensor([1]));
  const before = megabytes();
  const start = process.cpuUsage();
  const { apply } = open();
  const program = ad.compile(apply).prepare(x);
  program.run();
  const { user, system } = process.cpuUsage(start);
  const load = (user + system) / 1e6;
  const figures: Figures = { load, query: cpuSeconds(() => program.run()), before, peak: megabytes() };
  console.log(JSON.stringify({ ...figures, products }));
}
