/** A request that is inconsistent or incomplete. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}
