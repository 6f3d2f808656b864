// The trained networks; bench/peers/training.py has the same ones.
import * as nn from '@southwell/autodiff/nn';

export const nets: Readonly<Record<string, () => nn.Layer>> = {
  mlp: () =>
    nn.sequential([nn.flatten(), nn.linear({ in: 784, out: 256 }), nn.relu(), nn.linear({ in: 256, out: 10 })]),
  cnn: () =>
    nn.sequential([
      nn.conv2d({ in: 1, out: 16, kernel: 3, padding: 1 }),
      nn.relu(),
      nn.maxPool({ window: 2 }),
      nn.conv2d({ in: 16, out: 32, kernel: 3, padding: 1 }),
      nn.relu(),
      nn.flatten(),
      nn.linear({ in: 14 * 14 * 32, out: 10 }),
    ]),
};

export const BATCH = 64;
export const RATE = 1e-3;
