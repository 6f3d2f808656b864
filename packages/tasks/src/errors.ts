/** A request that contradicts itself, or lacks something. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}
