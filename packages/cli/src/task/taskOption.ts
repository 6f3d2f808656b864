import { Option } from 'commander';

/** An option made from a declaration, with its completions. */
export class TaskOption extends Option {
  constructor(
    flags: string,
    description: string,
    /** Its name in requests. */
    readonly key: string,
    readonly values: readonly string[] = [],
    /** The description in short help, if another. */
    readonly brief: string = description,
  ) {
    super(flags, description);
  }

  override attributeName(): string {
    return this.key;
  }
}
