"""Operators of onnxruntime, into which its optimisers join those of ONNX."""
from cases import T, case, contrib, node, np, real, rng


def simple():
    x, b = real(2, 3, 8), real(8)
    case("com.microsoft.Gelu", contrib("Gelu", ["a"]), {"a": x})
    case("BiasGelu", contrib("BiasGelu", ["a", "b"]), {"a": x}, {"b": b})
    case("FastGelu", contrib("FastGelu", ["a"]), {"a": x})
    case("FastGelu with a bias", contrib("FastGelu", ["a", "b"]), {"a": x}, {"b": b})
    case("QuickGelu", contrib("QuickGelu", ["a"], alpha=1.5), {"a": x})
    for a in (0, 1):
        for b_ in (0, 1):
            shapes = ((2, 4, 3) if a else (2, 3, 4)), ((2, 5, 4) if b_ else (2, 4, 5))
            case(f"FusedMatMul {a} {b_}", contrib("FusedMatMul", ["a", "b"], transA=a, transB=b_, alpha=0.3), {k: real(*s) for k, s in zip("ab", shapes)})
    for name, params in (("Relu", []), ("LeakyRelu", [0.2]), ("Clip", [-0.5, 0.5]), ("HardSigmoid", [0.3, 0.4]), ("Tanh", [])):
        more = {"activation_params": params} if params else {}
        case(f"FusedConv {name}", contrib("FusedConv", ["x", "w", "c"], activation=name, pads=[1, 1, 1, 1], **more), {"x": real(1, 2, 5, 4)}, {"w": real(3, 2, 3, 3), "c": real(3)})
    # onnxruntime 1.21 adds the sum in the wrong order of channels when it optimises those of images.
    case("FusedConv with a sum", contrib("FusedConv", ["x", "w", "c", "z"], activation="Relu", pads=[1, 1]), {"x": real(1, 2, 5), "z": real(1, 3, 5)}, {"w": real(3, 2, 3), "c": real(3)})
    case("FusedGemm", contrib("FusedGemm", ["a", "b", "c"], activation="LeakyRelu", activation_alpha=0.3, transB=1), {"a": real(3, 4)}, {"b": real(5, 4), "c": real(5)})


def norms():
    x, skip = real(2, 3, 8), real(2, 3, 8)
    four = {k: real(8) for k in "gbc"}
    full = ["y", "", "", "s"]
    case("SkipLayerNormalization", contrib("SkipLayerNormalization", ["x", "k", "g", "b"], epsilon=1e-3), {"x": x, "k": skip}, four)
    case("SkipLayerNormalization with a bias and a sum", contrib("SkipLayerNormalization", ["x", "k", "g", "b", "c"], full), {"x": x, "k": skip}, four, outputs=("y", "s"))
    case("SkipSimplifiedLayerNormalization", contrib("SkipSimplifiedLayerNormalization", ["x", "k", "g"], full, epsilon=1e-5), {"x": x, "k": skip}, four, outputs=("y", "s"))
    case("SimplifiedLayerNormalization", node("SimplifiedLayerNormalization", ["x", "g"], epsilon=1e-3), {"x": x}, four, kind=T.FLOAT)
    tables = {"w": real(11, 8), "p": real(9, 8), "t": real(2, 8), **four}
    ids, kinds, mask = (rng.integers(0, n, (2, 5)).astype(np.int32) for n in (11, 2, 2))
    case("EmbedLayerNormalization", contrib("EmbedLayerNormalization", ["i", "k", "w", "p", "t", "g", "b", "m"], ["y", "l", "s"]), {"i": ids, "k": kinds, "m": mask}, tables, outputs=("y", "s"))
    case("EmbedLayerNormalization of words", contrib("EmbedLayerNormalization", ["i", "", "w", "p", "", "g", "b"], ["y", "l"]), {"i": ids}, tables, outputs=("y",))


def attention():
    n, t, width, heads = 2, 5, 8, 2
    x, weights = real(n, t, width), {"w": real(width, 3 * width), "b": real(3 * width)}
    raw = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=np.int32)
    masks = {"none": None, "numbers": raw, "lengths": raw.sum(1).astype(np.int32), "of pairs": np.tril(np.ones((n, t, t), dtype=np.int32))}
    for name, mask in masks.items():
        for causal in (0, 1):
            inputs = {"x": x} if mask is None else {"x": x, "m": mask}
            case(f"Attention, mask {name}, {causal}", contrib("Attention", ["x", "w", "b", *list(inputs)[1:]], num_heads=heads, unidirectional=causal), inputs, weights)
    case("Attention with a bias of scores", contrib("Attention", ["x", "w", "b", "", "", "a"], num_heads=heads, scale=0.3), {"x": x, "a": real(1, heads, t, t)}, weights)
    three = {"q": real(n, 4, width), "k": real(n, t, width), "v": real(n, t, width)}
    case("MultiHeadAttention", contrib("MultiHeadAttention", ["q", "k", "v", "b"], num_heads=heads), three, weights)
    case("MultiHeadAttention with a mask", contrib("MultiHeadAttention", ["q", "k", "v", "", "m"], num_heads=heads), {**three, "m": raw}, weights)
    for between in (0, 1):
        caches = {"c": real(9, 2), "s": real(9, 2)}
        case(f"RotaryEmbedding {between}", contrib("RotaryEmbedding", ["x", "p", "c", "s"], interleaved=between), {"x": real(n, t, width), "p": np.array([3], dtype=np.int64)}, caches)
        case(f"RotaryEmbedding of places {between}", contrib("RotaryEmbedding", ["x", "p", "c", "s"], interleaved=between), {"x": real(n, heads, t, 4), "p": rng.integers(0, 9, (n, t))}, caches)
    case("RotaryEmbedding of a part", contrib("RotaryEmbedding", ["x", "p", "c", "s"], num_heads=1, rotary_embedding_dim=4), {"x": real(n, t, width), "p": np.array([0], dtype=np.int64)}, {"c": real(9, 2), "s": real(9, 2)})


def microsoft():
    for group in (simple, norms, attention):
        group()
