// npm run experiments -- 01 [--figure 5] [--full] [--seed 1,2,3] [--claims-only] [--json]
// Runs the experiments of a paper and prints each claim's verdict. Exit code 0 only if every claim holds.
import { parseArgs } from 'node:util';
import { experimentsOf, findRecord, records, short, stateOf } from '../packages/papers/dist/index.js';

// A reader that goes away early (head) is no error; results that are lost to a full disk are.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') console.error(`Standard output cannot be written: ${error.message}.`);
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

const running = records.filter((r) => stateOf(r) === 'runs');
const usage = `Usage: npm run experiments -- <paper> [options]
  <paper>         number, slug or arXiv id; these run so far: ${running.map((r) => r.slug).join(', ')}
  --figure <ids>  only these, such as 5 or 4,11 or active-set
  --full          the paper's sizes with seeds 1, 2 and 3 (default: small sizes, seed 1)
  --seed <list>   seeds, such as 1,2,3
  --claims-only   stop each experiment when its verdicts are in, leaving out further panels
  --json          one JSON line per verdict and table`;

function stop(message) {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

let parsed;
try {
  parsed = parseArgs({
    allowPositionals: true,
    options: {
      figure: { type: 'string' },
      full: { type: 'boolean' },
      seed: { type: 'string' },
      'claims-only': { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
} catch (error) {
  stop(error.message);
}
const { values, positionals } = parsed;
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [name = ''] = positionals;
const paper = findRecord(name);
if (!paper) stop(`There is no paper "${name}".`);
if (stateOf(paper) === 'not-yet') stop(`Nothing of paper ${paper.slug} (${paper.title}) runs yet.`);
const size = values.full ? 'full' : 'quick';
const seeds = (values.seed ?? (values.full ? '1,2,3' : '1')).split(',').map(Number);
if (!seeds.every((s) => Number.isSafeInteger(s) && s >= 0)) stop(`Seeds are whole numbers, not "${values.seed}".`);
let experiments = await experimentsOf(paper.number);
if (values.figure) {
  const wanted = values.figure.split(',');
  experiments = wanted.map((id) => {
    const found = experiments.find((e) => e.id === id || e.id === `figure-${id}`);
    return found ?? stop(`There is no experiment "${id}"; there are ${experiments.map((e) => e.id).join(', ')}.`);
  });
}

const live = !values.json && process.stderr.isTTY;
const status = (text) => live && process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 100) - 1)}`);
const print = (text) => {
  status('');
  if (!values.json) console.log(text);
};
const json = (object) => values.json && console.log(JSON.stringify(object));

function table({ title, columns, rows }) {
  const cells = [
    columns,
    ...rows.map((row) => row.map((c) => (c === null ? '–' : typeof c === 'number' ? short(c) : c))),
  ];
  const widths = columns.map((_, j) => Math.max(...cells.map((row) => [...row[j]].length)));
  const line = (row) =>
    `    ${row.map((c, j) => (j === 0 ? c + ' '.repeat(widths[j] - [...c].length) : ' '.repeat(widths[j] - [...c].length) + c)).join('  ')}`;
  print(`  ${title}\n${cells.map(line).join('\n')}`);
}

const mark = { holds: '✓', partly: '~', 'does not hold': '✗' };
const summary = [];
let failed = 0;
print(`${paper.title}\n${paper.venue}; arXiv ${paper.arxiv}\nSize: ${size}; fidelity: ${paper.fidelity.note}`);
for (const experiment of experiments) {
  for (const seed of seeds) {
    const started = performance.now();
    print(`\n${experiment.id}: ${experiment.title} (${size}, seed ${seed})`);
    let missing = new Set(experiment.claims.map((c) => c.id));
    for await (const event of experiment.run({ size, seed })) {
      if (event.kind === 'progress') status(`  ${event.label} … ${Math.round(100 * event.fraction)} %`);
      else if (event.kind === 'table') {
        table(event);
        json({ experiment: experiment.id, seed, size, ...event });
      } else if (event.kind === 'verdict') {
        const { verdict } = event;
        const claim = experiment.claims.find((c) => c.id === verdict.claim);
        missing.delete(claim.id);
        if (verdict.outcome !== 'holds') failed++;
        print(`  ${mark[verdict.outcome]} ${verdict.outcome}: ${claim.sentence}\n    bar: ${claim.bar[size]}`);
        for (const m of verdict.measured)
          print(`    ${m.ok ? '✓' : '✗'} ${m.quantity}: ${short(m.value)} (bar ${m.bar})`);
        json({ kind: 'verdict', experiment: experiment.id, ...verdict });
        summary.push([experiment.id, claim.id, seed, verdict.outcome]);
        if (values['claims-only'] && missing.size === 0) break;
      }
    }
    for (const id of missing) {
      failed++;
      summary.push([experiment.id, id, seed, 'no verdict']);
    }
    missing = undefined;
    print(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
}
print('');
table({ title: 'Verdicts', columns: ['experiment', 'claim', 'seed', 'outcome'], rows: summary });
process.exitCode = failed === 0 ? 0 : 1;
