import {
  barText,
  claimStandingText,
  type Experiment,
  experimentsOf,
  outcomeMark,
  type PaperRecord,
  type Parameter,
  type Standing,
  standings,
  tallyOf,
} from '@southwell/papers';
import { judgedRuns } from '@southwell/papers/node';
import { EXIT } from '../../errors.ts';
import pc from '../../terminal/colours.ts';
import { wrap } from '../../text.ts';
import { withState } from './list.ts';
import { paperNamed, printJson, resultStore, twoDigits } from './shared.ts';

/** Shows a paper: what it is about, its claims, and its experiments. */
export async function showCommand(name: string, { json }: { readonly json?: boolean }): Promise<number> {
  const record = paperNamed(name);
  const experiments = await experimentsOf(record.number);
  const kept = experiments.length > 0 ? await resultStore().list() : [];
  const stand = standings(record, await judgedRuns(record, kept));
  if (json) {
    const verdicts = experiments.length > 0 ? { ...tallyOf(stand), claims: stand.map(plainStanding) } : null;
    printJson({ ...withState(record), verdicts, experiments: experiments.map(plain) });
  } else console.log(text(record, experiments, stand));
  return EXIT.done;
}

const plainStanding = ({ claim, outcome, size, seeds, counts, own }: Standing) => ({
  claim,
  outcome: outcome ?? null,
  size: size ?? null,
  seeds,
  counts,
  own,
});

/** The outcome of a claim, to be printed below it, and whether it is based on the user's own runs. */
const standingLine = (s: Standing) =>
  `${s.outcome ? outcomeMark[s.outcome] : '·'} ${claimStandingText(s)}${s.own ? ' · with your runs' : ''}`;

const plain = ({ id, title, axes, parameters = [], claims }: Experiment) => ({
  id,
  title,
  axes,
  parameters,
  claims: claims.map((c) => c.id),
});

const range = (p: Parameter) =>
  `--set ${p.name}=… ${p.title}: ${p.integer ? 'a whole number' : 'a number'} from ${p.min} to ${p.max}; ${p.default.quick} (quick), ${p.default.full} (full)`;

function text(record: PaperRecord, experiments: readonly Experiment[], stand: readonly Standing[]): string {
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
    experiments.length > 0 ? `Claims: ${tallyOf(stand).text}` : 'Claims:',
    ...record.claims.flatMap((c, k) => [
      wrap(`${c.id}: ${c.sentence}`, '  '),
      ...(experiments.length > 0 ? [wrap(standingLine(stand[k]), '    ')] : []),
      pc.dim(wrap(`${c.quantity}. Quick: ${barText(c, 'quick')}. Full: ${barText(c, 'full')}.`, '    ')),
    ]),
    '',
  ];
  if (experiments.length === 0) return [...lines, 'It does not run yet.'].join('\n');
  return [
    ...lines,
    'Experiments:',
    ...experiments.flatMap((e) => [
      `  ${e.id}: ${e.title}`,
      ...(e.parameters ?? []).map((p) => pc.dim(wrap(range(p), '    '))),
    ]),
    '',
    `Run it: southwell papers run ${twoDigits(record.number)} --experiment ${experiments[0].id}`,
  ].join('\n');
}
