"""A U-Net in OpenVINO, run on demand (protocol.py). Converted by way of torch at first use and kept in --keep."""
import os
import subprocess
import sys
import time

import numpy
import openvino

from protocol import inputs, read_options, serve

options = read_options(("keep", "."), ("precision", "f32"), ("convert", ""))
path = os.path.join(options.keep, f"unet-{options.rows}x{options.height}x{options.width}.xml")
sample, states = inputs(options)

if options.convert:
    import torch
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(options.checkpoint, subfolder="unet", torch_dtype=torch.float32).eval()
    forward = unet.forward
    unet.forward = lambda sample, timestep, states: forward(sample, timestep, states, return_dict=False)[0]
    example = (torch.from_numpy(sample), torch.tensor(500.0), torch.from_numpy(states))
    with torch.inference_mode():
        converted = openvino.convert_model(unet, example_input=example)
    os.makedirs(options.keep, exist_ok=True)
    openvino.save_model(converted, path, compress_to_fp16=True)
    sys.exit()
if not os.path.exists(path):
    # In a process of its own: what it needs must not stay in memory beside the others.
    subprocess.run([sys.executable, "-W", "ignore", *sys.argv, "--convert", "yes"], check=True, stdout=sys.stderr)

began = time.perf_counter()
model = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": options.precision, "PERFORMANCE_HINT": "LATENCY"})
request = model.create_infer_request()


def run():
    results = request.infer([sample, openvino.Tensor(numpy.array(500.0, dtype="float32")), states])
    return next(iter(results.values()))


serve(began, run)
