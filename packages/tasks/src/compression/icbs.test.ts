import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { expect, test } from 'vitest';
import { Stages } from '../checkpoints.ts';
import type { TaskTools } from '../declaration/task.ts';
import type { ModelNetwork, NetworkBatch } from '../saved-model.ts';
import { icbsMasks } from './icbs.ts';
import type { CompressRequest } from './options.ts';

const layer = nn.sequential([nn.linear({ in: 8, out: 16 }), nn.relu(), nn.linear({ in: 16, out: 3 })]);
const parameters = nn.init(layer, ad.randomKey(1));
const network = {
  parameters,
  gives: 'classes',
  apply: (p: nn.Parameters, { x }: NetworkBatch['inputs']) => nn.apply(layer, p, x),
} as unknown as ModelNetwork;
const x = ad.randomNormal(ad.randomKey(2), [90, 8], 'f32');
const labels = ad.argmax(nn.apply(layer, parameters, x), -1).data();
const half = (from: number, to: number, known = true): NetworkBatch => ({
  inputs: { x: ad.slice(x, [from, to]) },
  labels: known ? labels.slice(from, to) : new Float64Array(to - from).fill(-1),
});
const batches = [half(0, 40), half(40, 80), half(80, 90, false)];
const request = { model: 'net', method: 'icbs', density: 0.25, steps: 8, seed: 1 } as unknown as CompressRequest;
const none = (): boolean => false;
const toolsOf = (progress: (text: string) => void, signal = new AbortController().signal): TaskTools =>
  ({ signal, spell: (name: string) => `--${name}`, progress: (p: { text: string }) => progress(p.text) }) as never;

test('a run that is stopped keeps its masks, and goes on with the same bits', async () => {
  const whole = await icbsMasks(network, batches, request, none, new Stages('t', '', undefined), toolsOf(none));
  expect([whole.completed, whole.notes]).toEqual([true, []]);
  const counts = Object.fromEntries(Object.entries(whole.masks).map(([n, m]) => [n, m.reduce((a, b) => a + b, 0)]));
  expect(counts).toEqual({ '0.weight': 32, '2.weight': 12 });

  let text: string | undefined;
  const stages = (): Stages =>
    new Stages('t', '', { name: 'state', every: 0, text, write: (now: string) => (text = now) } as never);
  const controller = new AbortController();
  const stop = (said: string): void => {
    if (said.startsWith('block 3 ')) controller.abort();
  };
  const stopped = await icbsMasks(network, batches, request, none, stages(), toolsOf(stop, controller.signal));
  expect(stopped.completed).toBe(false);
  expect(stopped.notes[0]).toMatch(/^The choice of weights was stopped after [34] of 8 blocks\.$/);
  const rest = await icbsMasks(network, batches, request, none, stages(), toolsOf(none));
  expect(rest.completed).toBe(true);
  expect(rest.masks).toEqual(whole.masks);
});

test('rows without a class do not count; without any there is no loss', async () => {
  const tools = toolsOf(none);
  const of = (own: readonly NetworkBatch[]) =>
    icbsMasks(network, own, request, none, new Stages('t', '', undefined), tools);
  expect((await of(batches)).masks).toEqual((await of(batches.slice(0, 2))).masks);
  await expect(of([half(0, 40, false)])).rejects.toThrow('--calib must have the column that it predicts');
  const unknown = { ...network, gives: 'unknown' } as ModelNetwork;
  const masks = icbsMasks(unknown, batches, request, none, new Stages('t', '', undefined), tools);
  await expect(masks).rejects.toThrow('does not say what its outputs are');
});
