"""Random weights for tiny networks."""
import torch


def fill(module, seed):
    """Random weights that keep the size of what flows through, already rounded to what the file will hold."""
    generator, kept = torch.Generator().manual_seed(seed), {}
    module = module.eval().float()
    for name, value in module.state_dict().items():
        noise = torch.randn(value.shape, generator=generator)
        if "norm" in name.lower() and name.endswith("weight"):
            filled = 1 + 0.3 * noise
        else:
            filled = noise / value[0].numel() ** 0.5 if value.dim() > 1 else 0.3 * noise
        kept[name] = filled.half()
        value.copy_(kept[name].float())
    return module, kept
