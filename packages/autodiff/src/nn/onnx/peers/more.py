"""Further operators of ONNX and of onnxruntime, with onnxruntime's outputs, and those of opset 23, which onnxruntime 1.21 does not have, with the outputs
of their formulas in numpy. python3 more.py SEED writes JSON as operators.py does."""
import base64
import json
import sys

from cases import T, case, cases, contrib, factors8, h, node, np, numpy_helper, pick, plain, real, rng, whole


def picked():
    x = real(3, 4, 2)
    for k in (-1, 0, 2):
        case(f"EyeLike {k}", node("EyeLike", ["x"], k=k), {"x": real(3, 4)})
    case("EyeLike of integers", node("EyeLike", ["x"], dtype=T.INT64), {"x": real(2, 3)})
    for axis in (0, 1, -1):
        keep = rng.random(x.shape[axis]) > 0.4
        case(f"Compress {axis}", node("Compress", ["x", "c"], axis=axis), {"x": x}, {"c": keep})
    case("Compress all", node("Compress", ["x", "c"]), {"x": x}, {"c": rng.random(20) > 0.5})
    for time in (0, 1):
        a = dict(time_axis=time, batch_axis=1 - time)
        # Lengths in the data of a compiled program, too.
        count, longest = x.shape[1 - time], x.shape[time]
        lengths = rng.integers(1, longest + 1, count)
        case(f"ReverseSequence {time}", node("ReverseSequence", ["x", "l"], **a), {"x": x}, {"l": lengths})
    case("CenterCropPad", node("CenterCropPad", ["x", "s"], axes=[0, -2]), {"x": real(5, 4, 3)}, {"s": whole(2, 7)}, opset=18)
    t = np.round(real(6, 3))
    for ordered in (0, 1):
        outputs = ("y", "i", "v", "c")
        case(f"Unique {ordered}", node("Unique", ["x"], outputs, sorted=ordered), {}, {"x": t}, outputs=outputs)
        case(f"Unique rows {ordered}", node("Unique", ["x"], outputs, sorted=ordered, axis=0), {}, {"x": np.round(real(6, 2, low=-1, high=1))}, outputs=outputs)
    for opset in (11, 13):
        case(f"Hardmax {opset}", node("Hardmax", ["x"], axis=1), {"x": x}, opset=opset)
    a = dict(dilations=[int(pick(1, 2)), 1], pads=[1, 0, 0, 1], strides=[1, 2])
    block, image = [2, 3], [5, 6]
    spots = 1
    for d in range(2):
        spots *= (image[d] + a["pads"][d] + a["pads"][2 + d] - a["dilations"][d] * (block[d] - 1) - 1) // a["strides"][d] + 1
    case("Col2Im", node("Col2Im", ["x", "i", "b"], **a), {"x": real(2, 12, spots)}, {"i": whole(*image), "b": whole(*block)}, opset=18)
    case("Det", node("Det", ["x"]), {"x": real(2, 3, 3)})


def numbers():
    x = real(3, 4, 2, low=0.1)
    for keep in (0, 1):
        case(f"ReduceLogSum {keep}", node("ReduceLogSum", ["x"], axes=[-1, 0], keepdims=keep), {"x": x})
        case(f"ReduceLogSum 18 {keep}", node("ReduceLogSum", ["x", "a"], keepdims=keep), {"x": x}, {"a": whole(1)}, opset=18)
    case("Shrink", node("Shrink", ["x"], lambd=0.7, bias=0.3), {"x": real(3, 4)})
    for kind in (np.int32, np.int64, np.uint8):
        low = 0 if kind == np.uint8 else -100
        a, b = rng.integers(low, 100, (2, 3)).astype(kind), rng.integers(low, 100, 3).astype(kind)
        for op in "BitwiseAnd BitwiseOr BitwiseXor".split():
            case(f"{op} {np.dtype(kind)}", node(op, ["a", "b"]), {"a": a, "b": b}, opset=18)
        case(f"BitwiseNot {np.dtype(kind)}", node("BitwiseNot", ["a"]), {"a": a}, opset=18)
    for way in ("LEFT", "RIGHT"):
        for kind in (np.uint8, np.uint32):
            a, b = rng.integers(0, 200, (2, 3)).astype(kind), rng.integers(0, 8, 3).astype(kind)
            case(f"BitShift {way} {np.dtype(kind)}", node("BitShift", ["a", "b"], direction=way), {"a": a, "b": b})
    logits, weights = real(4, 3, 2), real(3, low=0.2)
    target = rng.integers(0, 3, (4, 2))
    for how in ("none", "mean", "sum"):
        for ignored in ({}, {"ignore_index": 1}):
            a = dict(reduction=how, **ignored)
            case(f"NegativeLogLikelihoodLoss {a}", node("NegativeLogLikelihoodLoss", ["x", "t", "w"], **a), {"x": -np.abs(logits)}, {"t": target, "w": weights})
            case(f"SoftmaxCrossEntropyLoss {a}", node("SoftmaxCrossEntropyLoss", ["x", "t", "w"], ["y", "l"], **a), {"x": logits}, {"t": target, "w": weights}, outputs=("y", "l"))


def sampled():
    for shape in ((2, 3, 5, 4), (1, 2, 4, 3, 5)):
        axes = len(shape) - 2
        for mode in ("linear", "nearest", *(["cubic"] if axes == 2 else [])):
            for padding in ("zeros", "border", "reflection"):
                for corners in (0, 1):
                    grid = real(shape[0], *[3, 4, 2][:axes], axes, low=-1.6, high=1.6)
                    a = dict(mode=mode, padding_mode=padding, align_corners=corners)
                    case(f"GridSample {axes} {a}", node("GridSample", ["x", "g"], **a), {"x": real(*shape), "g": grid}, opset=20)
    case("GridSample 16", node("GridSample", ["x", "g"], mode="bicubic"), {"x": real(1, 2, 5, 4), "g": real(1, 3, 3, 2, low=-1.2, high=1.2)}, opset=16)
    for corners in (0, 1):
        case(f"AffineGrid {corners}", node("AffineGrid", ["t", "s"], align_corners=corners), {"t": real(2, 2, 3)}, {"s": whole(2, 3, 4, 5)}, opset=20)
    x = real(2, 3, 9, 8)
    corner = rng.uniform(-1, 9, (5, 2))
    rois = np.concatenate([corner, corner + rng.uniform(0.5, 9, (5, 2))], axis=1).astype(np.float32)
    which = rng.integers(0, 2, 5)
    for ratio in (0, 2):
        for mode in ("avg", "max"):
            a = dict(output_height=3, output_width=2, sampling_ratio=ratio, spatial_scale=0.8, mode=mode)
            case(f"RoiAlign {a}", node("RoiAlign", ["x", "r", "b"], **a), {"x": x, "r": rois, "b": which}, opset=16)
    case("RoiAlign 10", node("RoiAlign", ["x", "r", "b"], output_height=2, output_width=2, sampling_ratio=2), {"x": x, "r": rois}, {"b": which}, opset=10)
    boxes = np.concatenate([which[:, None], np.round(rois)], axis=1).astype(np.float32)
    known = node("Constant", [], ["r"], value=numpy_helper.from_array(boxes))
    case("MaxRoiPool", [known, node("MaxRoiPool", ["x", "r"], pooled_shape=[2, 3], spatial_scale=0.7)], {"x": x})
    for k in range(4):
        size, dil = rng.integers(1, 4, 2).tolist(), rng.integers(1, 3, 2).tolist()
        pads = [int(rng.integers(0, (n + 1) // 2)) for n in size + size]
        a = dict(kernel_shape=size, strides=rng.integers(1, 3, 2).tolist(), pads=pads, dilations=dil, ceil_mode=int(pick(0, 1)))
        case(f"MaxPool with places {a}", node("MaxPool", ["x"], ["y", "i"], **a), {"x": x}, outputs=("y", "i"))
        case(f"AveragePool dilated {a}", node("AveragePool", ["x"], **{**a, "ceil_mode": 0}), {"x": x}, opset=19)
        a.pop("dilations")
        case(f"LpPool {a}", node("LpPool", ["x"], p=int(pick(1, 2, 3)), **{**a, "ceil_mode": 0}), {"x": x}, opset=18)
    case("MaxPool in columns", node("MaxPool", ["x"], ["y", "i"], kernel_shape=[2, 3], storage_order=1), {"x": x}, outputs=("y", "i"))
    case("GlobalLpPool", node("GlobalLpPool", ["x"], p=3), {"x": x})
    case("MaxUnpool", [node("MaxPool", ["x"], ["p", "i"], kernel_shape=[2, 2], strides=[2, 2]), node("MaxUnpool", ["p", "i"], kernel_shape=[2, 2], strides=[2, 2])], {"x": real(2, 3, 6, 4)})
    w = real(3, 2, 3, 3)
    for way in ("SAME_UPPER", "SAME_LOWER"):
        case("ConvTranspose " + way, node("ConvTranspose", ["x", "w"], strides=[2, 2], auto_pad=way), {"x": real(1, 3, 4, 5)}, {"w": w})
    case("ConvTranspose of a shape", node("ConvTranspose", ["x", "w"], strides=[2, 3], output_shape=[8, 15]), {"x": real(1, 3, 4, 5)}, {"w": w})
    y = real(1, 2, 6, 5)
    for mode in ("linear", "cubic"):
        for scale in ([1, 1, 0.6, 0.7], [1, 1, 2.3, 0.5]):
            for a in (dict(antialias=1), dict(exclude_outside=1) if mode == "cubic" else dict(), dict(coordinate_transformation_mode="half_pixel_symmetric")):
                case(f"Resize {mode} {scale} {a}", node("Resize", ["x", "", "s"], mode=mode, **a), {"x": y}, {"s": np.array(scale, dtype=np.float32)}, opset=19)
    for policy in ("not_larger", "not_smaller"):
        case(f"Resize {policy}", node("Resize", ["x", "", "", "s"], mode="linear", axes=[2, 3], keep_aspect_ratio_policy=policy), {"x": y}, {"s": whole(9, 4)}, opset=18)
    crop = np.array([0, 0, 0.2, 0.1, 1, 1, 0.7, 1.3], dtype=np.float32)
    case("Resize of a part", node("Resize", ["x", "r", "", "s"], mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0), {"x": y}, {"r": crop, "s": whole(1, 2, 4, 7)}, opset=13)


def sequences():
    x = real(4, 3, 2)
    split = node("SplitToSequence", ["x", "n"], ["s"], axis=1)
    for name, n in (("one", np.int64(2)), ("all", whole(1, 2))):
        case(f"SplitToSequence {name}", [split, node("ConcatFromSequence", ["s"], axis=1)], {"x": x}, {"n": n})
    parts = node("SplitToSequence", ["x"], ["s"], axis=0, keepdims=0)
    case("ConcatFromSequence, stacked", [parts, node("ConcatFromSequence", ["s"], axis=-1, new_axis=1)], {"x": x})
    case("SequenceAt", [parts, node("SequenceAt", ["s", "i"])], {"x": x}, {"i": np.int64(-2)})
    more = [parts, node("SequenceInsert", ["s", "z", "i"], ["t"]), node("SequenceErase", ["t", "j"], ["u"]), node("ConcatFromSequence", ["u"], axis=0)]
    case("SequenceInsert and SequenceErase", more, {"x": x, "z": real(3, 2)}, {"i": np.int64(1), "j": np.int64(-1)})
    case("SequenceConstruct", [node("SequenceConstruct", ["x", "z"], ["s"]), node("SequenceLength", ["s"], ["l"]), node("ConcatFromSequence", ["s"], axis=0)], {"x": x, "z": real(2, 3, 2)}, outputs=("y", "l"))
    case("Optional", [node("Optional", ["x"], ["o"]), node("OptionalHasElement", ["o"], ["h"]), node("OptionalGetElement", ["o"])], {"x": x}, outputs=("y", "h"), opset=18)
    body = h.make_graph([node("Relu", ["e"], ["v"]), node("Add", ["v", "b"], ["w"])], "b", [h.make_tensor_value_info(k, T.FLOAT, [3, 2]) for k in "eb"], [h.make_tensor_value_info("w", T.FLOAT, [3, 2])])
    case("SequenceMap", [parts, node("SequenceMap", ["s", "z"], ["m"], body=body), node("ConcatFromSequence", ["m"], axis=0)], {"x": x, "z": real(3, 2)})


def sounds():
    for op in "HannWindow HammingWindow BlackmanWindow".split():
        for periodic in (0, 1):
            case(f"{op} {periodic}", node(op, ["n"], periodic=periodic), {}, {"n": np.int64(9)})
    x = real(2, 11, 3, 1)
    case("DFT", node("DFT", ["x"], axis=1), {"x": x})
    case("DFT of one side", node("DFT", ["x"], axis=1, onesided=1), {"x": x})
    case("DFT of complex numbers, cut", node("DFT", ["x", "n"], axis=1), {"x": real(2, 11, 2)}, {"n": np.int64(7)})
    case("DFT back", node("DFT", ["x"], axis=1, inverse=1), {"x": real(2, 8, 2)})
    case("DFT 20", node("DFT", ["x", "", "a"]), {"x": x}, {"a": np.int64(-2)}, opset=20)
    signal = real(2, 40, 1)
    for side in (0, 1):
        case(f"STFT {side}", node("STFT", ["x", "s", "w", "n"], onesided=side), {"x": signal}, {"s": np.int64(5), "w": real(12), "n": np.int64(12)})
    sizes = {"c": np.int64(6), "l": np.int64(32), "r": np.int64(8000), "f": np.float32(50), "t": np.float32(3500)}
    case("MelWeightMatrix", node("MelWeightMatrix", list(sizes)), {}, sizes)


def recurrent():
    for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        for way in ("forward", "reverse", "bidirectional"):
            d, n, t, k, width = (2 if way == "bidirectional" else 1), 3, 5, 4, 3
            weights = {"w": real(d, gates * width, k), "r": real(d, gates * width, width), "b": real(d, 2 * gates * width)}
            states = ["h", "c"] if op == "LSTM" else ["h"]
            outputs = ("y", "yh", "yc") if op == "LSTM" else ("y", "yh")
            given = {"x": real(t, n, k), **{s: real(d, n, width) for s in states}}
            lengths = np.array([5, 2, 3], dtype=np.int32)
            case(f"{op} {way} with lengths", node(op, ["x", "w", "r", "b", "l", *states], outputs, hidden_size=width, direction=way), given, {**weights, "l": lengths}, outputs=outputs)


def microsoft():
    n, t, heads, k = 2, 4, 2, 4
    width = heads * k
    x, weights = real(n, t, width), {"w": real(width, 3 * width), "b": real(3 * width)}
    past = real(2, n, heads, 3, k)
    case("Attention with keys of before", contrib("Attention", ["x", "w", "b", "", "p"], ["y", "o"], num_heads=heads, unidirectional=1), {"x": x, "p": past}, weights, outputs=("y", "o"))
    three = {"q": real(n, t, width), "k": real(n, t, width), "v": real(n, t, width)}
    before = {"pk": real(n, heads, 3, k), "pv": real(n, heads, 3, k)}
    outputs = ("y", "ok", "ov")
    case("MultiHeadAttention with keys of before", contrib("MultiHeadAttention", ["q", "k", "v", "", "", "", "pk", "pv"], outputs, num_heads=heads), {**three, **before}, outputs=outputs)
    case("MultiHeadAttention of heads", contrib("MultiHeadAttention", ["q", "k", "v"], num_heads=heads), {"q": three["q"], "k": real(n, heads, 5, k), "v": real(n, heads, 5, k)})
    for shared in (1, 2, 4):
        size = 16
        angles = rng.uniform(0, 3, (9, size // 2))
        tables = {"c": np.cos(angles).astype(np.float32), "s": np.sin(angles).astype(np.float32)}
        q, kv = real(n, t, 4 * size), [real(n, t, shared * size) for _ in range(2)]
        for earlier in (0, 1, 3):
            # A first run takes any number of positions, and a later one takes one.
            length = t if earlier == 0 else 1
            ends = {"l": np.full(n, earlier + length - 1, dtype=np.int32), "m": np.array(earlier + length, dtype=np.int32)}
            keys = {"pk": real(n, shared, earlier, size), "pv": real(n, shared, earlier, size)} if earlier else {}
            names = ["q", "k", "v", *(list(keys) or ["", ""]), "l", "m", "c", "s"]
            a = dict(num_heads=4, kv_num_heads=shared, do_rotary=1, rotary_interleaved=int(pick(0, 1)), **pick({}, {"softcap": 5.0}, {"local_window_size": 2}, {"scale": 0.2}))
            given = {"q": q[:, :length], "k": kv[0][:, :length], "v": kv[1][:, :length], **keys}
            case(f"GroupQueryAttention {shared} {earlier} {a}", contrib("GroupQueryAttention", names, outputs, **a), given, {**ends, **tables}, outputs=outputs)
    case("GroupQueryAttention, packed", contrib("GroupQueryAttention", ["q", "", "", "", "", "l", "m"], outputs, num_heads=2, kv_num_heads=1), {"q": real(n, t, 4 * 16)}, {"l": np.full(n, t - 1, dtype=np.int32), "m": np.array(t, dtype=np.int32)}, outputs=outputs)
    for signed in (False, True):
        q = rng.integers(0, 256, (n, t, width)).astype(np.uint8)
        w = factors8(width, 3 * width) if signed else rng.integers(0, 256, (width, 3 * width)).astype(np.uint8)
        zeros = {"i": np.uint8(120), "z": np.int8(3) if signed else np.uint8(130)}
        constants = {"w": w, "b": real(3 * width), "si": np.float32(0.02), "sw": np.float32(0.01), **zeros}
        case(f"QAttention {signed}", contrib("QAttention", ["x", "w", "b", "si", "sw", "m", "i", "z"], num_heads=heads), {"x": q}, {**constants, "m": np.array([4, 2], dtype=np.int32)})


def heads_apart(x, heads):
    return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(0, 2, 1, 3)


def softmax(x):
    y = np.exp(x - x.max(-1, keepdims=True))
    return y / y.sum(-1, keepdims=True)


def formula(name, nodes, inputs, expected):
    """A case of opset 23 with outputs that are known."""
    info = [h.make_tensor_value_info(k, h.np_dtype_to_tensor_dtype(x.dtype), x.shape) for k, x in inputs.items()]
    outputs = [h.make_tensor_value_info(k, T.FLOAT, x.shape) for k, x in expected.items()]
    model = h.make_model(h.make_graph(nodes, "case", info, outputs), opset_imports=[h.make_opsetid("", 23)], ir_version=11)
    found = {k: plain(x.astype(np.float32)) for k, x in expected.items()}
    cases.append({"name": name, "model": base64.b64encode(model.SerializeToString()).decode(), "inputs": {k: plain(x) for k, x in inputs.items()}, "outputs": found})


def latest():
    for axis in (-1, 1):
        x, g = real(2, 3, 4), real(*(3, 4)[-1 if axis == -1 else 0:])
        axes = tuple(range(axis % 3, 3))
        formula(f"RMSNormalization {axis}", [node("RMSNormalization", ["x", "g"], axis=axis, epsilon=1e-3)], {"x": x, "g": g}, {"y": x / np.sqrt((x**2).mean(axes, keepdims=True) + 1e-3) * g})
    n, s, t, hq, hk, k = 2, 3, 5, 4, 2, 6
    for flat in (False, True):
        for causal in (0, 1):
            for past in (0, 2):
                for kind in ("none", "numbers", "booleans"):
                    q, key, value = real(n, hq, s, k), real(n, hk, t, k), real(n, hk, t, k)
                    inputs = {"q": q, "k": key, "v": value}
                    if flat:
                        inputs = {name: x.transpose(0, 2, 1, 3).reshape(n, x.shape[2], -1) for name, x in inputs.items()}
                    names = ["q", "k", "v", "", "", ""]
                    ks, vs = key, value
                    if past:
                        inputs["pk"], inputs["pv"] = real(n, hk, past, k), real(n, hk, past, k)
                        names[4:] = ["pk", "pv"]
                        ks, vs = np.concatenate([inputs["pk"], key], 2), np.concatenate([inputs["pv"], value], 2)
                    scores = q @ np.repeat(ks, hq // hk, 1).swapaxes(2, 3) * 0.4
                    scores = 3 * np.tanh(scores / 3)
                    if kind == "numbers":
                        inputs["m"] = real(s, past + t)
                        scores = scores + inputs["m"]
                    elif kind == "booleans":
                        inputs["m"] = (rng.random((n, 1, s, past + t)) > 0.4) | (np.arange(past + t) == 0)
                        scores = np.where(inputs["m"], scores, -np.inf)
                    if kind != "none":
                        names[3] = "m"
                    if causal:
                        scores = np.where(np.arange(past + t) <= np.arange(s)[:, None] + past, scores, -np.inf)
                    y = softmax(scores) @ np.repeat(vs, hq // hk, 1)
                    if flat:
                        y = y.transpose(0, 2, 1, 3).reshape(n, s, -1)
                    a = dict(is_causal=causal, scale=0.4, softcap=3.0, **(dict(q_num_heads=hq, kv_num_heads=hk) if flat else {}))
                    formula(f"Attention {flat} {causal} {past} {kind}", [node("Attention", names, ["y", "pk2", "pv2"], **a)], inputs, {"y": y, "pk2": ks, "pv2": vs})
    for between in (0, 1):
        x, angles = real(2, 3, 4, 6), rng.uniform(0, 3, (9, 2))
        places = rng.integers(0, 9, (2, 4))
        cos, sin = (f(angles)[places][:, None] for f in (np.cos, np.sin))
        a, b = (x[..., 0:4:2], x[..., 1:4:2]) if between else (x[..., :2], x[..., 2:4])
        both = [a * cos - b * sin, a * sin + b * cos]
        y = np.stack(both, -1).reshape(2, 3, 4, 4) if between else np.concatenate(both, -1)
        y = np.concatenate([y, x[..., 4:]], -1)
        tables = {"c": np.cos(angles).astype(np.float32), "s": np.sin(angles).astype(np.float32)}
        more = dict(interleaved=between, rotary_embedding_dim=4)
        formula(f"RotaryEmbedding of opset 23 {between}", [node("RotaryEmbedding", ["x", "c", "s", "p"], **more)], {"x": x, **tables, "p": places}, {"y": y})
        flat = x.transpose(0, 2, 1, 3).reshape(2, 4, 18)
        own = {name: table[places] for name, table in tables.items()}
        formula(f"RotaryEmbedding of opset 23 without places {between}", [node("RotaryEmbedding", ["x", "c", "s"], num_heads=3, **more)], {"x": flat, **own}, {"y": y.transpose(0, 2, 1, 3).reshape(2, 4, 18)})


for group in (picked, numbers, sampled, sequences, sounds, recurrent, microsoft, latest):
    group()
json.dump(cases, sys.stdout)
