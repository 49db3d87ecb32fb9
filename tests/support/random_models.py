"""Ultralytics models without training: random weights whose answers are as varied as trained ones'.

Built from the yaml files in the package, with nothing downloaded.
"""

import logging
import os
from itertools import islice
from pathlib import Path

os.environ["YOLO_AUTOINSTALL"] = "false"  # before the import: no package is installed by a test

import numpy as np
import torch
from ultralytics import RTDETR, YOLO
from ultralytics.nn.tasks import yaml_model_load
from ultralytics.utils import LOGGER, YAML

from streamlab.media.video import read_frames
from streamlab.models.letterbox import Letterbox
from streamlab.models.network import InputSize

CLIP = Path(__file__).parents[2] / "data" / "sample_videos" / "gate_easy.mp4"
SIDE = 128
CLASSES = 5
LOGGER.setLevel(logging.ERROR)


def pictures(count=4, every=60):
    """Frames of three shapes."""
    shapes = [np.s_[:, :], np.s_[:300, :600], np.s_[:, 100:450]]
    frames = islice(read_frames(CLIP), 0, count * every, every)
    return [np.ascontiguousarray(f[shapes[i % 3]]) for i, f in enumerate(frames)]


def build(name, folder):
    """Return a `YOLO` of the yaml `name` with `CLASSES` classes, saved as NAME.pt in `folder`."""
    config = {k: v for k, v in yaml_model_load(f"{name}.yaml").items() if k != "yaml_file"}
    recipe = folder / f"{name}.yaml"
    YAML.save(recipe, {**config, "nc": CLASSES})
    torch.manual_seed(0)
    model = (RTDETR if name.startswith("rtdetr") else YOLO)(recipe, verbose=False)
    _calibrate(model.model)
    path = folder / f"{name}.pt"
    model.save(path)
    return path


def _calibrate(network):
    """Give every layer's output the spread that training would, and heads that find something."""
    letterbox = Letterbox(InputSize(SIDE, SIDE, 32, trims=False))
    inputs = torch.from_numpy(np.concatenate([letterbox(p)[0] for p in pictures(24, 10)]))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    network.train()
    with torch.no_grad():
        network(inputs)
    network.eval()
    head = network.model[-1]
    if hasattr(head, "linear"):
        _spread(network, inputs, {head.linear: (1.5, 0.0)})
    elif hasattr(head, "cv3"):
        box = (0.5, 1.5) if head.reg_max == 1 else (1.5, -0.5 * torch.arange(16.0).repeat(4))
        targets = {"cv2": box, "cv3": (1.0, -2.5), "cv4": (0.6, 0.0), "cv4_kpts": (1.0, 0.0)}
        _spread(
            network,
            inputs,
            {
                layer: target
                for part, target in targets.items()
                for branch in (part, f"one2one_{part}")
                for block in getattr(head, branch, None) or []
                if isinstance(
                    layer := block[-1] if isinstance(block, torch.nn.Sequential) else block,
                    torch.nn.Conv2d,
                )
            },
        )


def _spread(network, inputs, targets):
    """Scale layers so that their outputs on `inputs` have a standard deviation and a mean."""
    outputs = {}
    hooks = [
        layer.register_forward_hook(lambda layer, _, output: outputs.update({layer: output}))
        for layer in targets
    ]
    with torch.no_grad():
        network(inputs)
    for hook in hooks:
        hook.remove()
    for layer, output in outputs.items():
        spread, mean = targets[layer]
        axes = (0, 2, 3) if output.ndim == 4 else 0
        gain = spread / output.std(axes).clamp(min=1e-6)
        own = output.mean(axes) - layer.bias
        layer.weight.data *= gain.reshape(-1, *[1] * (layer.weight.ndim - 1))
        layer.bias.data = mean - own * gain
