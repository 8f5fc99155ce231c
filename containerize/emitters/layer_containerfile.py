"""A Containerfile that makes the same image from its layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from containerize.emitters.emission import Emission, Emitter, LayerFile, docker_value, docker_word, render

_LAYERS = {
    "base": "the essential packages of the distribution, as they were shipped",
    "packages": "all other packages, as they were shipped",
    "records": "the package database of what is inside",
    "application": "what no package owns, and what was changed on the host",
}


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``Containerfile``; nothing for a rebuilt image, which has its own."""
    if not fits(emission):
        return {}
    start = emission.plan.start
    environment = [(name, value) for name, value in start.environment if _fits(docker_value, value)]
    fitting = {name for name, _ in environment}
    text = render(
        "Containerfile.j2",
        plan=emission.plan,
        start=start,
        layers=[(layer, _meaning(layer)) for layer in emission.layers],
        environment=environment,
        skipped=[name for name, _ in start.environment if name not in fitting],
        directory=start.working_directory if _fits(docker_word, start.working_directory) else "/",
        ports=sorted({(port.port, port.protocol) for port in emission.plan.ports if port.published}),
        volumes=sorted(volume.path for volume in emission.plan.volumes),
    )
    return {PurePosixPath("Containerfile"): text}


def _meaning(layer: LayerFile) -> str:
    return f"the package {layer.package}, as it was shipped" if layer.package else _LAYERS[layer.name]


def _fits(quote: Callable[[str], str], value: str) -> bool:
    try:
        quote(value)
    except ValueError:
        return False
    return True


def fits(emission: Emission) -> bool:
    """Only a lifted image is the sum of its layers: those of others hold marks of what is removed."""
    return emission.plan.mode == "lift"


EMITTER = Emitter(
    "Containerfile", "builds the same image with docker build or podman build", emit, ("Containerfile",), fits
)
