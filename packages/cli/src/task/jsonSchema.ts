import { heldBy, keys, spelled, type Task } from '@southwell/tasks';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

/** The JSON schema of what a task prints with `--json`. */
export function jsonSchema(task: Task): object {
  const outputs = Object.entries(task.outputs);
  const [never, written] = [false, true].map((w) => outputs.flatMap(([, output]) => heldBy(output, w)));
  const shown = Object.entries(task.result.entries)
    .filter(([name]) => !never.includes(name))
    .map(([name, entry]) => [name, written.includes(name) ? v.optional(entry) : entry] as const);
  const files = outputs.flatMap(([name, output]) => {
    const { json, about } = output;
    const path = v.optional(v.pipe(v.string(), v.description(`The file that was written: ${about}.`)));
    if (!('columns' in output)) return [[output.json, path] as const];
    const columns = v.record(v.string(), v.array(v.nullable(v.union([v.number(), v.string()]))));
    const described = v.pipe(columns, v.description(`By name: ${about}. Absent if it was written to a file.`));
    return [...(typeof json === 'string' ? [[json, v.optional(described)] as const] : []), [name, path] as const];
  });
  const document = v.object({
    southwell: v.pipe(v.literal(1), v.description('The version of this format.')),
    ...Object.fromEntries([...shown, ...files]),
    accelerator: v.optional(
      v.pipe(v.string(), v.description('The accelerator library for dense products, if one was requested.')),
    ),
    next: v.optional(v.pipe(v.string(), v.description('What to try next if it did not finish.'))),
    exitCode: v.pipe(v.picklist([0, 2, 3]), v.description('The exit code of the command.')),
  });
  return {
    title: `southwell ${(task.called ?? task.verb).join(' ')} --json`,
    description: spelled(task.about, task.options, keys.option),
    ...toJsonSchema(document),
  };
}
