import { getText, setText } from './storage.ts';

export type Theme = 'system' | 'light' | 'dark';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark theme: that of the system, or the user's choice. `version` changes with the colours, for canvases. */
class ThemeState {
  choice = $state<Theme>((getText('theme') as Theme | undefined) ?? 'system');
  version = $state(0);

  constructor() {
    this.apply();
    dark.addEventListener('change', () => this.version++);
  }

  set(choice: Theme): void {
    this.choice = choice;
    setText('theme', choice);
    this.apply();
  }

  private apply(): void {
    if (this.choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.choice;
    this.version++;
  }
}

export const theme = new ThemeState();

const probe = document.createElement('span');
probe.hidden = true;

/** The current value of a colour such as --ink, for canvases, which do not know custom properties. */
export function colour(name: string): string {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
