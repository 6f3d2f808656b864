/** What people are shown of data and of results, as plain data: cells of tables, and pictures. */

export type Cell = string | number | null;

/** An axis of an image: what stands at each of its columns or rows, or at the first and the last. */
export type ImageAxis =
  | { readonly label: string; readonly at: readonly Cell[] }
  | { readonly label: string; readonly from: number; readonly to: number };

/** What a picture may be: grey values by rows, a graph with places, or points in a plane, with lines beneath; groups become colours. */
export type Picture =
  | {
      readonly type: 'image';
      readonly width: number;
      readonly height: number;
      readonly values: readonly number[];
      /** Where its places mean something, as in a heat map; y from the top. */
      readonly x?: ImageAxis;
      readonly y?: ImageAxis;
      /** What its values are. */
      readonly value?: string;
    }
  | {
      readonly type: 'graph';
      readonly nodes: ReadonlyArray<{
        readonly x: number;
        readonly y: number;
        readonly group?: number;
        readonly label?: string;
      }>;
      readonly edges: ReadonlyArray<{
        readonly from: number;
        readonly to: number;
        readonly directed?: boolean;
        readonly width?: number;
        readonly group?: number;
      }>;
      /** What the groups are, for the key to their colours. */
      readonly groups?: readonly string[];
    }
  | {
      readonly type: 'scatter';
      readonly xLabel: string;
      readonly yLabel: string;
      readonly points: ReadonlyArray<{
        readonly x: number;
        readonly y: number;
        readonly group?: number;
        /** One that stands out, drawn larger. */
        readonly marked?: true;
      }>;
      /** What the groups are, for the key to their colours. */
      readonly groups?: readonly string[];
      /** Beneath the points: level lines, a curve; `shade` is from 0, pale, to 1, dark. */
      readonly lines?: ReadonlyArray<{
        readonly x: readonly number[];
        readonly y: readonly number[];
        readonly shade?: number;
      }>;
      /** Where the axes end, if not with points and lines. */
      readonly xRange?: readonly [from: number, to: number];
      readonly yRange?: readonly [from: number, to: number];
      /** What the lines are, a sentence. */
      readonly below?: string;
    };

/**
 * A number with sensible digits: about four, exponents only where a plain number would be long. The one rule of the shell,
 * the page and reports.
 */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(digits - 1);
  if (size >= 10 ** (digits - 1)) return value.toFixed(size >= 10 ** digits ? 0 : 1);
  return value.toPrecision(digits);
}
