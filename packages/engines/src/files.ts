/** Files of engines that a page loads when they are needed: the package that has them, and their media types. */
export interface EngineFiles {
  readonly package: string;
  readonly files: Readonly<Record<string, string>>;
}

export const engineFiles: readonly EngineFiles[] = [
  { package: 'highs', files: { 'highs.mjs': 'text/javascript; charset=utf-8', 'highs.wasm': 'application/wasm' } },
];
