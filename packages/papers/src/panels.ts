/**
 * The charts of experiments as data. The chart of a run, the one that ships, thumbnails, reports and the shell all take
 * axes, names, order and colours from here.
 */

export interface Axis {
  readonly label: string;
  readonly unit?: string;
  readonly log?: true;
}

/** One of the curves of a panel: its name in events or, if that is not the name in the chart, both. */
export type Series = string | { readonly id: string; readonly name: string };

/**
 * A chart. In its title and in the names of series, `{…}` stands for what depends on sizes, parameters or data:
 * `A, matrix, τ = {τ}`.
 */
export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** In the order of the legend and of the colours. */
  readonly series: readonly Series[];
  /** The curve, by its name in events, that the others are compared with. */
  readonly control?: string;
}

/** How a curve is shown. */
export interface Shown {
  readonly name: string;
  /** Place among the colours. */
  readonly colour: number;
  readonly control: boolean;
}

export interface ShownPanel<C> extends Pick<Panel, 'title' | 'x' | 'y'> {
  readonly curves: ReadonlyArray<C & Shown>;
}

/** An experiment, as far as its charts are concerned. */
interface Charted {
  readonly panels: readonly Panel[];
}

const idOf = (series: Series): string => (typeof series === 'string' ? series : series.id);

/** The constant parts of a declared name; a single one if it names no family. */
const partsOf = (declared: string): string[] => declared.split(/\{[^}]*\}/);

/** Whether a name is the declared one, or one of its family. */
function matches(declared: string, name: string): boolean {
  const parts = partsOf(declared);
  if (parts.length === 1) return declared === name;
  const [first, last] = [parts[0], parts[parts.length - 1]];
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

/** The one that has the name itself, or otherwise that of its families that has most in common with it. */
function named<T>(list: readonly T[], of: (one: T) => string, name: string): T | undefined {
  const families = list.filter((one) => matches(of(one), name));
  const common = (one: T) => partsOf(of(one)).join('').length;
  return list.find((one) => of(one) === name) ?? families.toSorted((a, b) => common(b) - common(a))[0];
}

/** The declaration of a panel by its title in events. */
export const panelOf = ({ panels }: Charted, title: string): Panel | undefined => named(panels, (p) => p.title, title);

/** Whether the panel declares the series. */
export const declares = (panel: Panel, series: string): boolean => named(panel.series, idOf, series) !== undefined;

/**
 * How the curves of a panel are shown, given the names of all that it has so far. A curve that is declared by its own
 * name has its place among the colours whatever else has arrived; members of families, and curves that are not declared
 * as they were stored by an earlier version, come after these in order of appearance.
 */
export function shownOf(panel: Panel | undefined, names: readonly string[]): ReadonlyMap<string, Shown> {
  const series = panel?.series ?? [];
  const own = series.filter((one) => !idOf(one).includes('{'));
  const places = new Map(own.map((one, k) => [idOf(one), k]));
  const rest = names.filter((name) => !places.has(name));
  const shown = names.map((id): [string, Shown] => {
    const found = series.find((one) => idOf(one) === id);
    const name = found === undefined || typeof found === 'string' ? id : found.name;
    return [id, { name, colour: places.get(id) ?? own.length + rest.indexOf(id), control: panel?.control === id }];
  });
  return new Map(shown.sort(([, a], [, b]) => a.colour - b.colour));
}

/** The panels of a run in the order of their declarations, and their curves in that of the colours. */
export function shownPanels<C extends { readonly panel: string; readonly series: string }>(
  experiment: Charted | undefined,
  curves: readonly C[],
): Array<ShownPanel<C>> {
  const titles = [...new Set(curves.map((c) => c.panel))];
  const place = (panel: Panel | undefined) => (panel ? experiment!.panels.indexOf(panel) : Number.POSITIVE_INFINITY);
  return titles
    .map((title) => ({ title, panel: experiment && panelOf(experiment, title) }))
    .sort((a, b) => (a.panel === b.panel ? 0 : place(a.panel) - place(b.panel)))
    .map(({ title, panel }) => {
      const own = curves.filter((c) => c.panel === title);
      const shown = shownOf(
        panel,
        own.map((c) => c.series),
      );
      const inOrder = Array.from(shown, ([series, how]) => ({ ...own.find((c) => c.series === series)!, ...how }));
      return { title, x: panel?.x ?? { label: 'x' }, y: panel?.y ?? { label: 'y' }, curves: inOrder };
    });
}

/** The label of an axis with its unit. */
export const axisText = ({ label, unit }: Axis): string => (unit === undefined ? label : `${label} (${unit})`);
