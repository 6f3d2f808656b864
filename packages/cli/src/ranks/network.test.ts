import { describe, expect, test } from 'vitest';
import { agreesWithOne, networkFile } from '../testing/network.ts';
import { workshop } from '../testing.ts';
import { networkOf } from './network.ts';

const shop = workshop();
const { file, here } = shop;
networkFile(file);

describe('jobs over a simulated network say what one rank says', () => {
  test.each<readonly string[]>([
    ['fit', 't.csv', '--target', 'y', '--cv', '3', '--n-alphas', '8'],
    ['minimize', 'sphere', '--dim', '2', '--budget', '40', '--seed', '1'],
  ])('%s %s', (...args) => agreesWithOne(shop, args, ['2']));

  test('a rank that stops, or a link that goes down, is told, by its code', async () => {
    const fit = ['fit', 't.csv', '--target', 'y', '--alpha', '0.1', '--ranks', '3'];
    const stopped = await here([...fit, '--network', 'stopped=1:1e-5']);
    expect([stopped.code, stopped.err]).toEqual([4, expect.stringMatching(/rank 1 has not responded/)]);
    const down = await here([...fit, '--network', 'down=0-1:0']);
    expect(down.code).toBe(4);
  });

  test('links that come back change no bit', async () => {
    const fit = ['fit', 't.csv', '--target', 'y', '--alpha', '0.1', '--json'];
    const coefficients = async (...more: string[]) => {
      const { code, out } = await here([...fit, ...more]);
      expect(code).toBe(0);
      return JSON.parse(out).coefficients;
    };
    const network = 'down=0-1:0-1e-3,failures=exponential:1e-3/exponential:1e-3';
    expect(await coefficients('--ranks', '2', '--network', network)).toEqual(await coefficients());
  });
});

test('settings are read, and mistakes told', async () => {
  expect(networkOf('latency=5e-5, loss=0.1,retransmit=never,straggler=1:4,straggler=2:2,down=0-1:0.2')).toEqual({
    ...{ latency: 5e-5, loss: 0.1, retransmit: false, stragglers: { 1: 4, 2: 2 } },
    down: [{ between: [0, 1], at: 0.2 }],
  });
  expect(() => networkOf('latncy=3')).toThrow(/not latncy; did you mean latency\?/);
  expect(() => networkOf('latency=fast')).toThrow('--network latency=fast: fast is not a number.');
  expect(networkOf('down=0-1:1e-3-2e-2,failures=exponential:1/log-normal:0.1:0.5')).toEqual({
    down: [{ between: [0, 1], at: 1e-3, until: 2e-2, messages: 'delayed' }],
    failures: {
      up: { kind: 'exponential', mean: 1 },
      down: { kind: 'log-normal', median: 0.1, sigma: 0.5 },
      messages: 'delayed',
    },
  });
  expect(() => networkOf('straggler=3')).toThrow('straggler takes a rank and a number, straggler=1:4.');
  expect(() => networkOf('down=3:1')).toThrow(
    'down takes two ranks and a time or two, down=0-1:0.2 or down=0-1:0.2-0.5.',
  );
  expect(() => networkOf('failures=pareto:1/constant:1')).toThrow(
    'pareto takes minimum and shape, pareto:minimum:shape.',
  );
  expect(() => networkOf('failures=constant:1')).toThrow('failures takes two distributions, of the times up and down,');
  const { code, err } = await here(['fit', 't.csv', '--target', 'y', '--network', 'loss=0.1']);
  expect([code, err]).toEqual([2, expect.stringMatching(/--network needs several ranks/)]);
  const range = await here(['fit', 't.csv', '--target', 'y', '--ranks', '2', '--network', 'loss=2']);
  expect([range.code, range.err]).toEqual([2, expect.stringMatching(/probability of loss/)]);
});
