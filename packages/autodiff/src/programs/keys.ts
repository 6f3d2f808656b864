/** Attributes as a text key, the same for equal attributes. Numbers are represented exactly. */
export function keyOfAttrs(attrs: unknown): string {
  return JSON.stringify(attrs, (_, value) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `#${Object.is(value, -0) ? '-0' : value}`
      : value,
  );
}
