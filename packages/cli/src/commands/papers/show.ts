import {
  barText,
  claimStandingText,
  type Dossier,
  dossierOf,
  type Experiment,
  experimentsOf,
  type Ledger,
  ledgerMark,
  outcomeMark,
  type PaperRecord,
  type PaperStanding,
  type Parameter,
  type Part,
  partsOf,
  partText,
  releasedOf,
  type Standing,
  seedsText,
  toldSentence,
} from '@southwell/papers';
import { keptStanding } from '@southwell/papers/node';
import { EXIT } from '../../errors.ts';
import pc from '../../terminal/colours.ts';
import { wrap } from '../../text.ts';
import { withState } from './list.ts';
import { paperNamed, printJson, resultStore, twoDigits } from './shared.ts';

/** Shows a paper: what it is about, its claims, and its experiments. */
export async function showCommand(
  name: string,
  { json, history }: { readonly json?: boolean; readonly history?: boolean },
): Promise<number> {
  const record = paperNamed(name);
  if (history) {
    const dossier = await dossierOf(record.number);
    if (json) printJson(dossier.history);
    else console.log(historyText(record, dossier));
    return EXIT.done;
  }
  const experiments = await experimentsOf(record.number);
  const kept = experiments.length > 0 ? await resultStore().list() : [];
  const stand = await keptStanding(record, kept);
  const ledger = (await releasedOf(record.number))?.ledger;
  if (json) {
    const verdicts = experiments.length > 0 ? { ...stand.tally, claims: stand.claims.map(plainStanding) } : null;
    printJson({ ...withState(record), verdicts, ledger: ledger ?? null, experiments: experiments.map(plain) });
  } else console.log(text(record, experiments, stand, ledger));
  return EXIT.done;
}

const plainStanding = ({ claim, outcome, size, sizes, own, asWell }: Standing) => ({
  claim,
  outcome: outcome ?? null,
  size: size ?? null,
  sizes: Object.fromEntries(
    Object.entries(sizes).map(([name, { outcome, seeds, counts }]) => [name, { outcome, seeds, counts }]),
  ),
  own,
  asWell: asWell ?? null,
});

/** The outcome of a claim, to be printed below it, and whether it is based on the user's own runs. */
const standingLine = (s: Standing) =>
  `${s.outcome ? outcomeMark[s.outcome] : '·'} ${claimStandingText(s)}${s.own ? ' · with your runs' : ''}`;

const plain = ({ id, title, panels, parameters = [], needs = {}, claims }: Experiment) => ({
  id,
  title,
  panels,
  parameters,
  claims: claims.map((c) => c.id),
  needs,
});

/** The files that an experiment reads and that are not shipped. */
function needsLines(experiment: Experiment): string[] {
  const [quick, full] = [partsOf(experiment, 'quick'), partsOf(experiment, 'full')];
  const at = (part: Part) => (quick.includes(part) ? '' : 'at full size, ');
  return [...new Set([...quick, ...full])].map((part) => pc.dim(wrap(`needs, ${at(part)}${partText(part)}`, '    ')));
}

const range = (p: Parameter) =>
  `--set ${p.name}=… ${p.title}: ${p.integer ? 'a whole number' : 'a number'} from ${p.min} to ${p.max}; ${p.default.quick} (quick), ${p.default.full} (full)`;

function text(record: PaperRecord, experiments: readonly Experiment[], stand: PaperStanding, ledger?: Ledger): string {
  const first = record.firstAuthors?.join(', ');
  const authors = `${first ?? ''}${first && record.authors > record.firstAuthors!.length ? ' and others' : ''}`;
  const facts = [
    authors || `${record.authors} authors`,
    record.venue,
    record.arxiv && `arXiv ${record.arxiv}`,
    record.code,
  ].filter(Boolean);
  const lines = [
    pc.bold(wrap(`${twoDigits(record.number)}  ${record.title}`)),
    wrap(facts.join('; ')),
    pc.dim(wrap(`${record.family}: ${record.methods.join(', ')}`)),
    '',
    wrap(record.summary),
    '',
    ...record.formulas.flatMap((f) => [`  ${f.tex}`, pc.dim(wrap(f.says, '    '))]),
    '',
    wrap(`Fidelity: ${record.fidelity.level}. ${record.fidelity.note}`),
    '',
    experiments.length > 0 ? `Claims: ${stand.tally.text}` : 'Claims:',
    ...record.claims.flatMap((c, k) => [
      wrap(`${c.id}: ${toldSentence(c, stand.claims[k])}`, '  '),
      ...(experiments.length > 0 ? [wrap(standingLine(stand.claims[k]), '    ')] : []),
      pc.dim(wrap(`${c.quantity}. Quick: ${barText(c, 'quick')}. Full: ${barText(c, 'full')}.`, '    ')),
    ]),
    '',
  ];
  if (ledger) lines.push(...ledgerLines(ledger), '');
  if (experiments.length === 0) return [...lines, 'It does not run yet.'].join('\n');
  return [
    ...lines,
    'Experiments:',
    ...experiments.flatMap((e) => [
      `  ${e.id}: ${e.title}`,
      ...needsLines(e),
      ...(e.parameters ?? []).map((p) => pc.dim(wrap(range(p), '    '))),
    ]),
    '',
    `Run it: southwell papers run ${twoDigits(record.number)} --experiment ${experiments[0].id}`,
  ].join('\n');
}

/** What the paper claims, and what became of it. */
const ledgerLines = ({ paper, ours, rivalsLeftOut }: Ledger): string[] => [
  'All that the paper claims:',
  ...paper.flatMap(({ from, says, state, why, claims, fidelity, harder }) => [
    wrap(`${ledgerMark[state]} ${state} (${from}${fidelity ? `, ${fidelity}` : ''}): ${says}`, '  '),
    ...(why === undefined ? [] : [pc.dim(wrap(why, '    '))]),
    ...(harder === undefined ? [] : [pc.dim(wrap(`Harder experiment: ${harder}`, '    '))]),
    ...(claims.length > 0 ? [pc.dim(`    ${claims.join(', ')}`)] : []),
  ]),
  ...(ours.length > 0 ? [wrap(`Ours, outside of the count: ${ours.join(', ')}`, '  ')] : []),
  ...rivalsLeftOut.map(({ name, why }) => wrap(`Rival without a measure: ${name}. ${why}`, '  ')),
];

/** What was locked and what was changed since, oldest first. */
function historyText(record: PaperRecord, { history }: Dossier): string {
  if (history.length === 0) return `Nothing is fixed for ${record.slug} so far.`;
  const valueText = (value: unknown) => (value === null ? 'nothing' : JSON.stringify(value));
  return history
    .flatMap(({ date, changes, why, seen }) => [
      pc.bold(`${date}: `) + wrap(why),
      ...changes.flatMap(({ path, was, is }) =>
        path === '' && was === null
          ? ['  first state']
          : [`  ${path}`, pc.dim(wrap(`${valueText(was)} → ${valueText(is)}`, '    '))],
      ),
      ...seen.map(({ size, seeds, outcomes }) => {
        const told = Object.entries(outcomes).map(
          ([claim, counts]) =>
            `${claim} ${Object.entries(counts)
              .map(([o, n]) => `${o} on ${n}`)
              .join(', ')}`,
        );
        // Runs that were entered by hand may have no outcomes.
        const verdicts = told.length > 0 ? `: ${told.join('; ')}` : '';
        return pc.dim(wrap(`seen by then: ${size}, ${seedsText(seeds)}${verdicts}`, '  '));
      }),
      ...(seen.length === 0 ? [pc.dim('  nothing was seen by then')] : []),
    ])
    .join('\n');
}
