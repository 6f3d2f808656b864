// A typedoc plugin: modules are named as they are imported, pages by their first heading.
import { Converter, ReflectionKind } from 'typedoc';

const NAMES = [
  [/^southwell\/src$/, 'southwell'],
  [/^southwell\/src\/(.*)$/, 'southwell/$1'],
  [/^([a-z]+)\/src$/, '@southwell/$1'],
  [/^([a-z]+)\/src\/(.*)$/, '@southwell/$1/$2'],
];

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const [pattern, name] = NAMES.find(([p]) => p.test(module.name)) ?? [];
      if (pattern) module.name = module.name.replace(pattern, name).replace(/\/index$/, '');
    }
    for (const page of project.getReflectionsByKind(ReflectionKind.Document)) {
      const [first, ...rest] = page.content;
      const heading = /^# (.*)\n/.exec(first.text);
      if (!heading) continue;
      page.name = heading[1].replaceAll('`', '');
      page.content = [{ ...first, text: first.text.slice(heading[0].length) }, ...rest];
    }
  });
}
