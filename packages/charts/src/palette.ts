/**
 * The colours of charts, those of the workbench: of series the palette of Okabe and Ito, told apart with any colour
 * vision; texts have the contrast of WCAG AA.
 */
export const LIGHT: Readonly<Record<string, string>> = {
  paper: '#fdfdfb',
  ink: '#1b1f23',
  soft: '#56606a',
  rule: '#d9dcdf',
  panel: '#f3f4f2',
  grid: 'rgba(0, 0, 0, 0.1)',
  c0: '#0072b2',
  c1: '#d55e00',
  c2: '#009e73',
  c3: '#b4569a',
  c4: '#a97300',
  c5: '#6a4fb3',
  c6: '#7a5c00',
  c7: '#444b52',
};
export const DARK: Readonly<Record<string, string>> = {
  paper: '#13161a',
  ink: '#e8eaec',
  soft: '#a9b2bb',
  rule: '#363c43',
  panel: '#1b1f24',
  grid: 'rgba(255, 255, 255, 0.12)',
  c0: '#56b4e9',
  c1: '#ee8a3c',
  c2: '#2fc99a',
  c3: '#e094c4',
  c4: '#f0b429',
  c5: '#b79df5',
  c6: '#d9cc4a',
  c7: '#c9ced3',
};

/** Colours as declarations of custom properties. */
export const declarations = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');
