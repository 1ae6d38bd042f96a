"""Communes through the years, travel times between them, and the mesh of territories."""

from .estimate.estimate import Estimate, estimate_travel_times
from .mesh.build import Mesh, build_mesh
from .mesh.diff import MeshDiff, diff_meshes, mesh_through
from .osrm.fetch import fetch_osrm

__all__ = [
    "Estimate",
    "Mesh",
    "MeshDiff",
    "build_mesh",
    "diff_meshes",
    "estimate_travel_times",
    "fetch_osrm",
    "mesh_through",
]
