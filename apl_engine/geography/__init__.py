"""Communes over the years, the mesh of territories, and travel times between communes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .estimate.estimate import Estimate as Estimate
    from .estimate.estimate import estimate_travel_times as estimate_travel_times
    from .mesh.build import Mesh as Mesh
    from .mesh.build import build_mesh as build_mesh
    from .mesh.diff import MeshDiff as MeshDiff
    from .mesh.diff import convert_mesh as convert_mesh
    from .mesh.diff import diff_meshes as diff_meshes
    from .osrm.fetch import fetch_osrm as fetch_osrm

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "estimate.estimate": ["Estimate", "estimate_travel_times"],
        "mesh.build": ["Mesh", "build_mesh"],
        "mesh.diff": ["MeshDiff", "convert_mesh", "diff_meshes"],
        "osrm.fetch": ["fetch_osrm"],
    },
)
