export async function completeJob(): Promise<object> {
  return {};
}
