"""Communes over the years, the mesh of territories, and travel times between communes."""

from .estimate.estimate import Estimate, estimate_travel_times
from .mesh.build import Mesh, build_mesh
from .mesh.diff import MeshDiff, convert_mesh, diff_meshes
from .osrm.fetch import fetch_osrm

__all__ = [
    "Estimate",
    "Mesh",
    "MeshDiff",
    "build_mesh",
    "convert_mesh",
    "diff_meshes",
    "estimate_travel_times",
    "fetch_osrm",
]
