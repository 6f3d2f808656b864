import { fail } from '@southwell/numerics/core';
import type { Layer } from '../layer.ts';
import type { StoredTensor } from '../stored.ts';

// The configurations of Hugging Face: an object whose values are checked where they are used.

/** What a configuration says. */
export interface Architecture {
  readonly layer: Layer;
  readonly vocabulary: number;
  readonly context: number;
  readonly gives: 'logits' | 'values';
  /** The name of a tensor of the file as a parameter; undefined if it is none. */
  rename(name: string): string | undefined;
  /** Tensors that files have beside the parameters, and that are not needed. */
  readonly needless: RegExp;
  /** Changes tensors, by their new names, to what the layer takes. */
  adjust?(tensors: Readonly<Record<string, StoredTensor>>): Readonly<Record<string, StoredTensor>>;
}

/** Reads values of a configuration. */
export class Config {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  /**
   * A whole number of at least 1, under the first of several names that is there.
   * @throws INVALID_FORMAT if there is none, or another value.
   */
  count(...names: readonly string[]): number {
    const found = this.optionalCount(...names);
    if (found === undefined) fail('INVALID_FORMAT', `The configuration has no '${names[0]}'.`);
    return found;
  }

  /**
   * As {@link count}, or undefined if there is none.
   * @throws INVALID_FORMAT for another value.
   */
  optionalCount(...names: readonly string[]): number | undefined {
    for (const name of names) {
      const value = this.values[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
        fail(
          'INVALID_FORMAT',
          `'${name}' of the configuration must be a whole number of at least 1, not ${JSON.stringify(value)}.`,
        );
      return value;
    }
    return undefined;
  }

  /**
   * A number of at least 0.
   * @throws INVALID_FORMAT for another value.
   */
  number(name: string, fallback: number): number {
    const value = this.values[name] ?? fallback;
    return typeof value === 'number' && value >= 0
      ? value
      : fail('INVALID_FORMAT', `'${name}' of the configuration must be a number, not ${JSON.stringify(value)}.`);
  }

  flag(name: string, fallback: boolean): boolean {
    return Boolean(this.values[name] ?? fallback);
  }

  text(name: string, fallback: string): string {
    return String(this.values[name] ?? fallback);
  }

  inside(name: string): Config | undefined {
    const value = this.values[name];
    return typeof value === 'object' && value !== null
      ? new Config(value as Readonly<Record<string, unknown>>)
      : undefined;
  }

  /**
   * Says that something that the configuration asks for is not supported.
   * @throws NOT_SUPPORTED.
   */
  unsupported(name: string): never {
    return fail(
      'NOT_SUPPORTED',
      `The configuration asks for ${name} ${JSON.stringify(this.values[name])}, which is not supported.`,
    );
  }
}
