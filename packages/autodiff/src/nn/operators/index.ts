import type { Operator } from './call.ts';
import { control } from './control.ts';
import { elementwise } from './elementwise.ts';
import { images } from './images.ts';
import { microsoft } from './microsoft.ts';
import { networks } from './networks.ts';
import { places } from './places.ts';
import { quantised } from './quantised.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resize.ts';
import { sequences } from './sequences.ts';
import { shapes } from './shapes.ts';
import { nonMaxSuppression } from './suppression.ts';

const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...{ ...elementwise, ...networks, ...images, ...resizing, ...reductions, ...shapes, ...places },
    ...{ ...quantised, ...microsoft, ...control, ...sequences, NonMaxSuppression: nonMaxSuppression },
  }),
);

/** The operator of this name; undefined if there is none. */
export const operatorOf = (name: string): Operator | undefined => operators.get(name);

/** Names of all operators of ONNX that graphs can run. */
export const operatorNames: readonly string[] = [...operators.keys()].sort();
