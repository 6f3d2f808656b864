"""Sums over ranks by PyTorch's gloo, a process each, over shared memory of the machine's loopback: JSON as the other engines give it."""
import json
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as processes

ranks, plan, port = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]


def main(rank):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=ranks)
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
    processes.spawn(main, nprocs=ranks)
