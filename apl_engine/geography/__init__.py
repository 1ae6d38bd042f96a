"""Communes through the years, travel times between them, and the mesh of territories."""

from .estimate import Estimate, estimate_travel_times
from .mesh import Mesh, build_mesh
from .mesh_changes import MeshDiff, diff_meshes, mesh_through
from .osrm import fetch_osrm

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
