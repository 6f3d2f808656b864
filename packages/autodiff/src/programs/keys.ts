/** Attributes as text: the same for equal ones. Numbers keep their bits. */
export function keyOfAttrs(attrs: unknown): string {
  return JSON.stringify(attrs, (_, value) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `#${Object.is(value, -0) ? '-0' : value}`
      : value,
  );
}
