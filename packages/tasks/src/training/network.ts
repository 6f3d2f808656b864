import { activation, dropout, flatten, type GraphNode, type Layer, linear, sequential } from '@southwell/autodiff/nn';
import { given } from '../declaration/option.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { convolutions, filtersOf, type ImageShape } from './images.ts';
import type { TrainRequest } from './options.ts';

/** Requested hidden layer sizes; none for 0. Throws a message for invalid sizes. */
export function hiddenOf(
  asked: readonly string[] | undefined,
  usual: readonly number[],
  spell: (option: string) => string,
): readonly number[] {
  if (!given(asked)) return usual;
  const units = asked!.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (units.length === 1 && units[0] === 0) return [];
  const wrong = units.findIndex((value) => !(Number.isSafeInteger(value) && value >= 1 && value <= 1e5));
  if (wrong >= 0)
    throw new RequestError(
      `${spell('hidden')} must be whole numbers from 1 to 100,000, such as 64,64, or only 0 for no hidden layer, not '${asked![wrong]}'.`,
    );
  return units;
}

/**
 * A multilayer perceptron: linear layers with an activation and dropout between them; for images, preceded by
 * convolutions.
 */
export function networkOf(
  width: number,
  outputs: number,
  image: ImageShape | undefined,
  request: TrainRequest,
  spell: (option: string) => string,
): Layer {
  const hidden = hiddenOf(request.hidden, image ? [64] : [64, 64], spell);
  if (!image && given(request.filters))
    throw new RequestError(`${spell('filters')} is for images: give their size with ${spell('image')}.`);
  const { activation: name, dropout: rate } = request;
  const seen = image && convolutions(image, filtersOf(request.filters, spell), name);
  const sizes = [seen?.width ?? width, ...hidden];
  return sequential([
    ...(seen ? [...seen.layers, flatten()] : []),
    ...hidden.flatMap((units, k) => [
      linear({ in: sizes[k], out: units }),
      activation({ name }),
      ...(rate > 0 ? [dropout({ rate })] : []),
    ]),
    linear({ in: sizes[hidden.length], out: outputs }),
  ]);
}

/** Description of its layers, such as `4 → 64 → 64 → 3, relu`. */
export function layersText({ kind, nodes, layers }: Layer): string {
  if (kind === 'graph') return operatorsText(nodes as readonly GraphNode[]);
  const all = Object.values(layers as Readonly<Record<string, Layer>>);
  const of = (wanted: string) => all.filter(({ kind }) => kind === wanted);
  const filters = of('conv2d').map(({ out }) => out);
  const linears = of('linear');
  return [
    ...(filters.length > 0 ? [`${filters.join(', ')} filters of 3 × 3`] : []),
    [...linears.map((l) => l.in), linears.at(-1)?.out].join(' → '),
    ...new Set(of('activation').map((l) => String(l.name))),
    ...new Set(of('dropout').map((l) => `dropout ${l.rate}`)),
  ].join(', ');
}

/** Number of operators of a graph, and the first kinds of them. */
function operatorsText(nodes: readonly GraphNode[]): string {
  const kinds = [...new Set(nodes.map(({ op }) => op))];
  return `${count(nodes.length, 'operator')}: ${kinds.slice(0, 6).join(', ')}${kinds.length > 6 ? ', …' : ''}`;
}
