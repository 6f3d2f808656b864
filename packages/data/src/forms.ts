/** How the numbers of a column are written, if not as plain numbers: with a unit, or as dates. Plain JSON. */
export type NumberForm = UnitForm | DateForm;

export interface UnitForm {
  /** A sign or a code: %, $, EUR. */
  readonly unit: string;
  /** The decimal mark, if it is a comma; thousands are then separated by points. */
  readonly decimal?: ',';
}

export interface DateForm {
  /** Order of year, month and day. */
  readonly date: DateOrder;
  /** Whether some have a time: numbers are then seconds rather than days. */
  readonly time?: true;
}

export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/** A part of a date as a column of its own. */
export interface DatePart {
  /** The column of dates. */
  readonly of: string;
  readonly as: DatePartName;
  readonly form: DateForm;
}

export type DatePartName = 'year' | 'month' | 'day' | 'weekday' | 'hour';

/** Signs of currencies, and those that consist of letters. */
const SIGNS = '[$€£¥₩₹₽₺₴₪₫₱฿₦₡₲₵]|(?:US|AU?|CA?|NZ|HK|S|R|MX)\\$|kr\\.?|zł|Kč|Ft|Fr\\.?|R\\$';
/** Codes of ISO 4217 in wide use. */
const CODES =
  'AED|ARS|AUD|BDT|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KES|KRW|LKR|MAD|MXN|MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|QAR|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR';
const UNIT = `%|${SIGNS}|${CODES}`;
const [POINT, COMMA] = ['(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?', '(?:\\d{1,3}(?:\\.\\d{3})+|\\d+)(?:,\\d+)?'];
const BODY = '[\\d.,]*\\d';
/** A sign, a unit before or after the number, or an amount in parentheses, which is negative. */
const AMOUNT = new RegExp(
  `^(\\()?([+\\-−]?)\\s*(?:(${UNIT})\\s*([+\\-−]?)(${BODY})|(${BODY})\\s*(${UNIT}))(\\))?$`,
  'u',
);
const NUMBER = { '.': new RegExp(`^(?:${POINT}|\\.\\d+)$`), ',': new RegExp(`^(?:${COMMA}|,\\d+)$`) };

type Mark = '.' | ',';

/** An amount with a unit, its digits as written. */
interface Amount {
  readonly unit: string;
  readonly digits: string;
  readonly negative: boolean;
}

/** What may begin a date or an amount: tested first, because most texts are neither. */
const BEGINS = /^[\d(+\-−.$€£¥₩₹₽₺₴₪₫₱฿₦₡₲₵A-Zkz]/u;

function amountIn(word: string): Amount | undefined {
  const found = AMOUNT.exec(word);
  if (!found) return undefined;
  const [, open, sign, before, inner, first, second, after, close] = found;
  if ((open === undefined) !== (close === undefined) || (sign && inner) || (open && (sign || inner))) return undefined;
  const negative = open !== undefined || /[-−]/.test(sign || inner || '');
  return { unit: before ?? after, digits: first ?? second, negative };
}

const amountOf = ({ digits, negative }: Amount, mark: Mark): number => {
  if (!NUMBER[mark].test(digits)) return Number.NaN;
  const plain = mark === '.' ? digits.replaceAll(',', '') : digits.replaceAll('.', '').replace(',', '.');
  return negative ? -Number(plain) : Number(plain);
};

/** Year, month, day and seconds of a day, in the order of a date. */
interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly time?: number;
}

const TIME =
  '(?:[T ]\\s*(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?\\s*([AaPp][Mm])?\\s*(Z|UTC|[+-]\\d{2}:?\\d{2})?)?';
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${TIME}$`);

const DAY = 86_400;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : DAYS[month - 1];

/** The fields of a date as written, before their order is known. */
interface Fields {
  readonly yearFirst: boolean;
  readonly numbers: readonly [number, number, number];
  readonly points: boolean;
  /** Seconds since midnight UTC. */
  readonly time?: number;
}

const isDigit = (word: string, at: number): boolean => {
  const code = word.charCodeAt(at);
  return code >= 48 && code <= 57;
};

function fieldsIn(word: string): Fields | undefined {
  // Tested first, because most words are no dates.
  if (word.length < 8 || !isDigit(word, 0)) return undefined;
  const yearFirst = isDigit(word, 2) && isDigit(word, 3) && !isDigit(word, 4);
  const found = (yearFirst ? YEAR_FIRST : YEAR_LAST).exec(word);
  if (!found) return undefined;
  const [, a, separator, b, c, hours, minutes, seconds, fraction, half, zone] = found;
  const date = { yearFirst, numbers: [Number(a), Number(b), Number(c)] as const, points: separator === '.' };
  if (hours === undefined) return date;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59 || (half && Number(hours) > 12)) return undefined;
  const [, sign, zoneHours, zoneMinutes] = (zone && /^([+-])(\d{2}):?(\d{2})$/.exec(zone)) || [];
  const offset =
    sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(zoneHours) * 3600 + Number(zoneMinutes) * 60);
  const of = Number(seconds ?? 0) + (fraction === undefined ? 0 : Number(`0.${fraction}`));
  return { ...date, time: hour * 3600 + Number(minutes) * 60 + of - offset };
}

/** A date in the Gregorian calendar; undefined if there is none such in this order. */
function momentOf({ yearFirst, numbers: [a, b, c], points, time }: Fields, order: DateOrder): Moment | undefined {
  // With points, the month is never first.
  if (yearFirst !== (order === 'ymd') || (points && order === 'mdy')) return undefined;
  const [year, month, day] = order === 'ymd' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  return { year, month, day, time };
}

/** Days since 1970-01-01 in the Gregorian calendar. */
function daysOf({ year, month, day }: Moment): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / (1000 * DAY));
}

/** The number that a word stands for in a form; NaN if it has another form. */
export function numberIn(word: string, form: NumberForm): number {
  if ('unit' in form) {
    const amount = amountIn(word.trim());
    return amount?.unit === form.unit ? amountOf(amount, form.decimal ?? '.') : Number.NaN;
  }
  const fields = fieldsIn(word.trim());
  const moment = fields && momentOf(fields, form.date);
  if (!moment) return Number.NaN;
  const days = daysOf(moment);
  if (form.time) return days * DAY + (moment.time ?? 0);
  return moment.time === undefined ? days : days + moment.time / DAY;
}

/** What of a column is written with units or as dates, as plain data; that of all rows is the sum over parts. */
export interface FormEvidence {
  /** Number of amounts of each unit, and how many are numbers with a decimal point and with a decimal comma. */
  readonly units: ReadonlyArray<{
    readonly unit: string;
    readonly word: string;
    readonly count: number;
    readonly point: number;
    readonly comma: number;
    /** Separators that may be either, as in 1,234 and 1.234. */
    readonly either: string;
  }>;
  /** Number of dates that can be read in each order. */
  readonly dates: { readonly ymd: number; readonly dmy: number; readonly mdy: number };
  /** The first date, and whether some have a time. */
  readonly date?: string;
  readonly time: boolean;
}

/** Number of texts after which a column without amounts and dates is known to have none. */
const LOOK = 1000;
const ORDER = ['ymd', 'dmy', 'mdy'] as const;
const EITHER = /^[1-9]\d{0,2}([.,])\d{3}$/;

/** The evidence of words that occur `counts` times; undefined if there is none. O(words). */
export function formsIn(words: readonly string[], counts: ArrayLike<number>): FormEvidence | undefined {
  const units = new Map<
    string,
    { unit: string; word: string; count: number; point: number; comma: number; either: string }
  >();
  const dates = { ymd: 0, dmy: 0, mdy: 0 };
  let first: string | undefined;
  let time = false;
  let tried = 0;
  for (let k = 0; k < words.length; k++) {
    const [word, count] = [words[k].trim(), counts[k]];
    if (count === 0) continue;
    // A column whose first texts have no form has none.
    if (++tried > LOOK && units.size === 0 && first === undefined) return undefined;
    if (word.length > 40 || !BEGINS.test(word)) continue;
    const fields = fieldsIn(word);
    for (const order of ORDER) {
      if (!fields || !momentOf(fields, order)) continue;
      dates[order] += count;
      first ??= word;
      time ||= fields.time !== undefined;
    }
    const amount = fields ? undefined : amountIn(word);
    if (!amount) continue;
    const { unit, digits } = amount;
    const one = units.get(unit) ?? { unit, word, count: 0, point: 0, comma: 0, either: '' };
    units.set(unit, one);
    // One that shows what becomes of the number.
    if (!/[1-9]/.test(one.word)) one.word = word;
    one.count += count;
    if (NUMBER['.'].test(digits)) one.point += count;
    if (NUMBER[','].test(digits)) one.comma += count;
    const [, separator] = EITHER.exec(digits) ?? [];
    if (separator !== undefined && !one.either.includes(separator)) one.either += separator;
  }
  if (units.size === 0 && first === undefined) return undefined;
  return { units: [...units.values()], dates, ...(first !== undefined && { date: first }), time };
}

/** The evidence of all parts. */
function summed(parts: readonly FormEvidence[]): FormEvidence {
  const units = new Map<string, FormEvidence['units'][number]>();
  const dates = { ymd: 0, dmy: 0, mdy: 0 };
  for (const part of parts) {
    for (const one of part.units) {
      const sum = units.get(one.unit);
      const either = [...new Set([...(sum?.either ?? ''), ...one.either])].join('');
      units.set(
        one.unit,
        sum
          ? { ...sum, count: sum.count + one.count, point: sum.point + one.point, comma: sum.comma + one.comma, either }
          : one,
      );
    }
    for (const order of ORDER) dates[order] += part.dates[order];
  }
  const date = parts.find((part) => part.date !== undefined)?.date;
  return { units: [...units.values()], dates, ...(date && { date }), time: parts.some((part) => part.time) };
}

/** A form of a column, with a note; or only a note, on why the column has none. */
export interface FormDecision {
  readonly form?: NumberForm;
  readonly why?: string;
  readonly note: string;
}

/** What decides where the values alone do not. */
export interface FormHints {
  readonly decimal?: Mark;
  /** Whether the decimal mark was asked for rather than found. */
  readonly asked?: boolean;
  readonly dateOrder?: 'dmy' | 'mdy';
  readonly spell: (option: string) => string;
}

/** Share of amounts or dates from which on a column that has other values too is told of. */
const MOST = 0.5;

/**
 * The form in which all of `known` values of a column are written, whatever the parts; undefined if the column is none
 * of amounts or dates.
 */
export function decideForm(
  name: string,
  parts: readonly FormEvidence[],
  known: number,
  hints: FormHints,
): FormDecision | undefined {
  if (parts.length === 0) return undefined;
  const all = summed(parts);
  const column = `Column '${name}'`;
  const amounts = all.units.reduce((sum, { count }) => sum + count, 0);
  if (amounts > 0) {
    if (amounts < MOST * known) return undefined;
    if (all.units.length > 1) {
      const [one, other] = all.units;
      const words = `such as ${JSON.stringify(one.word)} and ${JSON.stringify(other.word)}`;
      return { note: `${column} has amounts in different units, ${words}, and is taken as text: convert them to one.` };
    }
    const [unit] = all.units;
    if (amounts < known) {
      const words = `such as ${JSON.stringify(unit.word)}, in ${amounts} of ${known} values`;
      return { note: `${column} has amounts in ${unit.unit}, ${words}, but others without, and is taken as text.` };
    }
    return unitForm(column, unit, hints);
  }
  const { dates, time, date } = all;
  const most = Math.max(dates.ymd, dates.dmy, dates.mdy);
  if (most < MOST * known) return undefined;
  const shown = JSON.stringify(date);
  if (most < known) {
    return { note: `${column} has dates, such as ${shown}, in ${most} of ${known} values, and is taken as text.` };
  }
  const fitting = ORDER.filter((order) => dates[order] === known);
  const order = fitting.length === 1 ? fitting[0] : fitting.find((one) => one === hints.dateOrder);
  if (!order) {
    return {
      note: `${column} has dates that can be read with the day or the month first, as in ${shown}, and is taken as text: ${hints.spell('dateOrder')} says which.`,
    };
  }
  const form: DateForm = { date: order, ...(time && { time: true }) };
  const since = `${time ? 'seconds' : 'days'} since 1970-01-01${time ? ' UTC' : ''}`;
  return {
    form,
    why: `dates as ${since}`,
    note: `${column} has dates (${ORDERS[order]}), as in ${shown}, which are numbers: ${since}. ${hints.spell('dateParts')} makes columns of year, month, day and weekday.`,
  };
}

const ORDERS: Readonly<Record<DateOrder, string>> = {
  ymd: 'year, month, day',
  dmy: 'day, month, year',
  mdy: 'month, day, year',
};

function unitForm(
  column: string,
  { unit, word, count, point, comma, either }: FormEvidence['units'][number],
  { decimal = '.', asked, spell }: FormHints,
): FormDecision {
  const shown = JSON.stringify(word);
  const marks = [...(point === count ? ['.' as const] : []), ...(comma === count ? [',' as const] : [])];
  // 1,234 is a thousand dollars, but 1.234 may be that too, where points separate thousands; of percent, both may be.
  const open = marks.length === 2 && either !== '' && !asked && (either !== ',' || unit === '%') && decimal === '.';
  if (marks.length === 0 || open) {
    return {
      note: `${column} has amounts in ${unit}, as in ${shown}, whose decimal mark cannot be told, and is taken as text: ${spell('decimal')} . or ${spell('decimal')} , says which it is.`,
    };
  }
  const mark = marks.length === 1 ? marks[0] : decimal;
  const form: UnitForm = { unit, ...(mark === ',' && { decimal: ',' }) };
  return {
    form,
    why: `amounts in ${unit}`,
    note: `${column} has amounts in ${unit}, which are numbers: ${shown} is ${numberIn(word, form)}.`,
  };
}

/** How messages call a form: `%`, `dates (day, month, year)`. */
export const formText = (form: NumberForm): string =>
  'unit' in form ? form.unit : `${form.time ? 'times' : 'dates'} (${ORDERS[form.date]})`;

export const sameForm = (a: NumberForm | undefined, b: NumberForm | undefined): boolean =>
  a === undefined || b === undefined
    ? a === b
    : 'unit' in a
      ? 'unit' in b && a.unit === b.unit && a.decimal === b.decimal
      : 'date' in b && a.date === b.date && a.time === b.time;

/** A part of dates in the numbers of their form. Weeks begin on Monday, 1. O(values). */
export function partOf(values: ArrayLike<number>, { as, form }: Pick<DatePart, 'as' | 'form'>): Float64Array {
  const date = new Date(0);
  const unit = form.time ? 1000 : 1000 * DAY;
  return Float64Array.from(values, (value) => {
    if (Number.isNaN(value)) return Number.NaN;
    date.setTime(value * unit);
    if (as === 'year') return date.getUTCFullYear();
    if (as === 'month') return date.getUTCMonth() + 1;
    if (as === 'day') return date.getUTCDate();
    if (as === 'weekday') return ((date.getUTCDay() + 6) % 7) + 1;
    return date.getUTCHours() + date.getUTCMinutes() / 60 + date.getUTCSeconds() / 3600;
  });
}

/** Numbers of a column, in a form if it has one. */
interface Formed {
  readonly name: string;
  readonly values: Float64Array;
  readonly form?: NumberForm;
}

/** The parts of a column of dates as columns: year, month, day, weekday and, of times, the hour. */
export function datePartsOf({ name, values, form }: Formed) {
  if (!form || !('date' in form)) return [];
  const parts: DatePartName[] = ['year', 'month', 'day', 'weekday', ...(form.time ? ['hour' as const] : [])];
  return parts.map((as) => {
    const part: DatePart = { of: name, as, form };
    return {
      name: `${name}.${as}`,
      type: 'number' as const,
      values: partOf(values, part),
      part,
      why: `${as} of dates`,
    };
  });
}
