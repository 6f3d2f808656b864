/** What a running job tells. */
export type Progress =
  | { readonly phase: 'reading'; readonly rows: number }
  | {
      readonly phase: 'fitting';
      readonly alphaIndex?: number;
      readonly alphas?: number;
      readonly objective?: number;
      readonly gap?: number;
      readonly active?: number;
      /** Fits of a cross-validation. */
      readonly done?: number;
      readonly total?: number;
    };
