/** Jobs on ranks connected by a simulated network. */
import { Random } from 'southwell';
import { expect } from 'vitest';
import type { workshop } from '../testing.ts';

type Workshop = ReturnType<typeof workshop>;

const random = new Random(3);
const rows = Array.from({ length: 240 }, () => {
  const [a, b, c] = [random.normal(), random.normal(), random.normal()];
  return [a, b, c, a - 2 * b + 0.3 * random.normal()].map((v) => v.toFixed(4)).join();
});

const network = 'latency=1e-4,jitter=1e-4,bandwidth=1e8,loss=0.05,straggler=1:3,seed=2';
const plain = (json: string) =>
  JSON.parse(json, (key, value) => (['seconds', 'command', 'trace'].includes(key) ? undefined : value));

export const networkFile = (file: Workshop['file']) => file('t.csv', `a,b,c,y\n${rows.join('\n')}\n`);

/** Checks that ranks over that network give the result of one rank. */
export async function agreesWithOne(
  { here }: Workshop,
  args: readonly string[],
  counts: readonly string[],
): Promise<void> {
  const one = await here([...args, '--json', '--ranks', '1']);
  for (const ranks of counts) {
    const { code, err, out } = await here([...args, '--json', '--ranks', ranks, '--network', network]);
    expect(err).toMatch(/^Simulated: [\d,]+ messages, .* s on the network\.\n$/);
    expect(code).toBe(one.code);
    expect(plain(out)).toEqual(plain(one.out));
  }
}
