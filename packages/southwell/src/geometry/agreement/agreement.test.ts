import { describe, expect, test } from 'vitest';
import { judgePose, prepareCloud, registerPair } from '../index.ts';
import { moved, off, yard, yaw } from './scenes.ts';

// Other clouds, and scans rotated by 180°, are in agreement.long.test.ts.

describe('a yard', () => {
  const target = prepareCloud(yard(5000, 1));

  test('rotated by 90° does not agree where steps end without features, although most points have matches', () => {
    const found = registerPair(moved(yaw(90), yard(4000, 2)), target, { coarse: 'never' });
    expect(found.status).toBe('converged');
    expect(found.overlap).toBeGreaterThan(0.5);
    expect(off(found.pose, yaw(90))).toBeGreaterThan(0.5);
    expect(found.agreement.verdict).toBe('no');
    // The ground agrees at any yaw: what tells are the walls.
    expect(found.agreement.weakest).toBeLessThan(0.1);
    expect(found.agreement.reasons.join(' ')).toMatch(/points/);
  });

  test('a pose that is right agrees however it was found, and one that is off by some spacings does not', () => {
    const source = prepareCloud(yard(4000, 2));
    expect(judgePose(source, target, yaw(0)).verdict).toBe('agrees');
    expect(judgePose(source, target, yaw(6)).verdict).toBe('no');
    expect(() => judgePose(source, target, [1, 2, 3])).toThrow(/16 numbers/);
  });
});
