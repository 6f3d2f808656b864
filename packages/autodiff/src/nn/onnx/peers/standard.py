"""The cases of the ONNX standard, one or a few for each operator, with inputs and outputs: python3 standard.py writes JSON to standard output, in the
form of operators.py. Exits with 3 if a package is missing."""
import base64
import json
import sys

try:
    import numpy as np
    from onnx.backend.test.case.node import collect_testcases
except ImportError:
    sys.exit(3)


def plain(x):
    if x.dtype == object or x.dtype.kind in "cUS":
        raise ValueError("not numbers")
    return {"type": str(x.dtype), "shape": list(x.shape), "values": [str(v) for v in x.astype(np.float64).reshape(-1)]}


cases = []
for case in collect_testcases(None):
    if case.model is None or not case.model.opset_import or case.model.opset_import[0].domain:
        continue
    given, expected = case.data_sets[0]
    graph = case.model.graph
    try:
        cases.append(
            {
                "name": case.name,
                "model": base64.b64encode(case.model.SerializeToString()).decode(),
                "inputs": {i.name: plain(np.asarray(v)) for v, i in zip(given, graph.input)},
                "outputs": {o.name: plain(np.asarray(v)) for v, o in zip(expected, graph.output)},
            }
        )
    except (ValueError, TypeError):
        # Sequences, texts and complex numbers.
        continue
json.dump(cases, sys.stdout)
