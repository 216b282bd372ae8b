"""Random scheduler configurations through diffusers, written as goldens for nodes/schedulers/diffusers-agreement.test.ts.

    python test/golden/schedulers.py OUT.json [--count 200] [--seed 0] [--class Euler] [--all]

Each case runs one diffusers scheduler against a fixed formula instead of a network (as the fixtures do):
    output = tanh(0.9 * scale_model_input(x, t)) + 0.1 * t / 1000          (learned variance: tanh(0.5 * x_in) appended)
on noise from `seed`; the steps' own draws come from a generator seeded `seed + 1`. Recorded: timesteps, sigmas, the
first sample's deviation, every state if --all or else the last, how far a float64 run moves it, a noised sample.
Configurations that diffusers refuses are recorded with `error`; those that give NaN with `nonfinite`.
The samplers that diffusers lacks are k-diffusion's own functions (sampling.py of the package, loaded by itself) or a formula
below, on the noise levels of diffusers' EulerDiscreteScheduler. DPM-Solver SDE gets a Brownian path made of plain draws.
Made with torch 2.15.0 (CPU), diffusers 0.42.1, numpy 2.4.6, scipy, torchsde 0.2.6, k-diffusion 0.1.1 and torchdiffeq 0.2.5
(both `pip install --no-deps`); needs nothing else."""
import argparse
import functools
import importlib.util
import inspect
import json
import math
import random
import sys
import types
import warnings

import numpy as np
import torch

import diffusers
import diffusers.schedulers.scheduling_dpmsolver_sde as sde

warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)

STEPS = [1, 2, 3, 4, 5, 7, 10, 14, 15, 16, 20, 25, 30, 50]
BETAS = [
    dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
    dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
    dict(beta_start=0.0001, beta_end=0.02, beta_schedule="linear"),
    dict(beta_schedule="squaredcos_cap_v2"),
]
TWO = [False, True]
RARE = [False, False, False, True]
SPACING = ["linspace", "leading", "trailing"]
EPS3 = ["epsilon", "sample", "v_prediction"]
EPS4 = EPS3 + ["flow_prediction"]


def respacing(rng):
    kind = rng.choice(["none", "none", "karras", "exponential", "beta"])
    return {f"use_{k}_sigmas": True for k in [kind] if k != "none"}


def sigma_range(rng):
    return rng.choice([{}, {}, {}, {"sigma_min": 0.02}, {"sigma_max": 10.0}, {"sigma_min": 0.1, "sigma_max": 20.0}])


def thresholding(rng):
    if rng.random() < 0.75:
        return {}
    return {"thresholding": True, "dynamic_thresholding_ratio": rng.choice([0.995, 0.9, 0.5]), "sample_max_value": rng.choice([1.0, 1.5, 4.0])}


def clipping(rng):
    return {"clip_sample": rng.choice(TWO), "clip_sample_range": rng.choice([1.0, 1.5])}


def spacing(rng, kinds=SPACING):
    return {"timestep_spacing": rng.choice(kinds), "steps_offset": rng.choice([0, 0, 1])}


def edm(rng):
    return {"sigma_min": rng.choice([0.002, 0.002, 0.05]), "sigma_max": rng.choice([80.0, 80.0, 14.6]), "sigma_data": rng.choice([0.5, 0.5, 1.0]), "sigma_schedule": rng.choice(["karras", "exponential"]), "rho": rng.choice([7.0, 7.0, 5.0]), "prediction_type": rng.choice(["epsilon", "v_prediction"]), "final_sigmas_type": rng.choice(["zero", "sigma_min"])}


SPACE = {
    "DDIMScheduler": lambda r: {**spacing(r), **clipping(r), **thresholding(r), "set_alpha_to_one": r.choice(TWO), "prediction_type": r.choice(EPS3), "rescale_betas_zero_snr": r.choice(RARE)},
    "PNDMScheduler": lambda r: {**spacing(r), "skip_prk_steps": r.choice(TWO), "set_alpha_to_one": r.choice(TWO), "prediction_type": r.choice(["epsilon", "v_prediction"])},
    "EulerDiscreteScheduler": lambda r: {**spacing(r), **respacing(r), **sigma_range(r), "prediction_type": r.choice(EPS3), "interpolation_type": r.choice(["linear", "linear", "linear", "log_linear"]), "timestep_type": r.choice(["discrete", "continuous"]), "rescale_betas_zero_snr": r.choice(RARE), "final_sigmas_type": r.choice(["zero", "sigma_min"])},
    "EulerAncestralDiscreteScheduler": lambda r: {**spacing(r), "prediction_type": r.choice(["epsilon", "v_prediction"]), "rescale_betas_zero_snr": r.choice(RARE)},
    "DPMSolverMultistepScheduler": lambda r: {**spacing(r), **r.choice([respacing(r), respacing(r), {"use_lu_lambdas": True}, {"use_flow_sigmas": True, "flow_shift": r.choice([1.0, 3.0])}]), **thresholding(r), "solver_order": r.choice([1, 2, 2, 3]), "prediction_type": r.choice(EPS4), "algorithm_type": r.choice(["dpmsolver", "dpmsolver++", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++"]), "solver_type": r.choice(["midpoint", "heun"]), "lower_order_final": r.choice(TWO), "euler_at_final": r.choice(RARE), "final_sigmas_type": r.choice(["zero", "sigma_min"]), "lambda_min_clipped": r.choice([-math.inf, -math.inf, -5.1, -2.0]), "rescale_betas_zero_snr": r.choice(RARE)},
    "UniPCMultistepScheduler": lambda r: {**spacing(r), **sigma_range(r), **r.choice([respacing(r), respacing(r), {"use_flow_sigmas": True, "flow_shift": r.choice([1.0, 3.0])}, {"use_flow_sigmas": True, "shift_terminal": 0.1}, {"use_flow_sigmas": True, "use_karras_sigmas": True}]), **thresholding(r), "solver_order": r.choice([1, 2, 2, 3, 4]), "prediction_type": r.choice(EPS4), "predict_x0": r.choice([True, True, False]), "solver_type": r.choice(["bh1", "bh2", "bh2"]), "lower_order_final": r.choice(TWO), "disable_corrector": r.choice([[], [], [0], [0, 1, 3]]), "final_sigmas_type": r.choice(["zero", "sigma_min"]), "rescale_betas_zero_snr": r.choice(RARE)},
    "LCMScheduler": lambda r: {**spacing(r), **clipping(r), **thresholding(r), "original_inference_steps": r.choice([50, 50, 100, 30]), "set_alpha_to_one": r.choice(TWO), "prediction_type": r.choice(EPS3), "timestep_scaling": r.choice([10.0, 1.0]), "rescale_betas_zero_snr": r.choice(RARE)},
    "DDPMScheduler": lambda r: {**spacing(r), **clipping(r), **thresholding(r), "variance_type": r.choice(["fixed_small", "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned", "learned_range"]), "prediction_type": r.choice(EPS3), "rescale_betas_zero_snr": r.choice(RARE), **r.choice([{}, {}, {}, {"beta_schedule": "sigmoid"}, {"beta_schedule": "laplace"}])},
    "HeunDiscreteScheduler": lambda r: {**spacing(r), **respacing(r), **clipping(r), "prediction_type": r.choice(EPS3), **r.choice([{}, {}, {}, {"beta_schedule": "exp"}])},
    "LMSDiscreteScheduler": lambda r: {**spacing(r), **respacing(r), "prediction_type": r.choice(EPS3)},
    "KDPM2DiscreteScheduler": lambda r: {**spacing(r), **respacing(r), "prediction_type": r.choice(["epsilon", "v_prediction"])},
    "KDPM2AncestralDiscreteScheduler": lambda r: {**spacing(r), **respacing(r), "prediction_type": r.choice(["epsilon", "v_prediction"])},
    "DEISMultistepScheduler": lambda r: {**spacing(r), **r.choice([respacing(r), respacing(r), {"use_flow_sigmas": True, "flow_shift": r.choice([1.0, 3.0])}]), **thresholding(r), "solver_order": r.choice([1, 2, 3]), "prediction_type": r.choice(EPS4), "lower_order_final": r.choice(TWO)},
    "DPMSolverSinglestepScheduler": lambda r: {**r.choice([respacing(r), respacing(r), {"use_flow_sigmas": True, "flow_shift": r.choice([1.0, 3.0])}]), **thresholding(r), "solver_order": r.choice([1, 2, 3]), "prediction_type": r.choice(EPS4), "algorithm_type": r.choice(["dpmsolver", "dpmsolver++", "dpmsolver++", "sde-dpmsolver++"]), "solver_type": r.choice(["midpoint", "heun"]), "lower_order_final": r.choice(TWO), "final_sigmas_type": r.choice(["zero", "sigma_min"]), "lambda_min_clipped": r.choice([-math.inf, -math.inf, -5.1])},
    "TCDScheduler": lambda r: {**spacing(r), **clipping(r), **thresholding(r), "original_inference_steps": r.choice([50, 50, 100, 30]), "set_alpha_to_one": r.choice(TWO), "prediction_type": r.choice(EPS3), "rescale_betas_zero_snr": r.choice(RARE)},
    "DDIMInverseScheduler": lambda r: {**spacing(r, ["leading", "trailing"]), **clipping(r), "set_alpha_to_one": r.choice(TWO), "prediction_type": r.choice(EPS3), "rescale_betas_zero_snr": r.choice(RARE)},
    "DPMSolverSDEScheduler": lambda r: {**spacing(r), **respacing(r), "prediction_type": r.choice(["epsilon", "v_prediction"])},
    "EDMEulerScheduler": lambda r: edm(r),
    "EDMDPMSolverMultistepScheduler": lambda r: {**edm(r), **thresholding(r), "solver_order": r.choice([1, 2, 2, 3]), "algorithm_type": r.choice(["dpmsolver++", "dpmsolver++", "sde-dpmsolver++"]), "solver_type": r.choice(["midpoint", "heun"]), "lower_order_final": r.choice(TWO), "euler_at_final": r.choice(RARE)},
    "FlowMatchEulerDiscreteScheduler": lambda r: {**respacing(r), "shift": r.choice([1.0, 1.0, 3.0]), "use_dynamic_shifting": r.choice(RARE), "invert_sigmas": r.choice(RARE), "shift_terminal": r.choice([None, None, 0.1]), "time_shift_type": r.choice(["exponential", "linear"]), "stochastic_sampling": r.choice(RARE)},
    "FlowMatchHeunDiscreteScheduler": lambda r: {"shift": r.choice([1.0, 3.0])},
    "IPNDMScheduler": lambda r: {},
    "SASolverScheduler": lambda r: {**spacing(r), **r.choice([respacing(r), respacing(r), {"use_flow_sigmas": True, "flow_shift": r.choice([1.0, 3.0])}]), **thresholding(r), "predictor_order": r.choice([1, 2, 2, 3, 4]), "corrector_order": r.choice([1, 2, 2, 3, 4]), "prediction_type": r.choice(EPS4), "algorithm_type": r.choice(["data_prediction", "data_prediction", "noise_prediction"]), "lower_order_final": r.choice(TWO), "lambda_min_clipped": r.choice([-math.inf, -math.inf, -5.1])},
    "UnCLIPScheduler": lambda r: {**clipping(r), "variance_type": r.choice(["fixed_small_log", "learned_range"]), "prediction_type": r.choice(["epsilon", "sample"])},
    "CMStochasticIterativeScheduler": lambda r: {"num_train_timesteps": r.choice([40, 201]), "sigma_min": r.choice([0.002, 0.05]), "sigma_max": r.choice([80.0, 14.6]), "sigma_data": r.choice([0.5, 1.0]), "s_noise": r.choice([1.0, 1.003]), "rho": r.choice([7.0, 5.0]), "clip_denoised": r.choice(TWO)},
    # Its Brownian path is torchsde's own, seeded as the generator.
    "CosineDPMSolverMultistepScheduler": lambda r: {"sigma_min": r.choice([0.3, 0.05]), "sigma_max": r.choice([500.0, 80.0]), "sigma_data": r.choice([1.0, 0.5]), "sigma_schedule": r.choice(["exponential", "karras"]), "prediction_type": r.choice(["v_prediction", "epsilon"]), "solver_order": r.choice([1, 2, 2]), "solver_type": r.choice(["midpoint", "heun"]), "lower_order_final": r.choice(TWO), "euler_at_final": r.choice(RARE), "final_sigmas_type": r.choice(["zero", "sigma_min"])},
    "DPMSolver2SAncestralScheduler": lambda r: {**spacing(r), **respacing(r), **sigma_range(r), "prediction_type": r.choice(EPS3), "eta": r.choice([1.0, 1.0, 0.5, 0.0])},
    "IPNDMSigmaScheduler": lambda r: {**spacing(r), **respacing(r), **sigma_range(r), "prediction_type": r.choice(EPS3)},
}
STEP_OPTIONS = {
    "DDIMScheduler": lambda r: {"eta": r.choice([0.0, 0.0, 0.5, 1.0])},
    "EulerDiscreteScheduler": lambda r: r.choice([{}, {}, {"s_churn": 3.0, "s_noise": 1.003, "s_tmin": 0.5, "s_tmax": 9.0}]),
    "TCDScheduler": lambda r: {"eta": r.choice([0.0, 0.3, 0.7, 1.0])},
    "EDMEulerScheduler": lambda r: r.choice([{}, {}, {"s_churn": 3.0, "s_noise": 1.003, "s_tmin": 0.5, "s_tmax": 9.0}]),
    "FlowMatchHeunDiscreteScheduler": lambda r: r.choice([{}, {}, {"s_churn": 3.0, "s_noise": 1.003, "s_tmin": 0.3, "s_tmax": 0.9}]),
    "DPMSolverSDEScheduler": lambda r: r.choice([{}, {}, {"s_noise": 1.003}]),
    "DPMSolver2SAncestralScheduler": lambda r: r.choice([{}, {}, {"s_noise": 1.003}]),
}


def fixed_case(name, config, steps):
    betas = {} if name.startswith("FlowMatch") else BETAS[0]
    return {"class": name, "config": {**betas, **config}, "steps": steps, "step": {}, "seed": steps, "shape": [2, 3, 3, 2], "begin": 0}


# What the random ones hardly hit: they follow them.
FIXED = [
    *(fixed_case("DPMSolverSinglestepScheduler", {"solver_order": 3, "final_sigmas_type": "sigma_min"}, steps) for steps in (9, 10, 30)),
    fixed_case("DPMSolverSinglestepScheduler", {"solver_order": 3, "final_sigmas_type": "sigma_min", "algorithm_type": "dpmsolver"}, 15),
    *(fixed_case("FlowMatchEulerDiscreteScheduler", {option: True, "sigma_min": 0.03, **more}, 4) for option in ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas") for more in ({}, {"sigma_max": 0.8, "invert_sigmas": True})),
    *(fixed_case(name, {"variance_type": "fixed_small"}, 10) for name in ("DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "SASolverScheduler")),
    fixed_case("DDPMScheduler", {"variance_type": None}, 10),
]


def formula(x, t, learned):
    out = torch.tanh(0.9 * x) + 0.1 * float(t) / 1000
    return torch.cat([out, torch.tanh(0.5 * x)], 1) if learned else out


def scheduler_of(case):
    # As from a file, which may have options of other classes.
    s = getattr(diffusers, case["class"]).from_config(case["config"])
    s.set_timesteps(case["steps"], **case.get("set_timesteps", {}))
    return s


def initial(s):
    return getattr(s, "init_noise_sigma", 1.0)  # flow matching's classes have none


class BrownianPath:
    """Increments over a step's first half and then over all of it, made of plain draws."""

    def __init__(self, x, generator):
        self.x, self.generator, self.half = x, generator, None

    def __call__(self, a, b):
        draw = torch.randn(self.x.shape, generator=self.generator).to(self.x.dtype)
        a, b = float(a), float(b)
        if self.half is None:
            self.half = (a - b) ** 0.5 * draw, b
            return draw
        (increment, middle), self.half = self.half, None
        return (increment + (middle - b) ** 0.5 * draw) / (a - b) ** 0.5


@functools.cache
def k_diffusion():
    """k-diffusion's sampling.py without the package around it, which imports half of the world."""
    folder = importlib.util.find_spec("k_diffusion").submodule_search_locations[0]
    package, utils = types.ModuleType("k_diffusion"), types.ModuleType("k_diffusion.utils")
    package.__path__, package.utils = [folder], utils
    utils.append_dims = lambda x, dims: x[(...,) + (None,) * (dims - x.ndim)]
    sys.modules.update({"k_diffusion": package, "k_diffusion.utils": utils})
    spec = importlib.util.spec_from_file_location("k_diffusion.sampling", f"{folder}/sampling.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sample_ipndm(model, x, sigmas):
    """ComfyUI's `ipndm`: Adams and Bashforth on dx/dsigma, the last step straight to the clean sample."""
    weights = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]]
    slopes = []
    for i in range(len(sigmas) - 1):
        denoised = model(x, sigmas[i] * x.new_ones([x.shape[0]]))
        if sigmas[i + 1] == 0:
            return denoised
        slopes = [(x - denoised) / sigmas[i], *slopes][:4]
        x = x + (sigmas[i + 1] - sigmas[i]) * sum(w * d for w, d in zip(weights[len(slopes) - 1], slopes))
    return x


class Reference:
    """The tables of a sampler that diffusers lacks, under diffusers' names."""

    def __init__(self, case, dtype):
        self.case, self.dtype = case, dtype
        config = {k: v for k, v in case["config"].items() if k not in ("eta", "prediction_type")}
        self.base = diffusers.EulerDiscreteScheduler(**{"beta_start": 0.00085, "beta_end": 0.012, **config})
        self.base.set_timesteps(case["steps"])
        self.levels = self.base.sigmas
        self.init_noise_sigma = self.base.init_noise_sigma
        self.two = case["class"] == "DPMSolver2SAncestralScheduler"
        self.order = 2 if self.two else 1
        self.sigmas = torch.cat([self.levels[:1], self.levels[1:-1].repeat_interleave(2), self.levels[-1:]]) if self.two else self.levels
        self.timesteps = [t for t, _ in self.run(torch.zeros(case["shape"], dtype=dtype), 0)[:-1]]

    def timestep(self, sigma, call):
        # Half-way calls may hit a level by rounding, and are looked up all the same.
        if not self.two or call % 2 == 0:
            return float(self.base.timesteps[call // self.order])
        table = np.log(np.array(((1 - self.base.alphas_cumprod) / self.base.alphas_cumprod) ** 0.5))
        return float(self.base._sigma_to_t(np.float64(sigma), table))

    def run(self, x, begin):
        calls, case = [], self.case
        generator = torch.Generator().manual_seed(case["seed"] + 1)

        def model(x, sigma):
            sigma = sigma[0].to(torch.float32)
            t = self.timestep(sigma, begin * self.order + len(calls))
            calls.append((t, x))
            out = formula(x / (sigma**2 + 1) ** 0.5, t, False)
            return {"epsilon": lambda: x - sigma * out, "sample": lambda: out, "v_prediction": lambda: out * (-sigma / (sigma**2 + 1) ** 0.5) + x / (sigma**2 + 1)}[case["config"]["prediction_type"]]()

        levels = self.levels[begin:]
        if self.two:
            noise = lambda a, b: torch.randn(x.shape, generator=generator).to(x.dtype)
            last = k_diffusion().sample_dpmpp_2s_ancestral(model, x, levels, disable=True, eta=case["config"]["eta"], noise_sampler=noise, **case["step"])
        else:
            last = sample_ipndm(model, x, levels)
        return [*calls, (None, last)]

    def add_noise(self, base, noise, index):
        return base + self.sigmas[index] * noise


def trajectory(case, dtype):
    if not hasattr(diffusers, case["class"]):
        s = Reference(case, dtype)
        noise = torch.randn(tuple(case["shape"]), generator=torch.Generator().manual_seed(case["seed"])).to(dtype)
        return s, noise, [x for _, x in s.run(noise * s.init_noise_sigma, case["begin"])]
    s = scheduler_of(case)
    shape = tuple(case["shape"])
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(case["seed"])).to(dtype)
    options = dict(case["step"])
    if "generator" in inspect.signature(s.step).parameters:
        options["generator"] = torch.Generator().manual_seed(case["seed"] + 1)
    if case["class"] == "DPMSolverSDEScheduler":
        s.noise_sampler = BrownianPath(noise, torch.Generator().manual_seed(case["seed"] + 1))
    learned = case["config"].get("variance_type") in ("learned", "learned_range")
    begin = case["begin"] * getattr(s, "order", 1)
    if hasattr(s, "set_begin_index"):
        s.set_begin_index(begin)
    x = noise * initial(s)
    states = [x]
    for t in s.timesteps[begin:]:
        scaled = s.scale_model_input(x, t) if hasattr(s, "scale_model_input") else x
        x = s.step(formula(scaled, t, learned), t, x, **options).prev_sample
        states.append(x)
    return s, noise, states


def noised(case):
    s = scheduler_of(case) if hasattr(diffusers, case["class"]) else Reference(case, torch.float32)
    index = min(case["steps"] // 2 * getattr(s, "order", 1), len(s.timesteps) - 1)
    if hasattr(s, "set_begin_index"):
        s.set_begin_index(index)
    count = math.prod(case["shape"])
    base = torch.linspace(-1, 1, count).reshape(case["shape"])
    noise = torch.randn(tuple(case["shape"]), generator=torch.Generator().manual_seed(case["seed"]))
    if isinstance(s, Reference):
        return index, s.add_noise(base, noise, index)
    # Flow matching's classes call it otherwise.
    add = s.add_noise if hasattr(s, "add_noise") else lambda base, noise, t: s.scale_noise(base, t, noise)
    return index, add(base, noise, s.timesteps[index : index + 1])


def plain(value):
    return str(value).replace("inf", "Infinity") if isinstance(value, float) and math.isinf(value) else value


def numbers(values):
    return [float(str(np.float32(v))) for v in torch.as_tensor(values).flatten().tolist()]  # shortest float32 text


def record(case, everything):
    out = {**case, "config": {k: plain(v) for k, v in case["config"].items()}}
    try:
        s, _, states = trajectory(case, torch.float32)
    except Exception as error:
        return {**out, "error": f"{type(error).__name__}: {str(error)[:160]}"}
    if not all(torch.isfinite(x).all() for x in states):
        return {**out, "nonfinite": True}
    try:
        _, _, wide = trajectory(case, torch.float64)
        moved = [float(f"{(a.double() - b.double()).abs().max():.2e}") for a, b in zip(states, wide)]
    except Exception:
        moved = [0.0] * len(states)
    keep = range(len(states)) if everything else [len(states) - 1]
    out["timesteps"] = [float(t) for t in s.timesteps]
    if getattr(s, "sigmas", None) is not None:
        out["sigmas"] = numbers(s.sigmas)
    out["initNoiseSigma"] = float(initial(s))
    out["states"] = {str(i): numbers(states[i]) for i in keep}
    out["moved"] = {str(i): moved[i] for i in keep}
    try:
        index, value = noised(case)
        out["noised"] = {"index": index, "values": numbers(value)}
    except Exception as error:
        out["noisedError"] = type(error).__name__
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("out")
    p.add_argument("--count", type=int, default=200)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--class", dest="only", default="")
    p.add_argument("--all", action="store_true")
    p.add_argument("--finite", action="store_true", help="leave out what diffusers refuses or computes as NaN")
    a = p.parse_args()
    rng = random.Random(a.seed)
    names = [n for n in SPACE if a.only in n]
    rows = []
    while len(rows) < a.count:
        name = names[len(rows) % len(names)]
        plain_class = getattr(diffusers, name, diffusers.EulerDiscreteScheduler)
        # From sigma 20,000 down, k-diffusion's 2S rounds to 0 and leaves out calls in mid-schedule, which a scheduler cannot.
        kinds = BETAS[:3] if name == "DPMSolver2SAncestralScheduler" else BETAS
        betas = rng.choice(kinds) if "beta_start" in inspect.signature(plain_class.__init__).parameters else {}
        config = {**betas, **SPACE[name](rng)}
        if rng.random() < 0.1:
            config["num_train_timesteps"] = rng.choice([100, 500, 777])
        steps = rng.choice(STEPS)
        case = {"class": name, "config": config, "steps": steps, "step": STEP_OPTIONS.get(name, lambda r: {})(rng), "seed": rng.randrange(1000), "shape": [2, 3, 3, 2], "begin": rng.choice([0, 0, 0, steps // 3])}
        if config.get("use_dynamic_shifting"):
            case["set_timesteps"] = {"mu": rng.choice([0.5, 0.8, 1.15])}
        row = record(case, a.all)
        if not a.finite or "states" in row:
            rows.append(row)
    rows += [record(case, a.all) for case in FIXED if a.only in case["class"]]
    with open(a.out, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
    print(len(rows), "cases,", sum("error" in r for r in rows), "refused,", sum("nonfinite" in r for r in rows), "not finite")


if __name__ == "__main__":
    main()
