/** Means and standard deviations of the colours of ImageNet, by which networks of torchvision and others scale pixels. */
const [MEANS, DEVIATIONS] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

/** How pixels from 0 to 255 become numbers of a network; files do not say it. */
export const PIXELS = {
  'from 0 to 1': (v: number) => v / 255,
  'from -1 to 1': (v: number) => v / 127.5 - 1,
  'from 0 to 255': (v: number) => v,
  'scaled as for ImageNet': (v: number, channel: number) => (v / 255 - MEANS[channel]) / DEVIATIONS[channel],
} as const;
export type Pixels = keyof typeof PIXELS;

/** By the range that a file of ONNX may name in its metadata. */
const RANGES: Readonly<Record<string, Pixels>> = {
  Normalized_0_1: 'from 0 to 1',
  Normalized_1_1: 'from -1 to 1',
  NominalRange_0_255: 'from 0 to 255',
};
export const PIXEL_RANGE = 'Image.NominalPixelRange';

/** How pixels are scaled as far as a file says it; else from 0 to 1, but bytes as they are. */
export const pixelsOf = (metadata: Readonly<Record<string, string>>, type: string): Pixels =>
  RANGES[metadata[PIXEL_RANGE]] ?? (type === 'u8' ? 'from 0 to 255' : 'from 0 to 1');
