"""Steps of PyTorch's DistributedDataParallel over gloo, in processes of one thread each: python3 ddp.py FOLDER PLAN, with the digits in
FOLDER, and in PLAN the networks, the rows and numbers of steps. Prints the seconds of each step as JSON."""
import json
import sys
import tempfile
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as processes
import torch.nn as nn
import torch.nn.functional as F
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks, powerSGD_hook
from torch.nn.parallel import DistributedDataParallel

folder, plan = sys.argv[1], json.loads(sys.argv[2])

nets = {
    "perceptron": lambda: nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10)),
    "convolution": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 64), nn.ReLU(),
        nn.Linear(64, 10)),
    "wide": lambda: nn.Sequential(
        nn.Linear(64, 1000), nn.ReLU(), nn.Linear(1000, 900), nn.ReLU(), nn.Linear(900, 10)),
}


def half(model):
    model.register_comm_hook(None, default_hooks.fp16_compress_hook)


def low_rank(model):
    # By default it sends whole gradients in the first thousand steps.
    state = powerSGD_hook.PowerSGDState(process_group=None, matrix_approximation_rank=4, start_powerSGD_iter=2)
    model.register_comm_hook(state, powerSGD_hook.powerSGD_hook)


hooks = {"dense": lambda model: None, "fp16": half, "powerSGD": low_rank}


def times(net, hook, rank, x, y):
    torch.manual_seed(0)
    model = DistributedDataParallel(nets[net]())
    hooks[hook](model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    batch, own = plan["batch"], plan["batch"] // plan["ranks"]
    order, at = None, len(y)
    dist.barrier()
    marks = [time.perf_counter()]
    for _ in range(plan["steps"]):
        if at + batch > len(y):
            order, at = torch.randperm(len(y)), 0
        rows = order[at + rank * own:at + (rank + 1) * own]
        at += batch
        loss = F.cross_entropy(model(x[rows]), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()
        marks.append(time.perf_counter())
    return np.diff(marks).tolist()


def main(rank, meeting):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=plan["ranks"])
    x = torch.from_numpy(np.fromfile(f"{folder}/pixels.f32", np.float32)).view(-1, 64)
    y = torch.from_numpy(np.fromfile(f"{folder}/labels.i32", np.int32).astype(np.int64))
    found = {net: {hook: times(net, hook, rank, x, y) for hook in hooks} for net in plan["nets"]}
    if rank == 0:
        print(json.dumps({"torch": torch.__version__, "seconds": found}))
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        processes.spawn(main, args=(f"{place}/meeting",), nprocs=plan["ranks"])
