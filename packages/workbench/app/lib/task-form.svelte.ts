import {
  askedOf,
  commandWords,
  type FormValue,
  type FormValues,
  formOf,
  mainTable,
  shellLine,
  valuesOf,
} from '@southwell/tasks';
import type { TableSummary } from '../workers/summary.ts';
import type { Remedy } from '../workers/view.ts';
import { choices, verbOf } from './choices.ts';

/** The form of a task for a table: which task, what was changed in it, and the request and command that it stands for. */
export class TaskForm {
  /** The name of the data on the command line. */
  dataName = $state('');
  table = $state.raw<TableSummary | undefined>(undefined);
  verb = $state(verbOf(choices[0].tasks[0]));
  changed = $state.raw<FormValues>({});

  readonly family = $derived(choices.find((f) => f.tasks.some((t) => verbOf(t) === this.verb))!);
  readonly task = $derived(this.family.tasks.find((t) => verbOf(t) === this.verb)!);
  /** The input that the table is used for, if the task takes one. */
  readonly main = $derived(mainTable(this.task.inputs));
  readonly controls = $derived(
    this.main === undefined
      ? formOf(this.task.options, { columns: [] }, this.task.inputs)
      : this.table
        ? formOf(this.task.options, { ...this.table, data: this.dataName }, this.task.inputs)
        : [],
  );
  readonly values = $derived(valuesOf(this.controls, this.changed));
  readonly asked = $derived({
    ...(this.main !== undefined && { [this.main]: this.dataName }),
    ...askedOf(this.controls, this.values),
  });
  readonly command = $derived(shellLine(commandWords(this.task, this.asked)));

  change(name: string, value: FormValue): void {
    this.changed = { ...this.changed, [name]: value };
  }

  /** Whether the form can apply a remedy. */
  applies({ option }: Remedy): boolean {
    return this.controls.some(({ name }) => name === option);
  }
}
