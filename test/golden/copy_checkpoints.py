"""Copies two whole tiny pipelines, some settings and the recorded token ids into test/fixtures, so that a clone alone is tested.

    python test/golden/copy_checkpoints.py FIXTURES_FOLDER test/fixtures
"""
import shutil
import sys
from pathlib import Path

COPIED = """
pipelines/inpaint-tiny
pipelines/lcm-tiny
pipelines/sd15-tiny/tokenizer/tokenizer_config.json
pipelines/sd15-tiny/tokenizer/special_tokens_map.json
pipelines/sd2-tiny/tokenizer
embeddings
loras/sd15-peft.safetensors
tokenizers/clip.jsonl
tokenizers/bert.jsonl
tokenizers/clip/tokenizer_config.json
tokenizers/clip/special_tokens_map.json
tokenizers/bert/tokenizer_config.json
""".split()

source, target = map(Path, sys.argv[1:3])
for name in COPIED:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    if (source / name).is_dir():
        shutil.copytree(source / name, target / name, dirs_exist_ok=True)
    else:
        shutil.copyfile(source / name, target / name)
