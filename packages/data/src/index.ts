export { readNpyMatrix } from './binary/npy.ts';
export {
  type BundledImages,
  type BundledSet,
  bundledSet,
  bundledSets,
  loadBundled,
  loadBundledBiodiesel,
  loadBundledDust,
  loadBundledMnist,
  loadBundledText,
} from './bundled.ts';
export { placeByValue } from './codes.ts';
export { columnsToRead } from './design/assemble.ts';
export {
  applyEncoding,
  type Design,
  type DesignOptions,
  designMatrix,
  hasGaps,
  refilled,
} from './design/design-matrix.ts';
export {
  type CategoryFeature,
  columnNames,
  columnOf,
  columnShift,
  type Encoding,
  type NumberFeature,
  widthOf,
} from './design/encoding.ts';
export { pairedFeatures, pairsOf } from './design/products.ts';
export { EncodingTally, type SeenOfRows } from './design/tally.ts';
export * from './generators/index.ts';
export { type Folder, folderOf } from './io/folder.ts';
export { type Input, type Source, toSource } from './io/source.ts';
export * from './models/index.ts';
export { isShared } from './part/company.ts';
export { type BlockOptions, readBlocks } from './read-blocks.ts';
export { type PartOptions, readPart } from './read-part.ts';
export { type PartBlockOptions, PartBlocks } from './read-part-blocks.ts';
export { readTable } from './read-table.ts';
export { readTableBlocks, type TableBlockOptions } from './read-table-blocks.ts';
export { sampleNames, sampleUrl } from './samples.ts';
export { type Cell, type ImageAxis, number, type Picture } from './shown.ts';
export {
  asWritten,
  type CategoryColumn,
  type ChooseColumns,
  type Column,
  type ColumnToRead,
  DEFAULT_MISSING,
  type Format,
  type NumberColumn,
  type ReadOptions,
  type Table,
} from './table.ts';
export { tableRows } from './table-rows.ts';
export type { TensorDType, TensorValues } from './tensors/dtypes.ts';
export { openSafetensorsFolder } from './tensors/folder.ts';
export type { TensorInfo } from './tensors/header.ts';
export {
  type OpenSafetensorsOptions,
  openSafetensors,
  type TensorFile,
  type TensorPlace,
  type TensorReadOptions,
} from './tensors/open.ts';
export {
  FileTensor,
  readSafetensors,
  type Safetensors,
  type SafetensorsOptions,
  type SafetensorsToWrite,
  type TensorToWrite,
  writeSafetensors,
} from './tensors/safetensors.ts';
export { type CloudColumns, type CloudWriteOptions, writePcd, writePly, writeXyz } from './write/cloud.ts';
export { type Writable, writeCsv } from './write/csv.ts';
export { writeLibsvm } from './write/libsvm.ts';
export { writeNpy } from './write/npy.ts';
export { ParquetBlocks, writeParquet } from './write/parquet.ts';
