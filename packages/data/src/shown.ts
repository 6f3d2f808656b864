/** What people are shown of data and of results, as plain data: cells of tables, and pictures. */

export type Cell = string | number | null;

/** What a picture may be: grey values by rows, a graph with places, or points in a plane; groups become colours. */
export type Picture =
  | { readonly type: 'image'; readonly width: number; readonly height: number; readonly values: readonly number[] }
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
    }
  | {
      readonly type: 'scatter';
      readonly xLabel: string;
      readonly yLabel: string;
      readonly points: ReadonlyArray<{ readonly x: number; readonly y: number; readonly group?: number }>;
    };
