/** What all verbs of the group need to know. */
export interface FactorCommands {
  /** What data may be, for help. */
  readonly what: string;
  readonly formats: readonly string[];
  readonly argv: readonly string[];
  readonly end: (code: number) => void;
}
