"""The workspace and the database that the shared options name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assess.commands.settings import settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from inventory.store.database import Store
    from inventory.store.workspace import Workspace


def open_workspace() -> Workspace:
    """Open the workspace; raises WorkspaceError where there is none."""
    from inventory.store.workspace import Workspace

    return Workspace.open(settings().workspace)


def open_store(place: Workspace) -> AbstractContextManager[Store]:
    """Open the database of ``--database``, else the one in the workspace."""
    return place.store(settings().database)
