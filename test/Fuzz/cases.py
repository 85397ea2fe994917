"""Random programs: what a case is made of. A case is plain data, so that it can be
written to a file, run again, and made smaller by taking things out."""

import numpy as np

EXTENTS = [1, 1, 2, 3, 5, 8, 16, 17, 31, 32, 33, 64, 129]
EMPTY = 0.02  # of the extents are 0
KINDS = ["f32"] * 6 + ["f16", "bf16", "f64", "i32"]
TARGETS = ["host", "host", "x86-64-v4", "x86-64-v3", "x86-64"]
ACTIONS = ["relu", "double", "residual", "reshape", "transpose", "scale", "subtract"]
ENDS = ["", "", "", "sum-last", "sum-first", "max-last", "self-product"]
BIASES = ["", "broadcast", "named-broadcast", "direct", "into-init", "before"]


def random_extent(rng) -> int:
    return 0 if rng.random() < EMPTY else int(rng.choice(EXTENTS))


def random_pattern(rng) -> dict:
    """What is zero in a weight, and how the program says so."""
    kind = str(rng.choice(["dense", "nm", "nm", "block", "unstructured"]))
    said = bool(rng.random() < 0.6)
    if kind == "nm":
        m = int(rng.integers(1, 17))
        n = int(rng.integers(1, m + 1))
        if rng.random() < 0.4:
            n, m = [(2, 4), (1, 4), (4, 8), (1, 8)][rng.integers(4)]
        along = "outputs" if rng.random() < 0.1 else "inputs"
        return {"kind": kind, "n": n, "m": m, "along": along, "said": said}
    if kind == "block":
        rows, cols = (int(rng.choice([1, 2, 3, 4, 8, 16])) for _ in range(2))
        return {"kind": kind, "rows": rows, "cols": cols, "said": said,
                "density": float(rng.choice([0.0, 0.25, 0.5, 1.0]))}
    if kind == "unstructured":
        return {"kind": kind, "said": said, "density": float(rng.choice([0.0, 0.1, 0.5]))}
    return {"kind": kind}


def random_linear(rng, kind: str) -> dict:
    return {
        "action": "linear",
        "outputs": random_extent(rng),
        "pattern": random_pattern(rng),
        "stored": str(rng.choice(["outputs-inputs", "outputs-inputs", "inputs-outputs"])),
        "side": str(rng.choice(["right", "right", "right", "left"])),
        "bias": str(rng.choice(BIASES)),
        "batch": str(rng.choice(["collapse", "collapse", "broadcast"])),
        "tied": bool(rng.random() < 0.3),
        "clamp": 0,
    }


def random_format(rng, steps) -> str:
    """One that holds every weight, or nothing: then the compiler chooses."""
    patterns = [step["pattern"] for step in steps if step["action"] == "linear"]
    choices = ["", "", "dense"]
    if all(p["kind"] != "dense" and p.get("said") for p in patterns):
        choices += ["stream"] * 2
    if all(p["kind"] == "nm" and p["said"] and p["along"] == "inputs" for p in patterns):
        choices += ["nm"] * 3
    if all(p["kind"] == "block" and p["said"] for p in patterns):
        choices += ["bsr"] * 3
    return str(rng.choice(choices))


def random_case(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(KINDS))
    rank = int(rng.choice([2, 2, 3]))
    steps = []
    for _ in range(int(rng.integers(1, 4))):
        steps.append(random_linear(rng, kind))
        for _ in range(int(rng.integers(0, 3))):
            steps.append({"action": str(rng.choice(ACTIONS))})
    case = {
        "seed": seed,
        "kind": kind,
        "shape": [random_extent(rng) for _ in range(rank)],
        "dynamic": [bool(rng.random() < 0.4) for _ in range(rank - 1)],
        "steps": steps,
        "end": str(rng.choice(ENDS)),
        "two_results": bool(rng.random() < 0.2),
        "format": random_format(rng, steps),
        "target": str(rng.choice(TARGETS)),
        "threads": int(rng.choice([1, 1, 2, 64])),
    }
    # Upstream cannot bufferize reshapes of a static 0 next to an unknown extent.
    zeros = [n == 0 and not dynamic for n, dynamic in zip(case["shape"], case["dynamic"])]
    if any(zeros) or any(step.get("outputs") == 0 for step in steps):
        case["dynamic"] = [False] * (rank - 1)
    while np.prod(case["shape"]) > 129 * 129:
        case["shape"][int(np.argmax(case["shape"]))] = 3
    return case


def simpler(case: dict):
    """Cases with one thing less, for making a failing case small."""
    for index in reversed(range(len(case["steps"]))):
        if len(case["steps"]) > 1:
            yield {**case, "steps": case["steps"][:index] + case["steps"][index + 1:]}
    plain = {"end": "", "two_results": False, "format": "", "threads": 1, "target": "host",
             "kind": "f32", "dynamic": [False] * len(case["dynamic"])}
    for key, value in plain.items():
        if case[key] != value:
            yield {**case, key: value}
    if len(case["shape"]) == 3:
        yield {**case, "shape": case["shape"][1:], "dynamic": case["dynamic"][1:]}
    for index, extent in enumerate(case["shape"]):
        for smaller in {1, 2, extent // 2}:
            if 0 < smaller < extent:
                yield {**case, "shape": [*case["shape"][:index], smaller,
                                         *case["shape"][index + 1:]]}
    for index, step in enumerate(case["steps"]):
        if step["action"] != "linear":
            continue
        changes = [("bias", ""), ("tied", False), ("side", "right"), ("batch", "collapse"),
                   ("stored", "outputs-inputs"), ("pattern", {"kind": "dense"})]
        changes += [("outputs", n) for n in {1, 2, step["outputs"] // 2} if 0 < n < step["outputs"]]
        for key, value in changes:
            if step[key] != value:
                yield {**case, "steps": [*case["steps"][:index], {**step, key: value},
                                         *case["steps"][index + 1:]]}
