import { readdirSync } from 'node:fs';

/** The pages of the documentation, in order, by group; files in docs/. Others that are there join the reference. */
const groups = [
  { title: 'Start', pages: ['start.md', 'from-scikit-learn.md'] },
  {
    title: 'Guides',
    pages: [
      'guides/predict-numbers.md',
      'guides/classify.md',
      'guides/group-rows.md',
      'guides/reduce-dimensions.md',
      'guides/fill-gaps.md',
      'guides/recommend.md',
      'guides/relate-tables.md',
      'guides/train-networks.md',
      'guides/find-causes.md',
      'guides/monotone-fits.md',
      'guides/solve-equations.md',
      'guides/solve-models.md',
      'guides/minimise.md',
      'guides/align-clouds.md',
      'guides/tensors.md',
      'guides/fields.md',
      'guides/schedules.md',
      'guides/private-regression.md',
    ],
  },
  { title: 'Gallery', pages: ['gallery.md'] },
  {
    title: 'How to',
    pages: [
      'how-to/read-tables.md',
      'how-to/choose-alpha.md',
      'how-to/missing-values.md',
      'how-to/save-and-predict.md',
      'how-to/stop-and-resume.md',
      'how-to/large-data.md',
      'how-to/clusters.md',
      'how-to/compare-methods.md',
    ],
  },
  { title: 'Concepts', pages: ['concepts/certificates.md', 'concepts/verdicts.md'] },
  {
    title: 'Reference',
    pages: [
      'cli.md',
      'data.md',
      'linear-models.md',
      'structured-models.md',
      'bilevel.md',
      'private-regression.md',
      'block-coordinate-descent.md',
      'isotonic-regression.md',
      'quadratic-programs.md',
      'clustering.md',
      'factorisation.md',
      'tensors.md',
      'functional-tensors.md',
      'structure-learning.md',
      'linear-systems.md',
      'constrained.md',
      'linear-algebra.md',
      'assignment.md',
      'multigrid.md',
      'sketching.md',
      'geometry.md',
      'training.md',
      'nn.md',
      'compression.md',
      'merging.md',
      'autodiff.md',
      'optimisers.md',
      'schedules.md',
      'diagnostics.md',
      'black-box.md',
      'engines.md',
      'distributed.md',
      'distributed-methods.md',
      'federated.md',
      'gossip.md',
      'stragglers.md',
      'papers.md',
      'workbench.md',
      'digest.md',
      'licences.md',
    ],
  },
  {
    title: 'For those who build',
    pages: ['performance.md', 'benchmarks.md', 'architecture.md', 'adding.md', 'testing.md'],
  },
];

/** Pages that are listed elsewhere, or not part of the documentation. */
const APART = ['index.md', 'status.md'];
const listed = groups.flatMap(({ pages }) => pages);
const others = readdirSync(new URL('../../docs', import.meta.url)).filter(
  (name) => name.endsWith('.md') && !listed.includes(name) && !APART.includes(name),
);

export const contents = groups.map(({ title, pages }) => ({
  title,
  pages: title === 'Reference' ? [...pages, ...others.sort()] : pages,
}));

/** Pages whose commands are run, in order: the README and those that one learns from. */
export const runPages = [
  '../README.md',
  ...contents
    .filter(({ title }) => ['Start', 'Guides', 'How to', 'Concepts'].includes(title))
    .flatMap(({ pages }) => pages),
];
