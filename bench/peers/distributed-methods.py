# Compression of normal vectors by PyTorch, one thread: argument "[length, ...]", answer for each length and name the least CPU
# seconds of a few rounds that make the message and that restore the vector.
import json
import sys
import time

import torch

torch.set_num_threads(1)


def top(share):
    def message(v):
        indices = torch.topk(v.abs(), round(share * v.numel()), sorted=False).indices
        return indices, v[indices]

    def restore(sent, into):
        into.zero_()
        into[sent[0]] = sent[1]

    return message, restore


def sign():
    def message(v):
        return v.abs().mean(), v < 0

    def restore(sent, into):
        torch.where(sent[1], -sent[0], sent[0], out=into)

    return message, restore


def low_rank(rank):
    def message(v):
        side = int(v.numel() ** 0.5)
        M = v[: side * side].view(side, side)
        P = torch.linalg.qr(M @ torch.randn(side, rank))[0]
        return P, M.T @ P

    def restore(sent, into):
        side = sent[0].shape[0]
        torch.mm(sent[0], sent[1].T, out=into[: side * side].view(side, side))

    return message, restore


pairs = {"top-k=0.01": top(0.01), "top-k=0.1": top(0.1), "sign": sign(), "low-rank=2": low_rank(2)}
answers = []
for length in json.loads(sys.argv[1]):
    v, into = torch.randn(length), torch.empty(length)
    seconds = {}
    for name, (message, restore) in pairs.items():
        best = [float("inf"), float("inf")]
        for _ in range(max(3, round(1e7 / length))):
            start = time.process_time()
            sent = message(v)
            middle = time.process_time()
            restore(sent, into)
            best = [min(best[0], middle - start), min(best[1], time.process_time() - middle)]
        seconds[name] = best
    answers.append(seconds)
print(json.dumps({"torch": torch.__version__, "seconds": answers}))
