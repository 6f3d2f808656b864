import { loadBundledDust, readTable, type Table } from '@southwell/data';
import { type WlsClient, wlsReference } from 'southwell/distributed-methods';
import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';

const stations = ['Dongsi', 'Dingling'] as const;

export const air: Part = {
  id: 'beijing_air',
  title: 'hourly air and weather of Beijing from 2013 to 2017',
  files: stations.map((station) => `PRSA_Data_${station}_20130301-20170228.csv`),
  from: 'https://archive.ics.uci.edu/dataset/501/beijing+multi+site+air+quality+data',
};

export const islr: Part = {
  id: 'islr',
  title: 'tables of the R package ISLR as CSV',
  files: ['College.csv.gz', 'Hitters.csv.gz', 'Caravan.csv.gz'],
  from: 'https://cran.r-project.org/package=ISLR',
};

/** Clients of a table, with columns centred and scaled over all of them. */
export interface Federation {
  readonly clients: readonly WlsClient[];
  readonly best: Float64Array;
}

/** A row: whose it is, its features and its target. */
interface Row {
  readonly client: string;
  readonly x: readonly number[];
  readonly y: number;
}

/** Rows without gaps by client, centred and scaled; columns that are constant are left out. */
export function federationOf(rows: readonly Row[]): Federation {
  const whole = rows.filter(({ x, y }) => [...x, y].every(Number.isFinite));
  const scaled = (of: (row: Row) => number) => {
    const values = whole.map(of);
    if (values.every((v) => v === values[0])) return undefined;
    const mean = values.reduce((sum, v) => sum + v / values.length, 0);
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2 / values.length, 0));
    return values.map((v) => (v - mean) / deviation);
  };
  const columns = whole[0].x.map((_, j) => scaled(({ x }) => x[j])).filter((column) => column !== undefined);
  const target = scaled(({ y }) => y)!;
  const groups = new Map<string, number[]>();
  for (const [i, { client }] of whole.entries()) groups.set(client, [...(groups.get(client) ?? []), i]);
  const clients = [...groups.values()].map(
    (own): WlsClient => ({
      X: own.map((i) => Float64Array.from(columns, (column) => column[i])),
      y: own.map((i) => target[i]),
    }),
  );
  return { clients, best: wlsReference(clients).w };
}

/** A column as numbers; of words, whether they are the last in alphabetical order. */
function numbersOf({ columns }: Table, name: string): ArrayLike<number> {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`There is no column ${name}.`);
  if (column.type === 'number') return column.values;
  if (column.type !== 'category') throw new Error(`The column ${name} holds texts.`);
  const last = column.levels.indexOf([...column.levels].sort().at(-1)!);
  return Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : code === last ? 1 : 0));
}

/** Sines and cosines of the hour of the day, and of half of it. */
const daily = (hour: number): number[] =>
  [1, 2].flatMap((k) => [Math.sin((Math.PI * k * hour) / 12), Math.cos((Math.PI * k * hour) / 12)]);

/** Dust at two stations, after that of the hour and of the day before; a client is a station in a week. */
async function dust(): Promise<Federation> {
  const table = await loadBundledDust();
  const [day, hour] = ['day', 'hour'].map((name) => numbersOf(table, name));
  return federationOf(
    stations.flatMap((station) => {
      const logs = Array.from(numbersOf(table, station.toLowerCase()), (v) => Math.log(1 + v));
      return logs.map((y, i) => ({
        client: `${station} ${Math.floor(day[i] / 7)}`,
        x: [logs[i - 1] ?? Number.NaN, logs[i - 24] ?? Number.NaN, ...daily(hour[i])],
        y,
      }));
    }),
  );
}

const gases = ['SO2', 'NO2', 'CO', 'O3'] as const;
const weather = ['TEMP', 'PRES', 'DEWP', 'WSPM'] as const;

/** Fine dust at two stations from gases and the weather; a client is a station in a month. */
async function hourly(context: ExperimentContext): Promise<Federation> {
  const files = await filesOf(air, context);
  const rows: Row[] = [];
  for (const [k, station] of stations.entries()) {
    const name = air.files[k];
    const table = await readTable(files.get(name)!, { name });
    const [year, month, hour, fine] = ['year', 'month', 'hour', 'PM2.5'].map((one) => numbersOf(table, one));
    const logs = gases.map((one) => Array.from(numbersOf(table, one), (v) => Math.log(1 + v)));
    const others = weather.map((one) => numbersOf(table, one));
    for (let i = 0; i < fine.length; i++)
      rows.push({
        client: `${station} ${year[i]} ${month[i]}`,
        x: [...logs.map((values) => values[i]), ...others.map((values) => values[i]), ...daily(hour[i])],
        y: Math.log(1 + fine[i]),
      });
  }
  return federationOf(rows);
}

/** Targets of the tables of ISLR, and whether their logarithm is taken. */
const targets = {
  College: { target: 'Apps', logarithm: true, clients: 20 },
  Hitters: { target: 'Salary', logarithm: true, clients: 10 },
  Caravan: { target: 'Purchase', logarithm: false, clients: 50 },
} as const;

/** Clients with equally many consecutive rows of a table, of which all other columns are features. */
async function consecutive(name: keyof typeof targets, context: ExperimentContext): Promise<Federation> {
  const { target, logarithm, clients } = targets[name];
  const file = `${name}.csv.gz`;
  const table = await readTable((await filesOf(islr, context)).get(file)!, { name: file });
  const features = table.columns.filter((column) => column.name !== target).map((one) => numbersOf(table, one.name));
  const y = Array.from(numbersOf(table, target), (v) => (logarithm ? Math.log(v) : v));
  return federationOf(
    y.map((value, i) => ({
      client: String(Math.floor((i * clients) / table.rows)),
      x: features.map((values) => values[i]),
      y: value,
    })),
  );
}

export const tables = {
  dust,
  air: hourly,
  College: (context) => consecutive('College', context),
  Hitters: (context) => consecutive('Hitters', context),
  Caravan: (context) => consecutive('Caravan', context),
} as const satisfies Readonly<Record<string, (context: ExperimentContext) => Promise<Federation>>>;
export type TableName = keyof typeof tables;
