/** Milliseconds of a step: the least and the median wall time, and the least CPU time, of several rounds. */
export interface Times {
  readonly wall: number;
  readonly median: number;
  readonly cpu: number;
}

/** 25 rounds of a fifth of the warm-up, whose milliseconds are given. */
export function timed(step: () => void, warmUp = 50): Times {
  const warm = performance.now() + warmUp;
  let steps = 0;
  while (performance.now() < warm || steps < 3) {
    step();
    steps++;
  }
  const count = Math.max(1, Math.round(steps / 5));
  const rounds = Array.from({ length: 25 }, () => {
    const [start, used] = [performance.now(), process.cpuUsage()];
    for (let i = 0; i < count; i++) step();
    const { user, system } = process.cpuUsage(used);
    return { wall: (performance.now() - start) / count, cpu: (user + system) / 1e3 / count };
  });
  const walls = rounds.map((r) => r.wall).sort((a, b) => a - b);
  return { wall: walls[0], median: walls[12], cpu: Math.min(...rounds.map((r) => r.cpu)) };
}
