"""What both jobs of peers take from the text: ids of zones, an imposed zone, names of regions."""

TABLES = ("communes", "territories", "regions")
ZONES = ("tres_sous_dotee", "sous_dotee", "intermediaire", "non_prioritaire")
# Cumulative shares of the population at the end of all zones but the last.
CUTS = (0.15, 0.30, 0.70)
IMPOSED_REGION, IMPOSED_ZONE = "06", ZONES[0]
IMPOSED_REASON = (
    "imposed: Mayotte: no data to compute an APL; the text classes the whole region "
    "« Très sous dotée 100,00 % »"
)
RANKED, NO_DEMAND, NOBODY = "ranked", "no standardised inhabitants", "no inhabitants"
COUNTRY, SOME_REGIONS = "FR", "All regions given"
REGIONS = {
    "84": "Auvergne-Rhône-Alpes",
    "27": "Bourgogne-Franche-Comté",
    "53": "Bretagne",
    "24": "Centre-Val de Loire",
    "94": "Corse",
    "44": "Grand Est",
    "01": "Guadeloupe",
    "03": "Guyane",
    "32": "Hauts-de-France",
    "11": "Île-de-France",
    "04": "La Réunion",
    "02": "Martinique",
    "06": "Mayotte",
    "28": "Normandie",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "52": "Pays de la Loire",
    "93": "Provence-Alpes-Côte d'Azur",
    # Only if all other regions are given.
    COUNTRY: "France entière",
}
