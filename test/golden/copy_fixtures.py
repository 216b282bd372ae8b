"""Copies a few pipeline, scheduler and noise cases out of the complete fixtures into test/fixtures, so that a clone alone is tested.

    python test/golden/copy_fixtures.py FIXTURES_FOLDER test/fixtures

Needs nothing but Python. Tensors are copied byte for byte."""
import json
import shutil
import struct
import sys
from pathlib import Path

CLASSES = "DDIM PNDM EulerDiscrete EulerAncestralDiscrete DPMSolverMultistep UniPCMultistep LCM DDPM HeunDiscrete LMSDiscrete KDPM2Discrete KDPM2AncestralDiscrete DEISMultistep DPMSolverSinglestep TCD".split()
NOISE = [f"s{seed}-{kind}" for seed, kind in [(0, "latents"), (0, "n15"), (1, "n105"), (1, "n17"), (42, "small-twice"), (42, "mixed"), (4294967301, "latents"), (0, "half"), (0, "bfloat"), (1, "double"), (1, "uniform"), (42, "integers"), (0, "large"), (-1, "odd"), (18446744073709551616, "odd")]]
PIPELINE_CASES = ["inpaint-full", "inpaint-part", "lcm-4", "lcm-7"]


def read(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    return {k: (v["dtype"], v["shape"], raw[8 + size + v["data_offsets"][0] : 8 + size + v["data_offsets"][1]]) for k, v in header.items()}


def write(path, tensors):
    header, body = {}, b""
    for name, (dtype, shape, data) in sorted(tensors.items()):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def main(source, target):
    source, target = Path(source), Path(target)
    rows = [json.loads(line) for line in (source / "schedulers/cases.jsonl").read_text().splitlines()]
    kept, tensors = [], {}
    for name in CLASSES:
        mine = [r for r in rows if r["class"] == name + "Scheduler" and r.get("steps") == 5]
        for row in mine[:4]:
            found = {k: v for k, v in read(source / row["file"]).items() if k.startswith(row["id"] + "/")}
            tensors.update(found)
            kept.append({**row, "file": "schedulers/schedulers.safetensors"})
    write(target / "schedulers/schedulers.safetensors", tensors)
    (target / "schedulers/cases.jsonl").write_text("".join(json.dumps(r) + "\n" for r in kept))
    noise = [json.loads(line) for line in (source / "noise/cases.jsonl").read_text().splitlines()]
    noise = [r for r in noise if r["id"] in NOISE]
    every = read(source / "noise/noise.safetensors")
    write(target / "noise/noise.safetensors", {k: v for k, v in every.items() if k.split("/")[0] in NOISE})
    (target / "noise/cases.jsonl").write_text("".join(json.dumps(r) + "\n" for r in noise))
    cases = [json.loads(line) for line in (source / "cases.jsonl").read_text().splitlines()]
    cases = [c for c in cases if c["id"] in PIPELINE_CASES]
    (target / "cases.jsonl").write_text("".join(json.dumps(c) + "\n" for c in cases))
    for name in {c[key] for c in cases for key in ("expected", "image", "mask") if key in c}:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


main(*sys.argv[1:3])
