"""A model by onnxruntime on one thread: python3 models.py MODEL FOLDER reads MODEL.onnx, and MODEL.json with the query and our answer, and writes JSON, CPU
seconds to the first answer and of a query, megabytes, and how far the answers are apart. Exits with 3 if a package is missing."""
import json
import resource
import sys
import time
from pathlib import Path

try:
    import numpy as np
    import onnxruntime as ort
except ImportError:
    sys.exit(3)

name, folder = sys.argv[1], Path(sys.argv[2])
given = json.loads((folder / f"{name}.json").read_text())
x = np.array(given["input"]["values"]).reshape(given["input"]["shape"])
ours = np.array(given["output"])
del given["output"]


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


before = megabytes()
start = time.process_time()
options = ort.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
options.log_severity_level = 4
session = ort.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
[info] = session.get_inputs()
kind = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}.get(info.type, np.float32)
feed = {info.name: x.astype(kind)}
answer = session.run(None, feed)[0]
load = time.process_time() - start

warm, calls = time.perf_counter() + 0.5, 0
while calls < 1 or time.perf_counter() < warm:
    session.run(None, feed)
    calls += 1
count, best = max(1, round(calls / 10)), np.inf
for _ in range(7):
    start = time.process_time()
    for _ in range(count):
        session.run(None, feed)
    best = min(best, (time.process_time() - start) / count)
apart = float(np.abs(answer.reshape(-1) - ours).max())
largest = float(np.abs(ours).max())
print(json.dumps({"load": load, "query": best, "before": before, "peak": megabytes(), "apart": apart, "largest": largest, "version": ort.__version__}))
