import { readFileSync } from 'node:fs';
import { parseEventList } from '@southwell/distributed';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Training on ranks that send compressed gradients, or step by themselves.

const { here, at } = workshop();
const words = ['train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--hidden', '8', '--batch', '128'];
const ran = async (...more: string[]) => {
  const { out, err, code } = await here([...words, ...more, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  const { sent, history, score } = JSON.parse(out);
  return { sent, loss: history.loss as number[], score: score.value as number };
};
const refused = async (...more: string[]): Promise<string> => {
  const { out, err, code } = await here([...words, ...more]);
  expect([out, code]).toEqual(['', 2]);
  return err;
};
const two = ['--ranks', '2'];

describe('train on ranks that compress', () => {
  test('whole messages are the exact sums, but for rounding', async () => {
    const [whole, exact] = [await ran(...two, '--compress', 'identity', '--feedback', 'none'), await ran(...two)];
    whole.loss.forEach((loss, k) => {
      expect(loss).toBeCloseTo(exact.loss[k], 5);
    });
    // Eight bytes in place of four, and one for each message.
    expect(whole.sent.bytes).toBe(2 * whole.sent.whole + whole.sent.rounds);
    expect(exact.sent).toBeUndefined();
  });

  test('that the loss has risen is said, with what to do', async () => {
    const notes = async (...more: string[]): Promise<string> => {
      const { out } = await here([...words, ...two, '--compress', 'top-k=0.01', '--rate', '0.05', ...more, '--json']);
      return JSON.parse(out).data.notes.join('\n');
    };
    expect(await notes('--batch', '16')).toMatch(
      /The loss rose from .* what --compress top-k=0.01 leaves out comes too late .* try --feedback ec, or lower --rate/,
    );
    expect(await notes('--rate', '0.001', '--feedback', 'ec')).not.toContain('rose');
  });

  test('what does not fit is a sentence', async () => {
    expect(await refused('--compress', 'top-k=0.1')).toContain('--compress is for several ranks: give --ranks 2.');
    expect(await refused('--local-steps', '3')).toContain('--local-steps is for several ranks');
    expect(await refused('--ranks', 'auto', '--compress', 'sign')).toContain('in place of auto');
    expect(await refused(...two, '--compress', 'topk=1')).toContain("--compress: There is no compressor 'topk'");
    expect(await refused(...two, '--compress', 'top-k=0')).toContain('not 0');
    expect(await refused(...two, '--compress', 'qsgd=4')).toContain('take --feedback none');
    const krum = ['--aggregate', 'krum'];
    expect(await refused('--ranks', '3', ...krum)).toContain('--aggregate krum needs --faulty.');
    expect(await refused('--ranks', '3', ...krum, '--faulty', '1')).toContain(
      'Krum with --faulty 1 needs 4 workers or more, but there are 3; lower --faulty or choose another rule.',
    );
    expect(await refused(...two, '--aggregate', 'trimmed-mean', '--faulty', '1')).toContain(
      '--faulty 1 is too many for 2 workers: fewer than half of them may be faulty.',
    );
    expect(await refused(...two, '--aggregate', 'median', '--compress', 'top-k=0.1')).toContain(
      'take --feedback ec or none',
    );
    expect(await refused(...two, '--feedback', 'ec')).toContain('--feedback requires --compress');
    expect(await refused(...two, '--local-steps', '2', '--average', 'equal')).toContain('cannot be combined');
  });

  test('--events writes what happened on the simulated network', async () => {
    const network = ['--network', 'latency=1e-3,bandwidth=1e6,straggler=1:3,work=2e-3'];
    const events = at('events.json');
    const { err, out } = await here([...words, ...two, '--compress', 'sign', ...network, '--events', events, '--json']);
    const list = parseEventList(readFileSync(events, 'utf8'));
    expect(err).toContain(`Simulated: ${list.messages.length} messages`);
    expect(list.ranks.map(({ slowness }) => slowness)).toEqual([1, 3]);
    // Declared work of every step, three times as long on the straggler.
    const work = list.ranks.map(({ spans }) =>
      spans.filter(([kind]) => kind === 'work').map(([, from, to]) => to - from),
    );
    expect(work[0].length).toBe(work[1].length);
    work[0].forEach((seconds, k) => {
      expect(seconds).toBeCloseTo(2e-3, 9);
      expect(work[1][k]).toBeCloseTo(6e-3, 9);
    });
    expect(list.title).toContain('southwell train bundled:digits');
    const { history, iterations } = JSON.parse(out);
    expect([list.measure, list.marks.length]).toEqual(['loss', iterations + 1]);
    const losses = list.marks.slice(-iterations / 2).map(([, , value]) => value!);
    expect(losses.reduce((a, b) => a + b, 0) / losses.length).toBeCloseTo(history.loss[1], 1);
    // A message takes its latency, and its bytes over the bandwidth of its sender.
    for (const [from, , bytes, , began, left, arrived] of list.messages) {
      expect(left - began).toBeCloseTo((bytes / 1e6) * (from === 1 ? 3 : 1), 9);
      expect(arrived! - left).toBeGreaterThan(0.999e-3);
    }
    expect(work[0].length).toBe(iterations + 1);
    expect(await refused(...two, '--network', 'work=-1')).toContain('work takes seconds of a step, at least 0');
  });

  test('ranks that step by themselves exchange nothing but averages, the first loss and whether to stop', async () => {
    const events = at('local-events.json');
    const own = ['--network', 'latency=1e-3', '--local-steps', '6', '--compress', 'sign', '--feedback', 'ec'];
    await here([...words, ...two, ...own, '--epochs', '1', '--validation', '0', '--events', events, '--quiet']);
    const { marks, messages } = parseEventList(readFileSync(events, 'utf8'));
    // Of 14 steps, averages before the seventh and the thirteenth, and after the last.
    expect(marks).toHaveLength(15);
    const during = marks
      .slice(1)
      .map(([to], k) => messages.filter(([, , , , began]) => began > marks[k][0] && began <= to).length);
    // A collective takes four messages, an average two collectives, and the question whether to stop, which comes now and then, one.
    expect(during.flatMap((count, k) => (count >= 8 ? [k + 1] : []))).toEqual([6, 12, 14]);
    expect(during.filter((count) => count === 0).length).toBeGreaterThan(5);
  });

  test('--events records threads, which send what ranks on a simulated network send', async () => {
    const top = [...words, ...two, '--compress', 'top-k=0.1'];
    const lists = [];
    for (const network of [[], ['--network', 'latency=1e-4']]) {
      const events = at('events.json');
      const { err, out } = await here([...top, ...network, '--events', events, '--json']);
      const list = parseEventList(readFileSync(events, 'utf8'));
      expect(err).toContain(network.length > 0 ? `Simulated: ${list.messages.length} messages` : '');
      expect([list.measure, list.marks.length]).toEqual(['loss', JSON.parse(out).iterations + 1]);
      lists.push(list);
    }
    const [real, simulated] = lists;
    // Exchanges about the signal to stop depend on time, and are short.
    const sent = ({ messages }: typeof real) =>
      [0, 1].map((rank) => messages.flatMap(([from, , bytes]) => (from === rank && bytes > 64 ? [bytes] : [])));
    expect(sent(real)).toEqual(sent(simulated));
    expect(sent(real)[0].length).toBeGreaterThan(real.marks.length);
    expect(real.marks.map(([, ...mark]) => mark)).toEqual(simulated.marks.map(([, ...mark]) => mark));
    for (const { spans } of real.ranks) expect(new Set(spans.map(([kind]) => kind))).toEqual(new Set(['work', 'wait']));
    const events = at('events.json');
    const { err } = await here([...top, '--epochs', '1', '--events', events]);
    expect(err).toMatch(/Recorded: \d+ messages, \S+ MB, \S+ s; events in\s.*events\.json\./s);
    expect(await refused('--events', events)).toContain('--events needs several ranks: give --ranks as well');
    expect(await refused('--ranks', 'auto', '--events', events)).toContain('--events needs a number of ranks');
    expect(await refused(...two, '--dry-run', '--events', events)).toContain('in a --dry-run nothing does');
  });

  test('--dry-run predicts the exchanges of a simulated network', async () => {
    const network = ['--network', 'latency=1e-3,bandwidth=1e5'];
    const sign = [...two, '--compress', 'sign', '--feedback', 'ec', ...network];
    const { out } = await here([...words, ...sign, '--dry-run', '--json']);
    const predicted = JSON.parse(out);
    expect(predicted).toMatchObject({ ranks: 2, rows: 128, gradient: 4 * 610, simulated: true, exitCode: 0 });
    expect(predicted.byte).toBeCloseTo(1e-5, 7);
    for (const [time, options] of [
      [predicted.dense, [...two, ...network]],
      [predicted.asked, sign],
    ]) {
      const events = at('events.json');
      await here([...words, ...options, '--events', events, '--quiet']);
      const { marks } = parseEventList(readFileSync(events, 'utf8'));
      const steps = marks.slice(1).map(([seconds], k) => seconds - marks[k][0]);
      // Some steps are followed by an exchange about the signal to stop.
      // Before a collective, ranks compare what they ask for, in a few bytes more or less.
      expect(Math.abs(Math.min(...steps) / time.exchange - 1)).toBeLessThan(0.005);
      expect(time.step).toBeCloseTo(predicted.computing + time.coding + time.exchange, 12);
    }
    // Two messages, whose ranks agree before what they are, and 80 bytes in place of 2444.
    expect(predicted.dense.exchange - predicted.asked.exchange).toBeGreaterThan(0.015);
    expect(predicted.paysBelow).toBeGreaterThan(1e5);
    expect((await here([...words, '--dry-run'])).err).toContain('--dry-run needs several ranks');
  });
});
