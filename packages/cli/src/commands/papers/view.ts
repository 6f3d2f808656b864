import {
  barText,
  type Claim,
  claimText,
  type Experiment,
  type ExperimentEvent,
  type Ledger,
  measurementMark,
  measurementText,
  type Outcome,
  outcomeMark,
  outcomeText,
  type PaperRecord,
  type Size,
  type TableEvent,
  toldSentence,
  type Verdict,
} from '@southwell/papers';
import type { ResultStore, RunResult } from '@southwell/papers/node';
import { duration, number } from '@southwell/tasks';
import type { Job } from '../../paper-worker.ts';
import pc from '../../terminal/colours.ts';
import { table, wrap } from '../../text.ts';
import { setText, tableWidth, twoDigits } from './shared.ts';

const paint: Readonly<Record<Outcome, (text: string) => string>> = {
  holds: pc.green,
  partly: pc.yellow,
  'does not hold': pc.red,
  undecided: pc.cyan,
};

/** Text output for users during a run; none with --json. */
export class View {
  constructor(
    private readonly record: PaperRecord,
    private readonly size: Size,
    private readonly set: RunResult['set'],
    private readonly asWell: Ledger['asWell'],
    private readonly quiet: boolean,
  ) {}

  private print(...lines: string[]): void {
    if (!this.quiet) process.stdout.write(`${lines.join('\n')}\n`);
  }

  start(): void {
    const { record, size } = this;
    const changed = setText(this.set);
    this.print(
      pc.bold(wrap(record.title)),
      pc.dim(wrap(`${record.venue}${record.arxiv ? `; arXiv ${record.arxiv}` : ''}`)),
      wrap(`Size: ${size}${changed ? `, with ${changed}` : ''}; fidelity: ${record.fidelity.note}`),
    );
  }

  begin(experiment: Experiment, job: Job): void {
    this.print('', pc.bold(`${experiment.id}: ${experiment.title} (${this.size}, seed ${job.seed})`));
  }

  show(event: Extract<ExperimentEvent, { kind: 'table' | 'verdict' }>, experiment: Experiment): void {
    if (event.kind === 'table') this.print(tableText(event));
    else this.print(this.verdictText(event.verdict, experiment.claims.find((c) => c.id === event.verdict.claim)!));
  }

  private verdictText(verdict: Verdict, claim: Claim): string {
    const { outcome } = verdict;
    const said = `${outcomeMark[outcome]} ${outcomeText(verdict)}:`;
    const { full } = claimText(claim, verdict);
    const says = toldSentence(claim, { ...verdict, asWell: this.asWell?.[claim.id] });
    const rest = wrap(`${said} ${says}`, '    ').trimStart().slice(said.length);
    return [
      `  ${paint[outcome](said)}${rest}`,
      pc.dim(wrap(`bar: ${barText(claim, this.size)}`, '    ')),
      ...(full === undefined ? [] : [pc.dim(wrap(full, '    '))]),
      ...verdict.measured.map(
        (m) => `    ${measurementMark(m)} ${m.quantity}: ${number(m.value, 3)} (${measurementText(m)})`,
      ),
    ].join('\n');
  }

  end(result: RunResult): void {
    this.print(pc.dim(`  ${duration(result.seconds)}${result.status === 'stopped' ? ', stopped' : ''}`));
  }

  summary(
    verdicts: ReadonlyArray<Verdict & { readonly experiment: string }>,
    withoutVerdict: ReadonlyArray<{ readonly experiment: string; readonly claim: string; readonly seed: number }>,
    leftOut: readonly string[],
    saved: boolean,
    store: ResultStore | undefined,
  ): void {
    const rows = [
      ...verdicts.map((v) => [v.experiment, v.claim, String(v.seed), outcomeText(v)]),
      ...withoutVerdict.map((u) => [u.experiment, u.claim, String(u.seed), 'no verdict']),
    ];
    const columns = [
      { title: 'experiment' },
      { title: 'claim' },
      { title: 'seed', align: 'right' },
      { title: 'outcome' },
    ] as const;
    this.print('', rows.length > 0 ? table(columns, rows, tableWidth()) : 'No claim is judged by what ran.');
    if (setText(this.set) && rows.length > 0) {
      this.print(
        '',
        wrap(`With ${setText(this.set)} these verdicts do not count for the claims: bars are for the defaults.`),
      );
    }
    for (const reason of leftOut) this.print('', wrap(`Left out: ${reason}`));
    if (saved) {
      this.print('', pc.dim(`Kept in ${store!.folder}; see southwell papers compare ${twoDigits(this.record.number)}`));
    }
  }
}

function tableText({ title, columns, rows }: TableEvent): string {
  const numeric = columns.map((_, j) => rows.some((row) => typeof row[j] === 'number'));
  const specs = columns.map((c, j) => ({ title: c, align: numeric[j] ? 'right' : 'left' }) as const);
  const cells = rows.map((row) => row.map((c) => (typeof c === 'string' ? c : number(c))));
  return `  ${pc.underline(title)}\n${table(specs, cells, tableWidth())}`;
}
