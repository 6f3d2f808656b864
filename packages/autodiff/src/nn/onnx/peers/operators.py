"""Random graphs of one or a few operators, and onnxruntime's outputs: python3 operators.py SEED writes JSON to standard output, a list of cases with
name, model (base64), inputs and outputs, each with type, shape and values. Exits with 3 if a package is missing."""
import json
import sys

from cases import T, case, cases, h, node, np, numpy_helper, pick, real, rng, whole
from microsoft import microsoft
from quantised import quantised


def elementwise():
    shape = tuple(rng.integers(1, 5, rng.integers(1, 4)))
    x = real(*shape)
    for op in "Relu Sigmoid Tanh Softplus Softsign HardSwish Mish Exp Erf Sin Cos Abs Neg Sign Floor Ceil Round Identity Selu".split():
        case(op, node(op, ["x"]), {"x": x}, opset=18)
    for op in "Log Sqrt Reciprocal".split():
        case(op, node(op, ["x"]), {"x": real(*shape, low=0.2)})
    for op in "LeakyRelu Elu Celu ThresholdedRelu".split():
        case(op, node(op, ["x"], alpha=float(rng.uniform(0.1, 2))), {"x": x})
    case("HardSigmoid", node("HardSigmoid", ["x"], alpha=0.3, beta=0.4), {"x": x})
    for way in ("none", "tanh"):
        case("Gelu " + way, node("Gelu", ["x"], approximate=way), {"x": x}, opset=20)
    case("PRelu", node("PRelu", ["x", "s"]), {"x": real(2, 3, 4)}, {"s": real(3, 1)})
    case("Clip", node("Clip", ["x", "a", "b"]), {"x": x}, {"a": np.float32(-0.5), "b": np.float32(1.0)})
    case("Clip below", node("Clip", ["x", "a"]), {"x": x}, {"a": np.float32(-0.5)})
    case("Clip 7", node("Clip", ["x"], min=-0.25, max=0.75), {"x": x}, opset=8)
    case("Clip integers", node("Clip", ["x", "a", "b"]), {"x": whole(-5, 0, 9)}, {"a": np.int64(-2), "b": np.int64(4)})
    a, b = real(3, 1, 4), real(2, 1)
    for op in "Add Sub Mul Div Max Min Sum Mean".split():
        case(op, node(op, ["a", "b"]), {"a": a, "b": b})
    case("Max of three", node("Max", ["a", "b", "c"]), {"a": a, "b": b, "c": real(4)})
    case("Pow", node("Pow", ["a", "b"]), {"a": real(2, 3, low=0.1), "b": real(3)})
    case("Pow of 2", node("Pow", ["a", "b"]), {"a": real(2, 3)}, {"b": np.float32(2)})
    case("Pow by integers", node("Pow", ["a", "b"]), {"a": real(2, 3)}, {"b": whole(1, 2, 3)})
    i, j = whole(7, -7, 8, 0), whole(2, 2, -3, 5)
    for op in "Add Sub Mul Div".split():
        case(op + " of integers", node(op, ["a", "b"]), {"a": i, "b": j})
    case("Mod", node("Mod", ["a", "b"]), {"a": i, "b": j})
    case("Mod of floats", node("Mod", ["a", "b"], fmod=1), {"a": real(2, 3), "b": real(3, low=0.3)})
    for op in "Equal Less LessOrEqual Greater GreaterOrEqual".split():
        case(op, node(op, ["a", "b"]), {"a": np.round(a), "b": np.round(b)})
        case(op + " of integers", node(op, ["a", "b"]), {"a": i, "b": j})
    p, q = rng.random((3, 4)) > 0.5, rng.random((4,)) > 0.5
    for op in "And Or Xor".split():
        case(op, node(op, ["a", "b"]), {"a": p, "b": q})
    case("Not", node("Not", ["a"]), {"a": p})
    case("Where", node("Where", ["c", "a", "b"]), {"c": p, "a": real(3, 1), "b": real(1, 4)})
    case("Where of integers", node("Where", ["c", "a", "b"]), {"c": q, "a": i, "b": j})
    case("Cast to integers", node("Cast", ["x"], to=T.INT64), {"x": x})
    case("Cast to booleans", node("Cast", ["x"], to=T.BOOL), {"x": np.round(x)})
    case("Cast of integers", node("Cast", ["x"], to=T.FLOAT), {"x": i})
    case("Cast of booleans", node("Cast", ["x"], to=T.INT32), {"x": p})
    case("CastLike", node("CastLike", ["x", "i"]), {"x": x, "i": i})
    case("Dropout", node("Dropout", ["x"]), {"x": x})
    case("Dropout 7", node("Dropout", ["x"], ratio=0.5), {"x": x}, opset=7)
    for op in "Asin Acos Atanh".split():
        case(op, node(op, ["x"]), {"x": real(2, 3, low=-0.9, high=0.9)})
    for op in "Atan Sinh Cosh Asinh".split():
        case(op, node(op, ["x"]), {"x": x})
    case("Acosh", node("Acosh", ["x"]), {"x": real(2, 3, low=1.1, high=3)})
    case("Tan", node("Tan", ["x"]), {"x": real(2, 3, low=-1.2, high=1.2)})
    case("IsNaN", node("IsNaN", ["x"]), {"x": x})


def reductions():
    x = real(3, 4, 2, 3)
    for op in "ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp".split():
        keep = int(rng.integers(2))
        axes = sorted(rng.choice(4, rng.integers(1, 4), replace=False).tolist())
        axes = [a - 4 if rng.random() < 0.5 else a for a in axes]
        if op != "ReduceSum":
            case(op + " 13", node(op, ["x"], axes=axes, keepdims=keep), {"x": x}, opset=13)
        else:
            case(op + " 11", node(op, ["x"], axes=axes, keepdims=keep), {"x": x}, opset=11)
        case(op + " 18", node(op, ["x", "a"], keepdims=keep), {"x": x}, {"a": whole(*axes)}, opset=18)
        case(op + " all", node(op, ["x"], keepdims=keep), {"x": x}, opset=18)
    case("ReduceSum of none", node("ReduceSum", ["x", "a"], noop_with_empty_axes=1), {"x": x}, {"a": whole()}, opset=18)
    for op in ("Softmax", "LogSoftmax"):
        for opset in (11, 13):
            for axis in (0, 1, 3, -1):
                case(f"{op} {opset}, {axis}", node(op, ["x"], axis=axis), {"x": x}, opset=opset)
            case(f"{op} {opset}", node(op, ["x"]), {"x": x}, opset=opset)
    t = np.round(x)
    for op in ("ArgMax", "ArgMin"):
        for last in (0, 1):
            case(f"{op} {last}", node(op, ["x"], axis=int(pick(0, 1, -1)), keepdims=int(pick(0, 1)), select_last_index=last), {"x": t})
    for a in (dict(), dict(exclusive=1), dict(reverse=1), dict(exclusive=1, reverse=1)):
        case(f"CumSum {a}", node("CumSum", ["x", "a"], **a), {"x": x}, {"a": np.int64(pick(0, 1, -1))})
    for largest in (0, 1):
        case(f"TopK {largest}", node("TopK", ["x", "k"], ["y", "i"], axis=1, largest=largest), {"x": x}, {"k": whole(3)}, outputs=("y", "i"))


def shapes():
    x = real(2, 3, 4)
    case("Reshape", node("Reshape", ["x", "s"]), {"x": x}, {"s": whole(0, -1, 2)})
    case("Reshape to zeros", node("Reshape", ["x", "s"], allowzero=1), {"x": real(0, 3)}, {"s": whole(3, 0)})
    for axis in (0, 1, 2, 3, -1):
        case(f"Flatten {axis}", node("Flatten", ["x"], axis=axis), {"x": x})
    case("Transpose", node("Transpose", ["x"], perm=rng.permutation(3).tolist()), {"x": x})
    case("Transpose all", node("Transpose", ["x"]), {"x": x})
    one = real(1, 3, 1, 2)
    case("Squeeze", node("Squeeze", ["x"]), {"x": one})
    case("Squeeze 11", node("Squeeze", ["x"], axes=[0, -2]), {"x": one}, opset=11)
    case("Squeeze 13", node("Squeeze", ["x", "a"]), {"x": one}, {"a": whole(-2)})
    case("Unsqueeze 11", node("Unsqueeze", ["x"], axes=[0, 2]), {"x": x}, opset=11)
    case("Unsqueeze 13", node("Unsqueeze", ["x", "a"]), {"x": x}, {"a": whole(-1, 1)})
    case("Expand", node("Expand", ["x", "s"]), {"x": real(3, 1)}, {"s": whole(2, 1, 4)})
    case("Tile", node("Tile", ["x", "r"]), {"x": x}, {"r": whole(2, 1, 3)})
    case("Concat", node("Concat", ["a", "b", "x"], axis=-1), {"a": real(2, 3, 1), "b": real(2, 3, 2), "x": x})
    case("Split 11", node("Split", ["x"], ["y", "z"], axis=2, split=[1, 3]), {"x": x}, outputs=("y", "z"), opset=11)
    case("Split 13", node("Split", ["x", "s"], ["y", "z"], axis=-1), {"x": x}, {"s": whole(3, 1)}, outputs=("y", "z"))
    case("Split evenly", node("Split", ["x"], ["y", "z"], axis=2), {"x": x}, outputs=("y", "z"))
    case("Split 18", node("Split", ["x"], ["y", "z", "w"], axis=0, num_outputs=3), {"x": real(7, 2)}, outputs=("y", "z", "w"), opset=18)
    case("Slice 9", node("Slice", ["x"], starts=[1, 0], ends=[9, -1], axes=[1, 2]), {"x": x}, opset=9)
    big = 2**63 - 1
    case("Slice", node("Slice", ["x", "s", "e", "a", "t"]), {"x": x}, {"s": whole(-1, 0), "e": whole(-big, big), "a": whole(2, -2), "t": whole(-2, 2)})
    case("Slice of the first", node("Slice", ["x", "s", "e"]), {"x": x}, {"s": whole(1), "e": whole(2)})
    case("Gather", node("Gather", ["x", "i"], axis=1), {"x": x}, {"i": whole(2, -1, 0).reshape(3, 1)})
    case("Gather one", node("Gather", ["x", "i"], axis=-1), {"x": x}, {"i": np.int64(-2)})
    case("Gather tokens", node("Gather", ["w", "i"]), {"i": rng.integers(0, 5, (2, 3))}, {"w": real(5, 4)})
    case("GatherElements", node("GatherElements", ["x", "i"], axis=1), {"x": x}, {"i": rng.integers(-3, 3, (2, 2, 3))})
    case("ScatterElements", node("ScatterElements", ["x", "i", "u"], axis=1), {"x": x, "u": real(2, 2, 4)}, {"i": whole(*[0, -1] * 8)[[0, 2, 4, 6, 1, 3, 5, 7] * 2].reshape(2, 2, 4)})
    case("ScatterElements, added", node("ScatterElements", ["x", "i", "u"], axis=-1, reduction="add"), {"x": x, "u": real(1, 2, 3)}, {"i": rng.integers(-4, 4, (1, 2, 3))}, opset=18)
    case("GatherND", node("GatherND", ["x", "i"]), {"x": x}, {"i": whole(1, 2, 0, -1, 1, 0).reshape(3, 2)})
    case("GatherND in batches", node("GatherND", ["x", "i"], batch_dims=1), {"x": x}, {"i": whole(1, 0, -1, 1).reshape(2, 2, 1)})
    case("ScatterND", node("ScatterND", ["x", "i", "u"]), {"x": x, "u": real(2, x.shape[2])}, {"i": whole(1, 2, 0, -1).reshape(2, 2)})
    added = node("ScatterND", ["x", "i", "u"], reduction="add")
    case("ScatterND, added", added, {"x": x, "u": real(3, *x.shape[1:])}, {"i": whole(1, 0, 1).reshape(3, 1)}, opset=18)
    case("NonZero", [node("NonZero", ["m"], "y")], {}, {"m": real(3, 4) > 0}, kind=T.INT64)
    for upper in (0, 1):
        case(f"Trilu {upper}", node("Trilu", ["x", "k"], upper=upper), {"x": x}, {"k": np.int64(pick(-1, 0, 1))})
    case("Shape", node("Shape", ["x"], start=-2), {"x": x})
    case("Size", node("Size", ["x"]), {"x": x})
    fill = numpy_helper.from_array(np.array([1.5], dtype=np.float32))
    case("ConstantOfShape", node("ConstantOfShape", ["s"], value=fill), {"s": whole(2, 3)})
    case("Range", node("Range", ["a", "b", "c"]), {}, {"a": np.float32(1), "b": np.float32(4), "c": np.float32(0.7)})
    case("Range back", node("Range", ["a", "b", "c"]), {}, {"a": np.int64(5), "b": np.int64(-2), "c": np.int64(-3)})
    case("OneHot", node("OneHot", ["i", "d", "v"], axis=int(pick(-1, 0, 1))), {"i": rng.integers(-4, 4, (2, 3))}, {"d": np.int64(4), "v": real(2)})
    for mode in ("constant", "edge", "reflect", "wrap"):
        case("Pad " + mode, node("Pad", ["x", "p"], mode=mode), {"x": x}, {"p": whole(0, 1, 2, 1, 0, 3)}, opset=19)
    case("Pad by a value", node("Pad", ["x", "p", "v", "a"]), {"x": x}, {"p": whole(1, 2, 0, 1), "v": np.float32(3), "a": whole(-1, 0)}, opset=18)
    case("Pad and cut", node("Pad", ["x", "p"]), {"x": x}, {"p": whole(0, -1, 1, 0, 0, -2)})
    case("Pad 2", node("Pad", ["x"], pads=[0, 1, 0, 0, 0, 2], value=0.5), {"x": x}, opset=9)
    case("DepthToSpace", node("DepthToSpace", ["x"], blocksize=2, mode=pick("DCR", "CRD")), {"x": real(1, 8, 2, 3)})
    case("SpaceToDepth", node("SpaceToDepth", ["x"], blocksize=2), {"x": real(1, 2, 4, 6)})
    case(
        "a shape from a shape",
        [
            node("Shape", ["x"], ["s"]),
            node("Gather", ["s", "zero"], ["n"]),
            node("Unsqueeze", ["n", "axis"], ["n1"]),
            node("Mul", ["n1", "two"], ["n2"]),
            node("Concat", ["n2", "rest"], ["to"], axis=0),
            node("Reshape", ["x", "to"]),
        ],
        {"x": x},
        {"zero": np.int64(0), "axis": whole(0), "two": whole(2), "rest": whole(-1)},
    )


def images():
    for k in range(8):
        group = pick(1, 1, 2)
        size = [int(rng.integers(1, 4)), int(rng.integers(1, 4))]
        pads = rng.integers(0, 3, 4).tolist() if k % 2 else [1, 1, 1, 1]
        a = dict(kernel_shape=size, strides=[int(pick(1, 2)), int(pick(1, 2))], dilations=[int(pick(1, 2)), int(pick(1, 1, 2))], pads=pads, group=group)
        x, w, b = real(2, 4, 7, 8), real(6, 4 // group, *size), real(6)
        case(f"Conv {a}", node("Conv", ["x", "w", "b"], **a), {"x": x}, {"w": w, "b": b})
        a["dilations"] = [1, 1]
        w = real(4, 6 // group, *size)
        more = [int(rng.integers(0, s)) for s in a["strides"]]
        a["pads"] = [min(p, s - 1) for p, s in zip(pads, size + size)]
        case(f"ConvTranspose {a} {more}", node("ConvTranspose", ["x", "w", "b"], output_padding=more, **a), {"x": x}, {"w": w, "b": b})
    for way in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        case("Conv " + way, node("Conv", ["x", "w"], auto_pad=way, strides=[2, 1]), {"x": real(1, 2, 6, 7)}, {"w": real(3, 2, 3, 2)})
    case("Conv depthwise", node("Conv", ["x", "w"], group=4, pads=[1, 1, 1, 1]), {"x": real(1, 4, 5, 5)}, {"w": real(4, 1, 3, 3)})
    case("Conv 1d", node("Conv", ["x", "w", "b"], strides=[2], pads=[1, 2], dilations=[2]), {"x": real(2, 3, 9)}, {"w": real(4, 3, 3), "b": real(4)})
    case("ConvTranspose 1d", node("ConvTranspose", ["x", "w"], strides=[2], pads=[1, 0]), {"x": real(2, 3, 5)}, {"w": real(3, 2, 3)})
    for k in range(6):
        size = [int(rng.integers(1, 4)), int(rng.integers(2, 4))]
        pads = [int(rng.integers(0, (n + 1) // 2 + 0)) for n in size + size]
        a = dict(kernel_shape=size, strides=[int(pick(1, 2)), int(pick(1, 2, 3))], pads=pads, ceil_mode=int(pick(0, 1)))
        x = real(2, 3, 8, 7)
        case(f"MaxPool {a}", node("MaxPool", ["x"], **a), {"x": x})
        case(f"AveragePool {a}", node("AveragePool", ["x"], **a), {"x": x}, opset=19)
        # From opset 19 on, onnxruntime 1.21 does not count padding after the image.
        a["ceil_mode"] = 0
        case(f"AveragePool with padding {a}", node("AveragePool", ["x"], count_include_pad=1, **a), {"x": x}, opset=17)
    case("MaxPool 1d", node("MaxPool", ["x"], kernel_shape=[3], strides=[2], pads=[1, 1]), {"x": real(2, 3, 8)})
    case("AveragePool same", node("AveragePool", ["x"], kernel_shape=[2, 3], auto_pad="SAME_UPPER"), {"x": real(1, 2, 5, 5)})
    case("GlobalAveragePool", node("GlobalAveragePool", ["x"]), {"x": real(2, 3, 4, 5)})
    case("GlobalMaxPool", node("GlobalMaxPool", ["x"]), {"x": real(2, 3, 4, 5)})
    for centred in (0, 1):
        corners = np.sort(rng.uniform(0, 4, (2, 12, 2, 2)).astype(np.float32), axis=2).reshape(2, 12, 4)
        boxes = np.abs(real(2, 12, 4)) if centred else corners
        limits = {"n": whole(4), "t": np.float32(0.3), "l": np.float32(0.2)}
        nms = node("NonMaxSuppression", ["b", "s", "n", "t", "l"], center_point_box=centred)
        # Its shape depends on the data, so that a compiled program cannot have it: the boxes are constants.
        case(f"NonMaxSuppression {centred}", nms, {}, {"b": boxes, "s": real(2, 3, 12, low=0, high=1), **limits})
    for k in range(3):
        size, pads = rng.integers(1, 4, 3).tolist(), rng.integers(0, 2, 6).tolist()
        a = dict(kernel_shape=size, strides=rng.integers(1, 3, 3).tolist(), dilations=rng.integers(1, 3, 3).tolist(), pads=pads if k else [1] * 6, group=int(pick(1, 2)))
        case(f"Conv of volumes {a}", node("Conv", ["x", "w", "b"], **a), {"x": real(2, 4, 6, 7, 5)}, {"w": real(4, 4 // a["group"], *size), "b": real(4)})
        a = dict(kernel_shape=[2, 3, 2], strides=a["strides"], pads=pads, ceil_mode=int(pick(0, 1)))
        case(f"MaxPool of volumes {a}", node("MaxPool", ["x"], **a), {"x": real(2, 3, 6, 5, 4)})
        case(f"AveragePool of volumes {a}", node("AveragePool", ["x"], **a), {"x": real(2, 3, 6, 5, 4)}, opset=19)
    for mode in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
        for scale in ([1, 1, 2, 3], [1, 1, 1.6, 0.5]):
            s = np.array(scale, dtype=np.float32)
            case(f"Resize linear {mode} {scale}", node("Resize", ["x", "", "s"], mode="linear", coordinate_transformation_mode=mode), {"x": real(1, 2, 4, 5)}, {"s": s})
            for near in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
                case(f"Resize {near} {mode} {scale}", node("Resize", ["x", "", "s"], nearest_mode=near, coordinate_transformation_mode=mode), {"x": real(1, 2, 4, 5)}, {"s": s})
    for mode in ("half_pixel", "align_corners", "asymmetric"):
        case(f"Resize cubic {mode}", node("Resize", ["x", "", "s"], mode="cubic", coordinate_transformation_mode=mode), {"x": real(1, 2, 4, 5)}, {"s": np.array([1, 1, 1.6, 2], dtype=np.float32)})
    case("Resize to sizes", node("Resize", ["x", "", "", "n"], mode="linear"), {"x": real(1, 2, 4, 5)}, {"n": whole(1, 2, 7, 3)})
    case("Resize 10", node("Resize", ["x", "s"]), {"x": real(1, 2, 4, 5)}, {"s": np.array([1, 1, 2, 2], dtype=np.float32)}, opset=10)
    case("Upsample", node("Upsample", ["x", "s"]), {"x": real(1, 2, 4, 5)}, {"s": np.array([1, 1, 2, 2], dtype=np.float32)}, opset=9)


def networks():
    case("MatMul", node("MatMul", ["a", "b"]), {"a": real(2, 1, 3, 4), "b": real(5, 4, 2)})
    case("MatMul of a vector", node("MatMul", ["a", "b"]), {"a": real(4), "b": real(5, 4, 2)})
    for a in (0, 1):
        for b in (0, 1):
            shape = (3, 4) if not a else (4, 3), (4, 5) if not b else (5, 4)
            case(f"Gemm {a} {b}", node("Gemm", ["a", "b", "c"], transA=a, transB=b, alpha=0.7, beta=1.3), {"a": real(*shape[0])}, {"b": real(*shape[1]), "c": real(5)})
    case("Gemm without bias", node("Gemm", ["a", "b"]), {"a": real(3, 4)}, {"b": real(4, 5)})
    case("Einsum", node("Einsum", ["a", "b"], equation="bij,bkj->bik"), {"a": real(2, 3, 4), "b": real(2, 5, 4)})
    for equation, first, second in (("...ij,...jk->...ik", (2, 1, 3, 4), (1, 5, 4, 2)), ("i...,...i", (3, 2, 4), (2, 4, 3)), ("a...b,bc->...ca", (2, 3, 1, 4), (4, 5))):
        case("Einsum " + equation, node("Einsum", ["a", "b"], equation=equation), {"a": real(*first), "b": real(*second)}, kind=T.FLOAT)
    case("LpNormalization", node("LpNormalization", ["x"], axis=1, p=int(pick(1, 2))), {"x": real(2, 3, 4)})
    case("MeanVarianceNormalization", node("MeanVarianceNormalization", ["x"]), {"x": real(2, 3, 4, 2)})
    x = real(2, 6, 3, 4)
    four = {k: real(6, low=0.2) for k in "gbmv"}
    case("BatchNormalization", node("BatchNormalization", ["x", "g", "b", "m", "v"], epsilon=1e-3), {"x": x}, four)
    case("BatchNormalization of rows", node("BatchNormalization", ["x", "g", "b", "m", "v"]), {"x": real(5, 6)}, four)
    case("InstanceNormalization", node("InstanceNormalization", ["x", "g", "b"]), {"x": x}, {k: four[k] for k in "gb"})
    case("GroupNormalization", node("GroupNormalization", ["x", "g", "b"], num_groups=3), {"x": x}, {k: four[k] for k in "gb"}, opset=21, kind=T.FLOAT)
    case("LRN", node("LRN", ["x"], size=3, alpha=0.3, beta=0.6, bias=1.5), {"x": x})
    case("LayerNormalization", node("LayerNormalization", ["x", "g", "b"]), {"x": real(2, 3, 6)}, {k: four[k] for k in "gb"})
    case("LayerNormalization 1", node("LayerNormalization", ["x", "g", "b"], axis=1, epsilon=1e-3), {"x": real(2, 3, 6)}, {"g": real(3, 6), "b": real(3, 6)})
    n, t, i, hidden = 2, 4, 3, 5
    for op, gates, after in (("LSTM", 4, 0), ("GRU", 3, 1), ("GRU", 3, 0), ("RNN", 1, 0)):
        for direction in ("forward", "reverse", "bidirectional"):
            d = 2 if direction == "bidirectional" else 1
            a = dict(hidden_size=hidden, direction=direction)
            if op == "RNN":
                a["activations"] = [pick("Tanh", "Relu", "Sigmoid") for _ in range(d)]
            if op == "GRU":
                a["linear_before_reset"] = after
            constants = {"w": real(d, gates * hidden, i, low=-0.5, high=0.5), "r": real(d, gates * hidden, hidden, low=-0.5, high=0.5)}
            outputs = ("y", "yh", "yc")[: 3 if op == "LSTM" else 2]
            case(f"{op} {after} {direction}", node(op, ["x", "w", "r"], outputs, **a), {"x": real(t, n, i)}, constants, outputs=outputs)
            constants["b"] = real(d, 2 * gates * hidden, low=-0.5, high=0.5)
            states = ["h", "c"][: 2 if op == "LSTM" else 1]
            inputs = {"x": real(t, n, i), **{s: real(d, n, hidden) for s in states}}
            case(f"{op} {after} {direction} with states", node(op, ["x", "w", "r", "b", "", *states], outputs, **a), inputs, constants, outputs=outputs)


def exported():
    """Networks in the words of PyTorch's exporter."""
    count = iter(range(10**6))
    nodes, constants = [], {}

    def add(op, *inputs, n=1, **attributes):
        outputs = [f"/{op}_{next(count)}_output_0" for _ in range(n)]
        nodes.append(h.make_node(op, list(inputs), outputs, name=outputs[0], **attributes))
        return outputs[0] if n == 1 else outputs

    def constant(value):
        return add("Constant", value=numpy_helper.from_array(np.array(value)))

    def weight(name, *shape):
        constants[name] = real(*shape, low=-0.5, high=0.5)
        return name

    def dense(x, name, a, b):
        return add("Add", weight(name + ".bias", b), add("MatMul", x, weight(f"onnx::MatMul_{next(count)}", a, b)))

    def norm(x, name, width, fused):
        g, b = weight(name + ".weight", width), weight(name + ".bias", width)
        if fused:
            return add("LayerNormalization", x, g, b, axis=-1, epsilon=1e-5)
        apart = add("Sub", x, add("ReduceMean", x, axes=[-1]))
        spread = add("ReduceMean", add("Pow", apart, constant(np.float32(2))), axes=[-1])
        y = add("Div", apart, add("Sqrt", add("Add", spread, constant(np.float32(1e-5)))))
        return add("Add", add("Mul", y, g), b)

    def size(x, axis):
        return add("Gather", add("Shape", x), constant(np.int64(axis)), axis=0)

    def vector(x):
        return add("Unsqueeze", x, constant(whole(0)))

    width, heads = 8, 2
    for fused in (False, True):
        nodes.clear()
        constants.clear()
        x = add("Gather", weight("embed.weight", 11, width), "tokens")
        n, t = size(x, 0), size(x, 1)
        places = add("Unsqueeze", add("Range", constant(np.int64(0)), t, constant(np.int64(1))), constant(whole(0)))
        x = add("Add", x, add("Gather", weight("positions.weight", 9, width), places))
        y = norm(x, "norm1", width, fused)
        packed = dense(y, "attention", width, 3 * width)
        parts = add("Split", packed, constant(whole(width, width, width)), n=3, axis=2)
        to = add("Concat", vector(n), vector(t), constant(whole(heads)), constant(whole(width // heads)), axis=0)
        q, k, v = [add("Transpose", add("Reshape", p, to), perm=[0, 2, 1, 3]) for p in parts]
        scores = add("Div", add("MatMul", q, add("Transpose", k, perm=[0, 1, 3, 2])), constant(np.float32(np.sqrt(width // heads))))
        square = add("Concat", vector(t), vector(t), axis=0)
        ones = add("ConstantOfShape", square, value=numpy_helper.from_array(np.array([1.0], dtype=np.float32)))
        causal = add("Cast", add("Trilu", ones, upper=0), to=T.BOOL)
        masked = add("Where", causal, scores, constant(np.float32(-np.inf)))
        mixed = add("Transpose", add("MatMul", add("Softmax", masked, axis=-1), v), perm=[0, 2, 1, 3])
        back = add("Concat", vector(n), vector(t), constant(whole(width)), axis=0)
        x = add("Add", x, dense(add("Reshape", mixed, back), "out", width, width))
        y = dense(norm(x, "norm2", width, fused), "up", width, 16)
        inner = add("Add", add("Erf", add("Div", y, constant(np.float32(1.41421354)))), constant(np.float32(1)))
        y = add("Mul", add("Mul", y, inner), constant(np.float32(0.5)))
        x = add("Add", x, dense(y, "down", 16, width))
        x = add("Slice", x, constant(whole(-1)), constant(whole(2**63 - 1)), constant(whole(1)), constant(whole(1)))
        nodes.append(h.make_node("Squeeze", [x, constant(whole(1))], ["y"], name="last"))
        nodes.insert(0, nodes.pop(-2))
        case(f"a transformer, {'fused norms' if fused else 'norms in parts'}", list(nodes), {"tokens": rng.integers(0, 11, (2, 5))}, dict(constants))
    nodes.clear()
    constants.clear()
    x = "x"
    for i, (a, b) in enumerate([(3, 6), (6, 8)]):
        x = add("Conv", x, weight(f"conv{i}.weight", b, a, 3, 3), kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1 + i, 1 + i])
        for part in ("weight", "bias", "running_mean", "running_var"):
            constants[f"bn{i}.{part}"] = real(b, low=0.2)
        x = add("BatchNormalization", x, *[f"bn{i}.{p}" for p in ("weight", "bias", "running_mean", "running_var")], epsilon=1e-5, momentum=0.9)
        x = add("Relu", x)
    x = add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=0)
    x = add("Flatten", add("GlobalAveragePool", x), axis=1)
    nodes.append(h.make_node("Gemm", [x, weight("fc.weight", 4, 8), weight("fc.bias", 4)], ["y"], transB=1))
    case("a convolutional network", list(nodes), {"x": real(2, 3, 9, 8)}, dict(constants))


for group in (elementwise, reductions, shapes, images, networks, exported, quantised, microsoft):
    group()
json.dump(cases, sys.stdout)
