"""Fetches the drawings and names from npm into DATA/packages and writes DATA/sources.json: version, licence and sha256 of every package.

    python models/training/sources.py

A package whose bytes are not the pinned ones is refused.
"""
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

from stage import data_folder, write_json

PACKAGES = {
    "@iconify-json/noto": ("1.2.9", "Apache-2.0", "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad"),
    "@iconify-json/fluent-emoji": ("1.2.7", "MIT", "8044210dbf11e016d4de85f15d01a243423bd832457e7e2491df1b751c0e272b"),
    "@iconify-json/fluent-emoji-flat": ("1.2.6", "MIT", "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175"),
    "@iconify-json/twemoji": ("1.2.5", "CC-BY-4.0", "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7"),
    "@lobehub/fluent-emoji-3d": ("1.1.0", "MIT", "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58"),
    "emojibase-data": ("17.0.0", "MIT", "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a"),
}


def fetch(name, version, expected, folder):
    """Unpacks one package into `folder`/`name` and answers the sha256 of its archive."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", scratch], check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(scratch).glob("*.tgz")
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if expected and found != expected:
            raise SystemExit(f"{name} {version} has sha256 {found}, expected {expected}: the registry gives another package than the one trained on.")
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as package:
            for member in package.getmembers():
                if member.isfile() and member.name.startswith("package/"):
                    member.name = member.name.removeprefix("package/")
                    package.extract(member, target, filter="data")
    return found


if __name__ == "__main__":
    data = data_folder(__doc__)
    listed = []
    for name, (version, licence, expected) in PACKAGES.items():
        found = fetch(name, version, expected, data / "packages")
        declared = json.loads((data / "packages" / name / "package.json").read_text())["license"]
        listed.append({"from": f"npm {name} {version}", "sha256": found, "licence": licence, "declared": declared})
        print(name, version, declared, found)
    write_json(data / "sources.json", listed)
