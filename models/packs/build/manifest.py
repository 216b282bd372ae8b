"""Writes size and sha256 of each of a pack's files into the `files` of its manifest.json: python models/packs/build/manifest.py PACK"""
import hashlib
import json
import sys
from pathlib import Path

pack = Path(sys.argv[1])
path = pack / "manifest.json"
manifest = json.loads(path.read_text())
manifest["files"] = {
    file.relative_to(pack).as_posix(): {"bytes": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    for file in sorted(pack.rglob("*"))
    if file.is_file() and file != path
}
path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
print(f"{len(manifest['files'])} files, {sum(entry['bytes'] for entry in manifest['files'].values()) / 1e6:.1f} MB")
