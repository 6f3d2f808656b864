import type { ChartSpec } from '@southwell/charts';
import type { Picture } from '@southwell/data';
import type { View, ViewTable } from '../../declaration/view.ts';
import { count, number } from '../../format.ts';
import type { StragglersResult } from './result.ts';

type Code = StragglersResult['codes'][number];

const titles = { none: 'no code', gc: 'gradient code', 'sr-sgc': 'SR-SGC', 'm-sgc': 'M-SGC' } as const;

/** A code in words: "M-SGC with B = 1, W = 2, λ = 27". */
function codeText({ kind, s, B, W, lambda }: Code): string {
  if (kind === 'none') return titles.none;
  return `${titles[kind]} with ${s === undefined ? `B = ${B}, W = ${W}, λ = ${lambda}` : `s = ${s}`}`;
}

/** The same for a table: "M-SGC (1, 2, 27)". */
function shortText({ kind, s, B, W, lambda }: Code): string {
  if (kind === 'none') return titles.none;
  return kind === 'gc' ? `GC (${s})` : `${titles[kind]} (${B}, ${W}, ${lambda})`;
}

const percent = (share: number): string => `${number(100 * share, 3)} %`;
const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
const dash = (seconds: number | null): number | string => seconds ?? 'stalls';

function headlineOf({ verdict, saved, savedChoosing, best, rounds }: StragglersResult): string {
  const [chosen] = best;
  const later = `the ${count(rounds.reporting, 'round')} that did not choose it`;
  if (verdict === 'no-code') {
    return `No code pays: in the ${count(rounds.choosing, 'round')} that choose, waiting for all workers is fastest.`;
  }
  const name = capital(codeText(chosen));
  if (verdict === 'stalls') {
    return chosen.choosing.seconds === null
      ? `Every code stalls in the ${count(rounds.choosing, 'round')} that choose, as workers that are needed never answer.`
      : `${name} stalls on ${later}: in round ${chosen.reporting.stalledIn} more workers are slow or dead than it can do without, and one of them never answers.`;
  }
  if (saved === null) return `${name} finishes on ${later}, where waiting for all workers never ends.`;
  const chose = savedChoosing === null ? '' : `; on those that did, ${percent(savedChoosing)}`;
  if (verdict === 'pays') {
    return `${name} saves ${number(saved.seconds)} s, ${percent(saved.share)}, on ${later}${chose}.`;
  }
  return `No code is known to pay: ${codeText(chosen)} takes ${percent(-saved.share)} longer than no code on ${later}${chose === '' ? '' : `, and saves ${percent(savedChoosing!)} on those that did`}.`;
}

function tableOf({ best, rounds }: StragglersResult): ViewTable {
  return {
    title: 'Best of each kind',
    columns: ['code', 'load', 'delay', 'chooses, s', 'reports, s', 'waits', 'saved'],
    rows: best.map((code) => {
      const none = best.find(({ kind }) => kind === 'none')!.reporting.seconds;
      const own = code.reporting.seconds;
      return [
        ...[shortText(code), code.load, code.delay, dash(code.choosing.seconds), dash(own), code.reporting.waitOuts],
        code.kind === 'none' || own === null || none === null ? null : percent(1 - own / none),
      ];
    }),
    below: `GC (s), others (B, W, λ). The first ${count(rounds.choosing, 'round')} chose the codes; the other ${rounds.reporting} report, with the rounds of these that waited for more workers than those that were in time.`,
  };
}

/** Answers in the rounds, and when these ended. */
function pictureOf({ shown, best }: StragglersResult): View['pictures'] {
  const { first, answers, ends, all } = shown;
  if (ends.length === 0) return [];
  const dropped = (i: number, k: number) => answers[i][k]! > ends[k] * (1 + 1e-12);
  // Steps: a round is as wide as 1.
  const steps = (values: readonly (number | null)[]) => {
    const known = values.flatMap((v, k) => (v === null ? [] : [[k, v] as const]));
    return {
      x: known.flatMap(([k]) => [first + k - 0.5, first + k + 0.5]),
      y: known.flatMap(([, v]) => [v, v]),
    };
  };
  const scatter: Picture = {
    type: 'scatter',
    xLabel: 'round',
    yLabel: 'seconds since the round began',
    points: answers.flatMap((own, i) =>
      own.flatMap((y, k) =>
        y === null || k >= ends.length ? [] : [{ x: first + k, y, group: dropped(i, k) ? 1 : 0 }],
      ),
    ),
    groups: ['answers that count', 'done without'],
    lines: [
      { ...steps(all), shade: 0.2 },
      { ...steps(ends), shade: 1 },
    ],
    below: `A point is the answer of a worker at the load of ${codeText(best[0])}. The dark line is the end of each round with it; the pale line is where the last worker answers without a code.`,
  };
  return [{ title: 'Answers of workers, and ends of rounds', picture: scatter }];
}

function chartOf({ best }: StragglersResult): readonly ChartSpec[] {
  const drawn = best.filter(({ finish }) => finish.length > 1);
  if (drawn.length === 0) return [];
  return [
    {
      title: 'Jobs on the rounds that did not choose the codes',
      x: { label: 'job' },
      y: { label: 'seconds until it is decoded' },
      series: drawn.map((code) => ({ name: codeText(code), x: code.finish.map((_, k) => k + 1), y: code.finish })),
    },
  ];
}

export function stragglersView(r: StragglersResult): View {
  const { best, data, workers, rounds, tried } = r;
  const part = tried.codes < tried.of ? `, ${tried.codes} of ${tried.of} codes tried` : '';
  return {
    status: r.status,
    about: `${data.name}: ${count(workers.length, 'worker')}, ${count(rounds.choosing + rounds.reporting, 'round')}`,
    headline: headlineOf(r),
    outcome: `chose ${codeText(best[0])}, load ${number(best[0].load, 3)}${part}`,
    work: count(tried.codes, 'code'),
    advice: r.advice,
    seconds: r.seconds,
    notes: data.notes,
    tables: [tableOf(r)],
    charts: chartOf(r),
    pictures: pictureOf(r),
  };
}
