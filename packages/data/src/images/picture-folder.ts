import { fail } from '@southwell/numerics/core';
import type { Folder } from '../io/folder.ts';
import { readBytes } from '../io/source.ts';
import { unusedOptions } from '../open.ts';
import { categoryColumn, type ReadOptions, type Table } from '../table.ts';
import { imageTable } from './image-table.ts';
import { decodePicture } from './picture.ts';
import { checkSize, type Pixels, sizeText } from './pixels.ts';
import { resized } from './resize.ts';

const PICTURE = /\.(png|jpe?g)$/i;
/** Maximum number of values of a table. */
const MOST = 2 ** 29;

interface Listed {
  readonly folders: string[];
  readonly pictures: string[];
  readonly others: string[];
}

/** The immediate contents of the folder and of each of its subfolders, by path; '' is the folder itself. */
function listed({ paths, folders }: Folder): (folder: string) => Listed {
  const lists = new Map<string, Listed>();
  const within = (folder: string): Listed => {
    const list = lists.get(folder) ?? { folders: [], pictures: [], others: [] };
    lists.set(folder, list);
    return list;
  };
  const parted = (path: string) => {
    const at = path.lastIndexOf('/');
    return [within(path.slice(0, Math.max(0, at))), path.slice(at + 1)] as const;
  };
  for (const path of folders) {
    const [list, name] = parted(path);
    list.folders.push(name);
  }
  for (const path of paths) {
    const [list, name] = parted(path);
    list[PICTURE.test(name) ? 'pictures' : 'others'].push(name);
  }
  return within;
}

const some = (names: readonly string[]): string => names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
const files = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/**
 * Reads a folder of PNG and JPEG files as a table, with one row per picture in the order of their names and one column
 * per pixel value (0 to 255). Pictures in subfolders are labelled with the name of their subfolder (`label`); `index`
 * has the file names. Hidden files are ignored, other files are noted.
 * @throws FILE, also for a folder without pictures; INVALID_FORMAT for a damaged picture, and for pictures of different
 * sizes without `resize`.
 */
export async function readPictureFolder(from: Folder, options: ReadOptions = {}): Promise<Table> {
  const name = `${from.name}/`;
  const notes: string[] = [];
  const within = listed(from);
  const top = within('');
  const inside = top.folders.map((folder) => ({ folder, ...within(folder) }));
  const classes = inside.filter(({ pictures }) => pictures.length > 0);
  const found =
    classes.length > 0
      ? classes.flatMap(({ folder, pictures }) => pictures.map((file) => ({ folder, file: `${folder}/${file}` })))
      : top.pictures.map((file) => ({ folder: '', file }));
  if (found.length === 0) {
    const there = top.others.length > 0 ? `: it has ${some(top.others)}` : '';
    fail(
      'FILE',
      `${name} cannot be read: it is a folder without .png or .jpg files, and without folders of them${there}.`,
    );
  }
  const empty = inside.filter(({ pictures }) => pictures.length === 0).map(({ folder }) => `${folder}/`);
  if (empty.length > 0) notes.push(`${files(empty.length, 'folder')} without pictures left out: ${some(empty)}`);
  const strange = [
    ...top.others,
    ...classes.flatMap(({ folder, others }) => others.map((file) => `${folder}/${file}`)),
  ];
  if (strange.length > 0)
    notes.push(`${files(strange.length, 'file')} left out that are not pictures: ${some(strange)}`);
  const deep = classes.flatMap(({ folder, folders }) => folders.map((inner) => `${folder}/${inner}/`));
  if (deep.length > 0) notes.push(`${files(deep.length, 'folder')} within folders left out: ${some(deep)}`);
  if (classes.length > 0 && top.pictures.length > 0) {
    notes.push(`${files(top.pictures.length, 'picture')} beside the folders left out: ${some(top.pictures)}`);
  }
  notes.push(...unusedOptions('picture', options, name));
  const images: Pixels[] = [];
  const { resize, signal, onProgress, spell = (option) => option } = options;
  let [bytesRead, resizings, transparent] = [0, 0, 0];
  for (const { file } of found) {
    signal?.throwIfAborted();
    const bytes = await readBytes(from.open(file));
    bytesRead += bytes.length;
    const decoded = await decodePicture(bytes, `${name}${file}`);
    if (decoded.transparent) transparent++;
    const pixels = resize ? resized(decoded, resize) : decoded;
    if (pixels !== decoded) resizings++;
    checkSize(pixels, `${name}${file}`, spell);
    const [first = pixels] = images;
    if (pixels.height !== first.height || pixels.width !== first.width) {
      fail(
        'INVALID_FORMAT',
        `${name}${file} is ${sizeText(pixels)} pixels (height × width), but ${name}${found[0].file} ${sizeText(first)}: ${spell('resize')} ${first.height}x${first.width} gives all the same size.`,
      );
    }
    images.push(pixels);
    if (images.length * first.data.length > MOST) {
      fail(
        'INVALID_FORMAT',
        `${name} holds more pixels than a table can (${MOST.toLocaleString('en')}): ${spell('resize')} makes pictures smaller.`,
      );
    }
    onProgress?.(bytesRead, images.length);
    // Nothing awaited above yields to the event loop, but an abort must be noticed in between.
    if (images.length % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  if (resizings > 0 && resize) {
    notes.push(
      `${files(resizings, 'picture')} of other sizes resized to ${sizeText({ height: resize[0], width: resize[1] })}.`,
    );
  }
  if (transparent > 0) notes.push(`Transparent parts of ${files(transparent, 'picture')} were blended with white.`);
  const grey = images.filter(({ channels }) => channels === 1).length;
  if (grey > 0 && grey < images.length)
    notes.push(`${files(grey, 'picture')} without colour among those that have some.`);
  const folders = classes.map(({ folder }) => folder);
  const place = new Map(folders.map((folder, k) => [folder, k]));
  return imageTable(images, {
    ...{ name, format: 'picture', notes },
    ...(folders.length > 0 && {
      labels: categoryColumn(
        'label',
        Int32Array.from(found, ({ folder }) => place.get(folder)!),
        folders,
        'category',
      ),
    }),
    index: {
      ...{ name: 'file', type: 'text', codes: Int32Array.from(found, (_, i) => i) },
      levels: found.map(({ file }) => file),
    },
  });
}
