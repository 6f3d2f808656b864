// Optimiser steps on many parameters, beside PyTorch's on one thread.
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Arena } from '@southwell/kernels';
import { adagrad, adamW, muon, rangesOf, sgd, type TrainingOptimiser } from 'southwell/optimisers';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- optimisers [options]
  --parameters <n>  A square number, for Muon's matrix; default 1000000
  --json            results as JSON on standard output, progress on standard error

Milliseconds a step on all parameters, the least of what half a second allows, in kernel memory and outside of it, beside PyTorch on one
thread where python3 has it.`;

const rules: Record<string, TrainingOptimiser> = {
  sgd: sgd({ rate: 1e-3 }),
  momentum: sgd({ rate: 1e-3, momentum: 0.9 }),
  adamW: adamW({ rate: 1e-3 }),
  amsgrad: adamW({ rate: 1e-3, amsgrad: true }),
  adagrad: adagrad({ rate: 1e-3 }),
  muon: muon({ rate: 1e-3 }),
};

function ours(rule: TrainingOptimiser, n: number, single: boolean, inside: boolean): number {
  const arena = new Arena();
  // Reserves memory for the state, so that views remain valid.
  arena.free(arena.alloc(100 * n));
  const make = () => {
    if (inside) return single ? arena.f32Block(n).view : arena.f64Block(n).view;
    return single ? new Float32Array(n) : new Float64Array(n);
  };
  const [p, g] = [make(), make()];
  for (let i = 0; i < n; i++) [p[i], g[i]] = [Math.sin(i), Math.cos(i)];
  const side = Math.sqrt(n);
  const state = rule.init(p, rule.name === 'muon' ? rangesOf([[side, side]]) : []);
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + 500;
  for (let r = 0; r < 3 || performance.now() < end; r++) {
    const start = performance.now();
    rule.step(state, p, g);
    best = Math.min(best, performance.now() - start);
  }
  state.free();
  return best;
}

function theirs(n: number): Record<string, number> {
  const { status, stdout } = spawnSync(python.command, [join(benchRoot, 'peers/optimisers.py'), String(n)], {
    env: environment,
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1)!) : {};
}

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      parameters: { type: 'string', default: '1000000' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const n = Number(values.parameters);
  if (!(n >= 1 && Number.isInteger(Math.sqrt(n)))) throw new Error('--parameters is a square number, such as 1000000.');
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}; ${n} parameters\n`,
  );
  const peers = theirs(n);
  const heads = ['kernel memory', 'outside', 'PyTorch', 'ratio'];
  say(`${'milliseconds a step'.padEnd(22)}${heads.map((t) => t.padStart(14)).join('')}`);
  const results: Measurement[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    for (const kind of ['f32', 'f64']) {
      const [inside, outside] = [true, false].map((where) => ours(rule, n, kind === 'f32', where));
      const peer: number | undefined = peers[`${name} ${kind}`];
      const ratio = peer === undefined ? undefined : inside / peer;
      const sides = { ours: inside / 1000, peer: peer === undefined ? null : peer / 1000, peerName: 'PyTorch' };
      results.push({ name: `${name} ${kind}`, ...sides, unit: 'wall seconds', outside: outside / 1000 });
      const cells = [inside, outside, peer, ratio].map((v) => (v === undefined ? '–' : v.toPrecision(3)).padStart(14));
      say(`${`${name} ${kind}`.padEnd(22)}${cells.join('')}`);
    }
  }
  return { tasks: results, json: values.json };
}
