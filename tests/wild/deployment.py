"""Run an image as its build folder describes: load it, supply secrets and data, ``docker compose up``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.wild.errors import WildError
from tests.wild.sandbox import Sandbox, last_line

_START_SECONDS = 180


@dataclass(frozen=True)
class Deployment:
    """The build folder of one workload and the root of the host that its data come from. Its Compose file runs the
    neighbours that it uses too.
    """

    sandbox: Sandbox
    folder: Path
    root: Path

    def up(self, secrets: Mapping[str, str]) -> None:
        """Do what README.md prints. Raises WildError with the reason."""
        if secrets:
            (self.folder / ".env").write_text("".join(f"{key}={value}\n" for key, value in secrets.items()), "utf-8")
        compose = json.loads(self.sandbox.run("docker", "compose", "config", "--format", "json", cwd=self.folder))
        plans = self._plans(compose)
        for folder in plans:
            self.sandbox.run("sh", "-c", "tar -C image -cf - . | docker load", cwd=folder, seconds=_START_SECONDS)
        self._supply_secrets(plans.values(), compose)
        self.sandbox.run("docker", "compose", "create", cwd=self.folder, seconds=_START_SECONDS)
        self._supply_data(plans.values(), compose)
        self.sandbox.run("docker", "compose", "up", "--detach", cwd=self.folder, seconds=_START_SECONDS)

    def workloads(self) -> set[str]:
        """The workloads that its Compose file runs."""
        services = yaml.safe_load((self.folder / "compose.yaml").read_bytes())["services"]
        return {str(plan["workload"]) for plan in self._plans({"services": services}).values()}

    def _plans(self, compose: Mapping[str, Any]) -> dict[Path, Mapping[str, Any]]:
        """The plans of the images that a Compose file runs, by the folders of their builds."""
        images = {service["image"] for service in compose["services"].values()}
        found = {path.parent: json.loads(path.read_bytes()) for path in self.folder.parent.glob("*/plan.json")}
        return {folder: plan for folder, plan in found.items() if plan["image"] in images}

    def trouble(self) -> str:
        """What is wrong with its containers; empty when all run."""
        listed = self.sandbox.run("docker", "compose", "ps", "--all", "--format", "json", cwd=self.folder, check=False)
        for line in listed.splitlines():
            container = json.loads(line)
            if container.get("State") != "running":
                tail = f"docker logs --tail 5 {container['ID']}"
                errors = self.sandbox.run("sh", "-c", f"{tail} 2>&1 >/dev/null", check=False)
                words = last_line(errors if errors.strip() else self.sandbox.run("sh", "-c", tail, check=False))
                return f"container is {container.get('State')}, status {container.get('ExitCode')}: {words}"
        return ""

    def down(self) -> None:
        """Stop and remove its containers, volumes, networks and images."""
        self.sandbox.run(
            "docker", "compose", "down", "--volumes", "--rmi", "all", "--timeout", "10",
            cwd=self.folder, seconds=_START_SECONDS, check=False,
        )  # fmt: skip

    def _supply_secrets(self, plans: Iterable[Mapping[str, Any]], compose: Mapping[str, Any]) -> None:
        """Copy secret files from the host, with owner and mode, to where compose.yaml names them."""
        files = {name: Path(each["file"]) for name, each in (compose.get("secrets") or {}).items() if each.get("file")}
        listed = {each["path"]: each for plan in plans for each in plan.get("secrets", [])}
        for service in compose.get("services", {}).values():
            for secret in service.get("secrets") or []:
                target, file = secret.get("target", ""), files.get(secret["source"])
                if file is None or target not in listed:
                    continue
                source = shlex.quote(f"{self.root}{target}")
                place, each = shlex.quote(str(file)), listed[target]
                self.sandbox.run(
                    "sh", "-ec",
                    f"mkdir -p {shlex.quote(str(file.parent))}; rm -rf {place}; cp -aL {source} {place}; "
                    f"chown {each['uid']}:{each['gid']} {place}; chmod {each['mode']:o} {place}",
                )  # fmt: skip

    def _supply_data(self, plans: Iterable[Mapping[str, Any]], compose: Mapping[str, Any]) -> None:
        """Copy data from the stopped host into the volumes that README.md says to fill."""
        seeds = {volume["path"]: volume.get("seed") for plan in plans for volume in plan.get("volumes", [])}
        names = {key: each.get("name", key) for key, each in (compose.get("volumes") or {}).items()}
        done = set()
        for service in compose.get("services", {}).values():
            for volume in service.get("volumes") or []:
                target, source = volume.get("target"), volume.get("source")
                if volume.get("type") != "volume" or seeds.get(target, "empty") == "empty" or source in done:
                    continue
                done.add(source)
                format_ = "{{.Mountpoint}}"
                place = self.sandbox.run("docker", "volume", "inspect", "--format", format_, names[source]).strip()
                if not place:
                    raise WildError(f"The volume {source} was not created.")
                self.sandbox.run(
                    "sh", "-ec",
                    f"[ ! -d {shlex.quote(f'{self.root}{target}')} ] || "
                    f"cp -a {shlex.quote(f'{self.root}{target}')}/. {shlex.quote(place)}/",
                    seconds=_START_SECONDS,
                )  # fmt: skip
