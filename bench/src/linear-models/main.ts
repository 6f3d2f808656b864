import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import { documentOf, type Measurement } from '../document.ts';
import { save } from '../results.ts';
import { type Contender, findPeers, southwellWithOpenBlas } from './contenders.ts';
import { benchRoot, missing } from './datasets.ts';
import { firstFits } from './first.ts';
import { gridTasks } from './grid.ts';
import { runTask, type Settings, type TaskResult } from './harness.ts';
import { processes } from './process.ts';
import { failures, measurements, ratiosPage, summarise, table } from './report.ts';
import { quickTasks, scalingPairs, type Task, tasks } from './tasks.ts';
import { threads } from './threads.ts';

export const usage = `Usage: npm run bench -- linear-models [options]
  --tasks <list>    tasks by name or by beginning, such as dense-lasso-10,colon
  --peers <list>    only these peers; "none" for none
  --quick           small tasks
  --grid            generated shapes, 40 × 3000 to 100000 × 300 and 20000 × 50000, instead of the tasks
  --pairs <N>       fits in turn with the best peer, for an interval of the ratio. Default 0; 5 with --grid
  --process         whole processes, a file to coefficients, beside Python scripts and Rscript
  --first           imports and first fits, beside scikit-learn's
  --scaling         cost against n, p and density, each × 10, instead of the tasks
  --threads         two threads against one: the largest tasks, and cross-validation
  --repeats <N>     fits at the tolerance that passes; the best counts. Default 3
  --limit <s>       seconds for one fit, three times that for a path. Default 60, 10 with --grid, 2 for small tasks
  --json            results as JSON on standard output, progress on standard error
  --list            the tasks and what they are`;

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tasks: { type: 'string' },
      peers: { type: 'string' },
      quick: { type: 'boolean' },
      grid: { type: 'boolean' },
      pairs: { type: 'string' },
      process: { type: 'boolean' },
      first: { type: 'boolean' },
      scaling: { type: 'boolean' },
      threads: { type: 'boolean' },
      repeats: { type: 'string', default: '3' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [repeats, limit] = [Number(values.repeats), Number(values.limit ?? (values.quick ? 2 : values.grid ? 10 : 60))];
  if (!Number.isInteger(repeats) || repeats < 1) throw new Error(`--repeats is a whole number from 1, not ${repeats}.`);
  if (!(limit > 0)) throw new Error(`--limit is a positive number of seconds, not ${values.limit}.`);
  const pairs = Number(values.pairs ?? (values.grid ? 5 : 0));
  if (!Number.isInteger(pairs) || pairs < 0) throw new Error(`--pairs is a whole number from 0, not ${values.pairs}.`);
  const every = values.grid ? gridTasks : values.quick ? quickTasks : tasks;
  const names = values.tasks?.split(',');
  const chosen = every.filter((t) => !names || names.some((name) => t.name === name || t.name.startsWith(`${name}-`)));
  for (const name of names ?? []) {
    if (!every.some((t) => t.name === name || t.name.startsWith(`${name}-`))) {
      throw new Error(`There is no task "${name}"; there are ${every.map((t) => t.name).join(', ')}.`);
    }
  }
  if (values.process) return processes(repeats, values.json ?? false);
  if (values.first) return firstFits(repeats, values.json ?? false);
  if (values.list) {
    for (const t of chosen)
      console.log(`${t.name.padEnd(2 + Math.max(...chosen.map((c) => c.name.length)))}${t.set.about}`);
    return undefined;
  }
  const field = findPeers(values.peers === 'none' ? [] : values.peers?.split(','));
  const say = values.json ? console.error : console.log;
  const header = [
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`,
    `Peers: ${field.peers.map((p) => p.name).join(', ') || 'none'}${field.absent.length > 0 ? `; not there: ${field.absent.join(', ')}` : ''}`,
    `Versions: ${Object.entries(field.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
  ];
  for (const line of header) say(line);
  const accelerated = values.grid ? southwellWithOpenBlas() : undefined;
  const settings: Settings = { repeats, limit, pairs, accelerated, report: (line) => console.error(line) };
  if (values.scaling) return scaling(field.peers, settings, values.json ?? false);

  if (values.threads) return threads(repeats, values.json ?? false);

  const results: TaskResult[] = [];
  for (const task of chosen) {
    const reason = missing(task.set);
    if (reason) say(`${task.name}: left out: ${reason}`);
    else {
      results.push(await runTask(task, field.peers, settings));
      // Saved after each task, so that an interrupted run keeps its results.
      const name = values.grid ? 'linear-models-grid' : 'linear-models';
      const summary = summarise(results);
      save(`${name}.html`, ratiosPage(summary, header));
      save(`${name}.json`, JSON.stringify(documentOf(measurements(summary), { header }), null, 1));
    }
  }
  const summary = summarise(results);
  const load = `Load ${loadavg()[0].toFixed(1)} at the end.`;
  if (!values.json) {
    console.log(`\nCPU seconds; ratio: southwell / best peer, below 1 southwell is the faster. ${load}\n`);
    console.log(table(summary));
    console.log(
      `\nGeometric mean: ${summary.geomean?.toPrecision(3) ?? '–'} (CPU), ${summary.wallGeomean?.toPrecision(3) ?? '–'} (wall)${summary.acceleratedGeomean === null ? '' : `, ${summary.acceleratedGeomean.toPrecision(3)} (CPU, with OpenBLAS, of the dense cells)`}`,
    );
    for (const line of failures(summary)) console.log(`✗ ${line}`);
    if (results.length > 0)
      console.log(`Plot: ${join(benchRoot, `results/linear-models${values.grid ? '-grid' : ''}.html`)}`);
  }
  const code = results.every((r) => r.ours.cpu !== undefined || r.ours.failure === 'not there yet') ? 0 : 1;
  const { wallGeomean, acceleratedGeomean } = summary;
  const more = { header, wallGeometricMean: wallGeomean, acceleratedGeometricMean: acceleratedGeomean };
  return { tasks: measurements(summary), json: values.json, more, code };
}

/** Scaling exponents: log10 of the growth of the time when n, p or density grows tenfold. */
async function scaling(peers: readonly Contender[], settings: Settings, json: boolean): Promise<Outcome> {
  const done = new Map<Task['name'], TaskResult>();
  const rows: Record<string, string | number>[] = [];
  const sides: Measurement[] = [];
  for (const { grows, pair } of scalingPairs) {
    for (const task of pair) if (!done.has(task.name)) done.set(task.name, await runTask(task, peers, settings));
    const [small, large] = pair.map((task) => done.get(task.name)!);
    sides.push({ ...measurements(summarise([large]))[0], name: `${large.task}, 10 × ${grows} of ${small.task}` });
    for (const a of [small.ours, ...small.peers]) {
      const b = [large.ours, ...large.peers].find((r) => r.contender === a.contender);
      if (a.cpu === undefined || b?.cpu === undefined) continue;
      const slope = Math.log10(b.cpu / a.cpu);
      rows.push({ grows, contender: a.contender, small: a.cpu, large: b.cpu, slope });
    }
  }
  if (!json) {
    console.log('\n| × 10 in | contender | small, s | large, s | slope |\n| --- | --- | ---: | ---: | ---: |');
    for (const r of rows) {
      const [small, large] = [Number(r.small).toPrecision(3), Number(r.large).toPrecision(3)];
      console.log(`| ${r.grows} | ${r.contender} | ${small} | ${large} | ${Number(r.slope).toFixed(2)} |`);
    }
  }
  return { tasks: sides, json, more: { scaling: rows } };
}
