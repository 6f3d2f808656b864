import type { Forecast, TaskTools } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { count, grouped, number } from '../../format.ts';
import { bytesText } from '../../networks/words.ts';
import { trainJob } from '../job.ts';
import type { TrainRequest } from '../options.ts';
import { Forecasted, type StepForecast, type StepTime } from './forecast.ts';

const milliseconds = (seconds: number): string => `${number(1000 * seconds, 3)} ms`;
const rate = (bytes: number): string =>
  bytes >= 1e9
    ? `${number(bytes / 1e9, 3)} GB/s`
    : bytes >= 1e6
      ? `${number(bytes / 1e6, 3)} MB/s`
      : `${number(bytes / 1e3, 3)} kB/s`;

/** The requested exchange in words, as options. */
function askedText({ compress, aggregate, localSteps }: TrainRequest): string {
  const parts = [
    ...(compress === undefined ? [] : [compress]),
    ...(aggregate === 'mean' ? [] : [aggregate]),
    ...(localSteps === 1 ? [] : [`${localSteps} local steps`]),
  ];
  return parts.join(', ');
}

/** Says which exchange is faster, and from which bandwidth on. */
export function paysText({ dense, asked, paysBelow }: StepForecast, name: string, compressing: string): string {
  if (!asked || paysBelow === undefined)
    return `A step is predicted to take ${milliseconds(dense.step)}; with ${compressing} the prediction says from which bandwidth on compression pays.`;
  const when =
    paysBelow === 0
      ? 'it pays at no bandwidth'
      : paysBelow === Number.POSITIVE_INFINITY
        ? 'it pays at every bandwidth'
        : `it pays where a rank sends less than ${rate(paysBelow)}`;
  return `With ${name} a step is predicted to take ${milliseconds(asked.step)}, and with whole gradients ${milliseconds(dense.step)}: ${when}.`;
}

export function forecastView(found: StepForecast, request: TrainRequest, tools: TaskTools, seconds: number): View {
  const { ranks, rows, noun, dense, asked, computing, latency, byte, gradient, simulated } = found;
  const name = askedText(request);
  const row = (what: string, { bytes, coding, exchange, step }: StepTime) => [
    ...[what, Math.round(bytes), 1000 * computing, 1000 * coding, 1000 * exchange, 1000 * step],
  ];
  const bandwidth = byte > 0 ? `, ${rate(1 / byte)}` : '';
  return {
    status: 'completed',
    about: `${count(ranks, 'rank')}, steps of ${count(rows, noun)}, gradients of ${bytesText(gradient)}. Nothing was trained.`,
    headline: paysText(found, name, tools.spell('compress')),
    notes: [
      `Measured: ${milliseconds(latency)} a message, however short, and ${number(byte * 1e9, 3)} ns a byte${bandwidth}${simulated ? ', on the clock of the simulated network' : ''}.`,
    ],
    tables: [
      {
        title: 'A step',
        columns: ['gradients', 'bytes', 'computing, ms', 'coding', 'exchange', 'step'],
        rows: [row('whole', dense), ...(asked ? [row(name, asked)] : [])],
        below: 'milliseconds of a step, and the bytes that a rank sends in it',
      },
    ],
    ending: 'Predicted from measurements of a moment, with the load of that moment.',
    ...{ work: `${grouped(rows)} ${noun}s a step`, seconds, pictures: [] },
  };
}

/** Measures steps on the ranks of a job and predicts how long one takes; trains and writes nothing. */
export async function trainForecast(request: TrainRequest, tools: TaskTools): Promise<Forecast> {
  const started = performance.now();
  try {
    await trainJob(request, { ...tools, dry: true });
  } catch (error) {
    if (!(error instanceof Forecasted)) throw error;
    const { forecast } = error;
    const seconds = (performance.now() - started) / 1000;
    const { paysBelow, asked, ...rest } = forecast;
    // JSON has no infinity: null means at every bandwidth.
    const pays = paysBelow === undefined ? {} : { paysBelow: Number.isFinite(paysBelow) ? paysBelow : null };
    return {
      status: 'completed',
      document: { ...rest, ...(asked && { asked }), ...pays, seconds },
      view: forecastView(forecast, request, tools, seconds),
    };
  }
  throw new Error('A training that is only predicted has ended.');
}
