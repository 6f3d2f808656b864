// One process of `npm run nulls`: runs an experiment of a paper with one function replaced; prints a line of JSON per
// verdict.
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

const { papers, number, experiment: name, size, seed, claims, ...replaced } = JSON.parse(process.argv[2]);
register('./hooks.mjs', import.meta.url, {
  data: {
    target: pathToFileURL(replaced.module).href,
    by: { file: pathToFileURL(replaced.file).href, id: replaced.id, name: replaced.name },
  },
});
const { experimentsOf, resolveContext } = await import(pathToFileURL(papers).href);
const { partFiles } = await import(pathToFileURL(papers.replace(/index\.js$/, 'node.js')).href);
const experiment = (await experimentsOf(number)).find((e) => e.id === name);
const open = new Set(claims);
const tell = (verdict) => console.log(JSON.stringify(verdict));
try {
  for await (const event of experiment.run(resolveContext(experiment, { size, seed, files: partFiles() }))) {
    if (event.kind !== 'verdict' || !open.delete(event.verdict.claim)) continue;
    const { claim, outcome, measured } = event.verdict;
    // A measure with several values or sides is met if all of them meet their bars.
    const names = [...new Set(measured.map((m) => m.measure))];
    const met = names.filter((one) => measured.every((m) => m.measure !== one || (m.ok && !m.spread?.undecided)));
    tell({ claim, outcome, met });
    if (open.size === 0) break;
  }
} catch (error) {
  // A method that fails under the null does not satisfy its claims either.
  for (const claim of open) tell({ claim, outcome: 'breaks down', met: [], error: error.message });
}
