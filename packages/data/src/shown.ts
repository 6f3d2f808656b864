/** What users are shown of data and results, as plain data: cells of tables, and pictures. */

export type Cell = string | number | null;

/** An axis of an image: the labels of its columns or rows, or the values at the first and the last. */
export type ImageAxis =
  | { readonly label: string; readonly at: readonly Cell[] }
  | { readonly label: string; readonly from: number; readonly to: number };

/**
 * Kinds of pictures: grey values in row-major order; a graph with node positions; or points in a plane, with lines
 * beneath them. Groups are drawn in different colours.
 */
export type Picture =
  | {
      readonly type: 'image';
      readonly width: number;
      readonly height: number;
      readonly values: readonly number[];
      /** Axes, if positions have a meaning, as in a heat map; y from the top. */
      readonly x?: ImageAxis;
      readonly y?: ImageAxis;
      /** What the values are. */
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
      /** Names of the groups, for the legend. */
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
        /** Highlighted by a larger marker. */
        readonly marked?: true;
      }>;
      /** Names of the groups, for the legend. */
      readonly groups?: readonly string[];
      /** Drawn beneath the points, such as contour lines or a curve; `shade` is from 0 (pale) to 1 (dark). */
      readonly lines?: ReadonlyArray<{
        readonly x: readonly number[];
        readonly y: readonly number[];
        readonly shade?: number;
      }>;
      /** Ends of the axes, if not determined by points and lines. */
      readonly xRange?: readonly [from: number, to: number];
      readonly yRange?: readonly [from: number, to: number];
      /** A sentence that explains the lines. */
      readonly below?: string;
    };

/**
 * Formats a number with about four significant digits, and with an exponent only where a plain number would be long.
 * Used by the shell, the page and reports alike.
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
