// One process of `npm run ablations`: runs experiments of a paper with one ingredient replaced; prints a line of JSON
// per verdict.
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

const { experiments, papers, number, size, seed, claims, ablation } = JSON.parse(process.argv[2]);
if (ablation) {
  const { module, file, id, name } = ablation;
  register('./hooks.mjs', import.meta.url, {
    data: { target: pathToFileURL(module).href, by: { file: pathToFileURL(file).href, id, name } },
  });
}
const { experimentsOf, resolveContext } = await import(pathToFileURL(papers).href);
for (const experiment of await experimentsOf(number)) {
  if (!experiments.includes(experiment.id)) continue;
  let open = experiment.claims.filter((c) => claims.includes(c.id)).length;
  try {
    for await (const event of experiment.run(resolveContext(experiment, { size, seed }))) {
      if (event.kind !== 'verdict' || !claims.includes(event.verdict.claim)) continue;
      console.log(JSON.stringify(event.verdict));
      if (--open === 0) break;
    }
  } catch (error) {
    // A method that fails without its ingredient does not satisfy its claims either.
    for (const { id } of experiment.claims)
      console.log(JSON.stringify({ claim: id, size, seed, error: error.message }));
  }
}
