import { DARK, declarations, LIGHT } from './palette.ts';

const withNamespace = (svg: string): string => svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');

/** A drawing as a file: in light colours on white, with a margin, for any program that reads SVG. */
export function svgFile(svg: string): string {
  const [, width, height] = (/viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? ['', '0', '0']).map(Number);
  const margin = 12;
  const [w, h] = [width + 2 * margin, height + 2 * margin];
  const file = withNamespace(svg)
    .replace(
      / width="[\d.]+" height="[\d.]+" viewBox="[^"]+"/,
      ` width="${w}" height="${h}" viewBox="${-margin} ${-margin} ${w} ${h}"`,
    )
    .replace('>', `><rect x="${-margin}" y="${-margin}" width="${w}" height="${h}" fill="#ffffff"/>`)
    .replaceAll('var(--paper)', '#ffffff')
    .replace(/var\(--(\w+)\)/g, (whole, name) => LIGHT[name] ?? whole);
  return `${file}\n`;
}

/**
 * A drawing as an image for pages, light or dark as the reader's system; addressed as `#light` or `#dark` it is that
 * one. Without a background.
 */
export function adaptiveFile(svg: string): string {
  const style = `svg{${declarations(LIGHT)}}@media (prefers-color-scheme: dark){svg{${declarations(DARK)}}}#light:target~svg{${declarations(LIGHT)}}#dark:target~svg{${declarations(DARK)}}`;
  const [, size] = / (width="[\d.]+" height="[\d.]+" viewBox="[^"]+")/.exec(svg) ?? ['', ''];
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><style>${style}</style><g id="light"/><g id="dark"/>${svg}</svg>\n`;
}
