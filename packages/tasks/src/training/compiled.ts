import { compile, type Tensor } from '@southwell/autodiff';
import { SouthwellError } from '@southwell/numerics/core';

type Inputs = Readonly<Record<string, Tensor>>;

/** A function of named tensors, compiled; as it is if it cannot be compiled, since its shapes depend on values. */
export function compiledIfPossible<R>(plain: (inputs: Inputs) => R): (inputs: Inputs) => R {
  const compiled = compile(plain);
  return (inputs) => {
    try {
      return compiled(inputs);
    } catch (error) {
      if (error instanceof SouthwellError && error.code === 'NOT_SUPPORTED') return plain(inputs);
      throw error;
    }
  };
}
