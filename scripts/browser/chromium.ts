/** The browser for tests: Debian's Chromium, driven by playwright-core, which has no browser of its own. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

/** The texts in drawings that are cut by the drawing's edge, or lie over another text: a sentence each. */
export const textFaults = (page: Page, drawings: string): Promise<string[]> =>
  page.$$eval(drawings, (svgs) =>
    svgs.flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      const texts = [...svg.querySelectorAll('text')].map((text) => ({
        says: text.firstChild?.textContent ?? '',
        box: text.getBoundingClientRect(),
      }));
      return texts.flatMap(({ says, box }, k) => {
        const cut =
          Math.min(box.left - frame.left, frame.right - box.right, box.top - frame.top, frame.bottom - box.bottom) <
          -0.5;
        // Boxes of lines include the room for accents and descenders.
        const over = texts.slice(k + 1).filter(({ box: other }) => {
          const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
          const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
          return across > 1 && down > 1.5;
        });
        return [...(cut ? [`"${says}" is cut.`] : []), ...over.map((other) => `"${says}" is over "${other.says}".`)];
      });
    }),
  );
