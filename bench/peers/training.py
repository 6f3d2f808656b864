"""Trains a net of bench/src/training/nets.ts by PyTorch: python3 training.py DATA FOLDER NET EPOCHS TARGET does what ours.ts does,
from the same weights and with the same batches."""
import gzip
import json
import resource
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

data, folder, net, epochs, target = sys.argv[1:6]
start = time.perf_counter()
torch.set_num_threads(1)
BATCH, RATE = 64, 1e-3


def raw(name, offset):
    with gzip.open(f"{data}/{name}.gz") as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


def examples(which):
    pixels = raw(f"{which}-images-idx3-ubyte", 16).astype(np.float32) / 255
    labels = raw(f"{which}-labels-idx1-ubyte", 8).astype(np.int64)
    return torch.from_numpy(pixels).view(-1, 1, 28, 28), torch.from_numpy(labels)


class Last(nn.Module):
    """Images as they lie with channels last."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


model = {
    "mlp": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)),
    "cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), Last(),
        nn.Linear(14 * 14 * 32, 10)),
}[net]()

(x, y), (vx, vy) = examples("train"), examples("t10k")
read = time.perf_counter() - start
model.load_state_dict(load_file(f"{folder}/{net}.safetensors"))
orders = np.fromfile(f"{folder}/orders.i32", np.int32).reshape(-1, len(y))
optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
course = []
for epoch in range(int(epochs)):
    order = torch.from_numpy(orders[epoch].astype(np.int64))
    total, steps = 0.0, len(y) // BATCH
    for step in range(steps):
        batch = order[step * BATCH:(step + 1) * BATCH]
        loss = F.cross_entropy(model(x[batch]), y[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item()
    with torch.no_grad():
        hits = sum((model(vx[i:i + 1000]).argmax(1) == vy[i:i + 1000]).sum().item() for i in range(0, len(vy), 1000))
    course.append({"seconds": time.perf_counter() - start, "accuracy": hits / len(vy), "loss": total / steps})
    if hits / len(vy) >= float(target):
        break
print(json.dumps({"read": read, "epochs": course, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))
