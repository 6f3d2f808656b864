// Module hooks that replace one export for every module that imports it.
let target;
let by;

export function initialize(data) {
  ({ target, by } = data);
}

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  // The replacement itself receives the original.
  return found.url === target && !context.parentURL?.startsWith(`${target}?replaced`)
    ? { ...found, url: `${target}?replaced` }
    : found;
}

export async function load(url, context, next) {
  if (url !== `${target}?replaced`) return next(url, context);
  const source = `import * as original from ${JSON.stringify(target)};
import list from ${JSON.stringify(by.file)};
export * from ${JSON.stringify(target)};
const { name, by } = list.find((a) => a.id === ${JSON.stringify(by.id)});
if (!(name in original)) throw new Error(${JSON.stringify(target)} + ' has no export ' + name + '.');
export const ${by.name} = by(original[name]);
`;
  return { format: 'module', source, shortCircuit: true };
}
