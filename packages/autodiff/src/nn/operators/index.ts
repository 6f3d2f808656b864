import { attentions } from './attention.ts';
import { bits } from './bits.ts';
import type { Operator } from './call.ts';
import { control } from './control.ts';
import { elementwise } from './elementwise.ts';
import { images } from './images.ts';
import { losses } from './losses.ts';
import { microsoft } from './microsoft.ts';
import { networks } from './networks.ts';
import { places } from './places.ts';
import { poolings } from './pooling.ts';
import { quantised } from './quantised.ts';
import { randoms } from './randoms.ts';
import { recurrents } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resize.ts';
import { sampling } from './sampling.ts';
import { selections } from './selections.ts';
import { sequences } from './sequences.ts';
import { shapes } from './shapes.ts';
import { signals } from './signals.ts';
import { nonMaxSuppression } from './suppression.ts';

const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...{
      ...elementwise,
      ...networks,
      ...images,
      ...poolings,
      ...recurrents,
      ...resizing,
      ...reductions,
      ...shapes,
      ...places,
    },
    ...{ ...quantised, ...microsoft, ...attentions, ...control, ...sequences, ...bits, ...losses, ...randoms },
    ...{ ...sampling, ...selections, ...signals, NonMaxSuppression: nonMaxSuppression },
  }),
);

/** The operator of this name; undefined if there is none. */
export const operatorOf = (name: string): Operator | undefined => operators.get(name);

/** Names of all operators of ONNX that graphs can run. */
export const operatorNames: readonly string[] = [...operators.keys()].sort();
