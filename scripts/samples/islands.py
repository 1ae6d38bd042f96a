"""Communes cut off from the road network, wide waters, and bridges to islands."""

from __future__ import annotations

# name of the group: (reason, codes); communes of a group reach only each other
CUT_OFF: dict[str, tuple[str, tuple[str, ...]]] = {
    "Ouessant": ("island, boat only", ("29155",)),
    "Molène": ("island, boat only", ("29084",)),
    "Sein": ("island, boat only", ("29083",)),
    "Batz": ("island, boat only", ("29082",)),
    "Bréhat": ("island, boat only", ("22016",)),
    "Groix": ("island, boat only", ("56069",)),
    "Belle-Île": ("island, boat only", ("56009", "56114", "56152", "56241")),
    "Houat": ("island, boat only", ("56086",)),
    "Hœdic": ("island, boat only", ("56085",)),
    "Île-aux-Moines": ("island of the gulf, boat only", ("56087",)),
    "Arz": ("island of the gulf, boat only", ("56088",)),
    "Yeu": ("island, boat only", ("85113",)),
    "Aix": ("island, boat only", ("17004",)),
    "Marie-Galante": ("island, boat only", ("97108", "97112", "97126")),
    "La Désirade": ("island, boat only", ("97110",)),
    "Terre-de-Bas": ("island of les Saintes, boat only", ("97130",)),
    "Terre-de-Haut": ("island of les Saintes, boat only", ("97131",)),
    "Petite-Terre": ("island of Mayotte, ferry only", ("97608", "97615")),
    "Saül": ("forest of Guyane, plane only", ("97352",)),
    "Maripasoula": ("upper Maroni, plane and canoe", ("97353",)),
    "Papaichton": ("upper Maroni, canoe", ("97362",)),
    "Grand-Santi": ("Maroni, plane and canoe", ("97357",)),
    "Saint-Élie": ("forest of Guyane, no made road", ("97358",)),
    "Camopi": ("upper Oyapock, plane and canoe", ("97356",)),
    "Ouanary": ("mouth of the Oyapock, canoe", ("97314",)),
}

# Each overseas region is separate land, and so is Corsica.
LAND_OF_REGION = {
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Grande-Terre de Mayotte",
    "94": "Corse",
}
MAINLAND = "mainland"

# Islands linked to the mainland by a bridge: (commune of the island, commune of the coast).
BRIDGES = {
    "Ré": ("17297", "17300"),
    "Oléron": ("17093", "17058"),
    "Noirmoutier": ("85011", "85012"),
}

# Estuaries without a bridge, whose banks touch on the map: latitude, longitude, downstream.
WIDE_WATERS: dict[str, tuple[tuple[float, float], ...]] = {
    "Garonne and Gironde, below the bridge of Aquitaine": (
        (44.890, -0.540),
        (44.950, -0.550),
        (45.000, -0.575),
        (45.040, -0.605),
        (45.100, -0.685),
        (45.200, -0.720),
        (45.330, -0.760),
        (45.450, -0.860),
        (45.550, -1.000),
        (45.597, -1.100),
    ),
    "Loire, from the bridge of Cheviré to that of Saint-Nazaire": (
        (47.195, -1.640),
        (47.205, -1.700),
        (47.220, -1.800),
        (47.275, -1.950),
        (47.290, -2.060),
        (47.285, -2.150),
    ),
}


def lands_of(codes: list[str], regions: list[str]) -> list[str]:
    """Return the name of the land of each commune; no road trip leaves it."""
    of_code = {code: name for name, (_, group) in CUT_OFF.items() for code in group}
    unknown = sorted(set(of_code) - set(codes))
    if unknown:
        raise SystemExit(f"unknown codes among the cut-off communes: {', '.join(unknown)}")
    return [
        of_code.get(code) or LAND_OF_REGION.get(region, MAINLAND)
        for code, region in zip(codes, regions, strict=True)
    ]
