"""Sums over ranks by PyTorch's gloo, a process each, over the loopback: JSON as the other engines give it."""
import json
import sys
import tempfile
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as processes

ranks, plan = int(sys.argv[1]), json.loads(sys.argv[2])


def main(rank, meeting):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=ranks)
    out = []
    for step in plan:
        x = torch.zeros(step["length"], dtype=torch.float64)
        times = []
        for _ in range(step["rounds"]):
            dist.barrier()
            start = time.perf_counter()
            for _ in range(step["each"]):
                dist.all_reduce(x)
            times.append(1e6 * (time.perf_counter() - start) / step["each"])
        times.sort()
        out.append({"what": "sum", "length": step["length"], "best": times[0], "median": times[len(times) // 2]})
    if rank == 0:
        print(json.dumps(out))
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        processes.spawn(main, args=(f"{folder}/meeting",), nprocs=ranks)
