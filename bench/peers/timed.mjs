// Shared by the JavaScript peers: how they are loaded, and measurements of a step as in ours.ts.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A package in node_modules of the working folder or above it, on which southwell does not depend. */
export async function packageOf(name) {
  let path;
  try {
    path = createRequire(join(process.cwd(), 'package.json')).resolve(name);
  } catch {
    console.error(`${name} is not installed; npm install --no-save ${name} brings it.`);
    process.exit(1);
  }
  const module = await import(pathToFileURL(path).href);
  return module.default ?? module;
}

export const peak = () => process.resourceUsage().maxRSS / 1e3;

/** Prints the milliseconds of a step: 25 rounds of about 60 ms, after a warm-up as long as five rounds. */
export async function report(step, before) {
  const warm = performance.now() + 300;
  let steps = 0;
  while (performance.now() < warm || steps < 3) {
    await step();
    steps++;
  }
  const count = Math.max(1, Math.round(steps / 5));
  const walls = [];
  let cpu = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 25; round++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    for (let i = 0; i < count; i++) await step();
    const { user, system } = process.cpuUsage(used);
    walls.push((performance.now() - start) / count);
    cpu = Math.min(cpu, (user + system) / 1e3 / count);
  }
  walls.sort((a, b) => a - b);
  console.log(JSON.stringify({ wall: walls[0], median: walls[12], cpu, before, peak: peak() }));
}

export const perceptrons = {
  '49-16-16-10': { widths: [49, 16, 16, 10], batch: 16, biases: true },
  '64-32-10': { widths: [64, 32, 10], batch: 16, biases: true },
  '226-200-200-113': { widths: [226, 200, 200, 113], batch: 5107, biases: false },
  mlp: { widths: [784, 256, 10], batch: 64, biases: true },
};
