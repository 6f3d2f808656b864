import type { Status } from '@southwell/numerics/core';

export type ViewCell = string | number | null;

/** What a picture may be: grey values by rows, a graph with places, or points in a plane; groups become colours. */
export type ViewPicture =
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

/** What people are shown of a result, at the shell and on the page: plain data. Its files are the task's outputs. */
export interface View {
  readonly status: Status;
  /** What was worked on and how: "cells.csv: 150 rows, 4 features, kmeans". */
  readonly about: string;
  /** What came out, the rest of a sentence: "objective 12.3 after 5 iterations". */
  readonly outcome?: string;
  /** Reading included. */
  readonly seconds: number;
  readonly notes: readonly string[];
  readonly tables: ReadonlyArray<{
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: ReadonlyArray<readonly ViewCell[]>;
    /** Too wide for a terminal. */
    readonly wide?: boolean;
  }>;
  readonly pictures: ReadonlyArray<{ readonly title: string; readonly picture: ViewPicture }>;
}
