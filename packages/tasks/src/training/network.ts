import { activation, dropout, type Layer, linear, sequential } from 'southwell/nn';
import { RequestError } from '../errors.ts';
import { given } from '../option.ts';
import type { TrainRequest } from './options.ts';

const USUAL = [64, 64];

/** Units of hidden layers as they were asked for; none for 0. Throws a sentence for what is no number of units. */
export function hiddenOf(asked: readonly string[] | undefined, spell: (option: string) => string): readonly number[] {
  if (!given(asked)) return USUAL;
  const units = asked!.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (units.length === 1 && units[0] === 0) return [];
  const wrong = units.findIndex((value) => !(Number.isSafeInteger(value) && value >= 1 && value <= 1e5));
  if (wrong >= 0)
    throw new RequestError(
      `${spell('hidden')} takes whole numbers from 1 to 100,000, such as 64,64, or 0 alone for no hidden layer, not '${asked![wrong]}'.`,
    );
  return units;
}

/** A perceptron: linear layers with activations between them, and dropout after these. */
export function perceptron(
  width: number,
  hidden: readonly number[],
  outputs: number,
  request: Pick<TrainRequest, 'activation' | 'dropout'>,
): Layer {
  const sizes = [width, ...hidden];
  return sequential([
    ...hidden.flatMap((units, k) => [
      linear({ in: sizes[k], out: units }),
      activation({ name: request.activation }),
      ...(request.dropout > 0 ? [dropout({ rate: request.dropout })] : []),
    ]),
    linear({ in: sizes[hidden.length], out: outputs }),
  ]);
}

/** Its layers, for people: `4 → 64 → 64 → 3, relu`. */
export function layersText({ layers }: Layer): string {
  const all = Object.values(layers as Readonly<Record<string, Layer>>);
  const linears = all.filter(({ kind }) => kind === 'linear');
  const sizes = [...linears.map((l) => l.in), linears.at(-1)?.out].join(' → ');
  const others = all.filter(({ kind }) => kind !== 'linear');
  const words = others.map((l) => (l.kind === 'dropout' ? `dropout ${l.rate}` : String(l.name)));
  return [sizes, ...new Set(words)].join(', ');
}
