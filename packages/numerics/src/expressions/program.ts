/** A program of scalar operations with several outputs, in flat arrays. */
export interface ScalarProgram {
  readonly variables: number;
  readonly outputs: Int32Array;
}
