import type { ActivationName } from '../layers/activation.ts';
import type { Config } from './config.ts';

const NAMES: Readonly<Record<string, ActivationName>> = {
  ...{ gelu: 'gelu', gelu_new: 'gelu-tanh', gelu_pytorch_tanh: 'gelu-tanh', gelu_fast: 'gelu-tanh' },
  ...{ relu: 'relu', silu: 'silu', swish: 'silu', tanh: 'tanh' },
};

/**
 * The activation that a configuration names.
 * @throws NOT_SUPPORTED for others.
 */
export function activationOf(config: Config, name: string, fallback: string): ActivationName {
  return NAMES[config.text(name, fallback)] ?? config.unsupported(name);
}
