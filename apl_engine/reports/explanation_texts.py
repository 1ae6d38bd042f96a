"""The words of an explanation, in English and in French."""

from __future__ import annotations

# Each text takes its figures by name; an entry is missing in neither language.
WORDS: dict[str, dict[str, str]] = {
    "title_commune": {
        "en": "APL and zone of the commune {name} ({code})",
        "fr": "APL et zonage de la commune {name} ({code})",
    },
    "title_territory": {
        "en": "APL and zone of the territory {name} ({code})",
        "fr": "APL et zonage du territoire {name} ({code})",
    },
    "between": {"en": "; ", "fr": " ; "},
    "short": {"en": "In short", "fr": "En bref"},
    "of_territory": {
        "en": "The commune is in the territory {name} ({code}); zones are those of territories "
        "(arrêté of 20 March 2024, annexe, II and IV).",
        "fr": "La commune appartient au territoire {name} ({code}) ; ce sont les territoires qui "
        "sont classés (arrêté du 20 mars 2024, annexe, II et IV).",
    },
    "zone": {
        "en": "Zone of the territory: {zone}. Its APL is {apl} ETP per {per} standardised "
        "inhabitants: rank {rank} of {ranked} by rising APL. With the territories before it, it "
        "brings the cumulative share of the population from {before} to {through}.",
        "fr": "Classement du territoire : {zone}. Son APL est de {apl} ETP pour {per} habitants "
        "standardisés : rang {rank} sur {ranked} par APL croissante. Avec les territoires qui le "
        "précèdent, il porte la part cumulée de la population de {before} à {through}.",
    },
    "zone_unranked": {
        "en": "Zone of the territory: {zone}. It is not ranked: {reason}.",
        "fr": "Classement du territoire : {zone}. Il n'a pas de rang : {reason}.",
    },
    "moved_by_agency": {
        "en": "By its rank it is {national} in the national classification: its zone was {reason}. "
        "Rank, distances and other readings below are those of the national classification.",
        "fr": "Par son rang il est {national} au classement national ; sa zone est autre : "
        "{reason}. Rang, distances et autres lectures ci-dessous sont ceux du classement national.",
    },
    "zone_secret": {
        "en": "Zone of the territory: {zone}. Its APL is {apl} ETP per {per} standardised "
        "inhabitants; its rank is kept secret.",
        "fr": "Classement du territoire : {zone}. Son APL est de {apl} ETP pour {per} habitants "
        "standardisés ; son rang est tenu secret.",
    },
    "no_zone": {"en": "none", "fr": "aucun"},
    "own_apl": {
        "en": "APL of the commune itself: {apl}.",
        "fr": "APL de la commune elle-même : {apl}.",
    },
    "cuts": {
        "en": "Cuts ({article}): {cuts}.",
        "fr": "Seuils ({article}) : {cuts}.",
    },
    "cut": {
        "en": "{zone} up to {share} of the population, the last one at an APL of {apl}",
        "fr": "{zone} jusqu'à {share} de la population, le dernier à une APL de {apl}",
    },
    "suppliers": {"en": "Who supplies it", "fr": "D'où vient l'offre"},
    "suppliers_text": {
        "en": "The APL adds up, over all communes within reach, the weight of the trip times the "
        "ratio there: its ETP per {per} standardised inhabitants that reach it, by weight. "
        "Weights ({article}): {steps}.",
        "fr": "L'APL additionne, sur toutes les communes accessibles, le poids du trajet multiplié "
        "par le ratio local : ses ETP pour {per} habitants standardisés qui y ont accès, pondérés. "
        "Poids ({article}) : {steps}.",
    },
    "step": {"en": "{weight} {bound} {to} min", "fr": "{weight} {bound} {to} min"},
    "below": {"en": "below", "fr": "à moins de"},
    "up_to": {"en": "up to", "fr": "jusqu'à"},
    "mean_weight": {
        "en": "For a territory the weight is the mean over its people (annexe, IV, 4.1).",
        "fr": "Pour un territoire, le poids est la moyenne sur sa population (annexe, IV, 4.1).",
    },
    "commune": {"en": "commune", "fr": "commune"},
    "minutes": {"en": ">minutes", "fr": ">minutes"},
    "weight": {"en": ">weight", "fr": ">poids"},
    "etp": {"en": ">ETP", "fr": ">ETP"},
    "demand": {"en": ">demand", "fr": ">demande"},
    "ratio": {"en": ">ratio", "fr": ">ratio"},
    "contribution": {"en": ">APL", "fr": ">APL"},
    "share": {"en": ">share", "fr": ">part"},
    "others": {"en": "{count} others", "fr": "{count} autres"},
    "total": {"en": "together", "fr": "ensemble"},
    "secret": {"en": "secret", "fr": "secret"},
    "reached": {
        "en": "{reached} communes are within reach, {supplied} of them with supply.",
        "fr": "{reached} communes sont accessibles, dont {supplied} avec une offre.",
    },
    "communes": {"en": "Its communes", "fr": "Ses communes"},
    "communes_text": {
        "en": "The APL of the territory is the mean of its communes, weighted by {weight} "
        "({article}).",
        "fr": "L'APL du territoire est la moyenne de celles de ses communes, pondérée par {weight} "
        "({article}).",
    },
    "standardised_population": {
        "en": "standardised population",
        "fr": "la population standardisée",
    },
    "population": {"en": "population", "fr": "la population"},
    "people": {"en": ">inhabitants", "fr": ">habitants"},
    "standardised": {"en": ">standardised", "fr": ">standardisés"},
    "apl": {"en": ">APL", "fr": ">APL"},
    "part": {"en": ">part of the APL", "fr": ">part de l'APL"},
    "goes": {"en": "Where its demand goes", "fr": "Où va sa demande"},
    "goes_text": {
        "en": "Its people count, by the weight of the trip, in the demand of each commune they "
        "reach, and get of its ETP what their part of that demand is: {received} ETP in all.",
        "fr": "Ses habitants comptent, selon le poids du trajet, dans la demande de chaque commune "
        "accessible, et en reçoivent les ETP à proportion : {received} ETP en tout.",
    },
    "kept": {
        "en": "Of the {own} ETP that practise here, {kept} ({share}) go to its own people.",
        "fr": "Des {own} ETP qui exercent ici, {kept} ({share}) vont à ses propres habitants.",
    },
    "sent": {"en": ">of its people", "fr": ">de ses habitants"},
    "of_demand": {"en": ">of the demand there", "fr": ">de la demande locale"},
    "received": {"en": ">ETP received", "fr": ">ETP reçus"},
    "ages": {"en": "Its people by age", "fr": "Sa population par âge"},
    "ages_text": {
        "en": "Each inhabitant weighs what the age band consumes beside the average ({article}).",
        "fr": "Chaque habitant pèse ce que consomme sa tranche d'âge par rapport à la moyenne "
        "({article}).",
    },
    "band": {"en": "age", "fr": "âge"},
    "per_head": {"en": ">weight", "fr": ">poids"},
    "rank": {"en": "Its neighbours in rank", "fr": "Ses voisins de classement"},
    "rank_column": {"en": ">rank", "fr": ">rang"},
    "territory": {"en": "territory", "fr": "territoire"},
    "cumulative": {"en": ">cumulative", "fr": ">part cumulée"},
    "zone_column": {"en": "zone", "fr": "zone"},
    "distance": {"en": "How far from another zone", "fr": "À quelle distance d'une autre zone"},
    "distance_text": {
        "en": "APL to gain or lose with all others as they are; and ETP to add or take away in the "
        "territory, {where}: a run with that supply changes the zone, one with {step} ETP less "
        "does not.",
        "fr": "APL à gagner ou à perdre, toutes les autres restant égales ; et ETP à ajouter ou à "
        "retirer dans le territoire, {where} : un calcul complet avec cette offre change la zone, "
        "un calcul avec {step} ETP de moins ne la change pas.",
    },
    "distance_apl": {
        "en": "APL to gain or lose with all others as they are; in ETP it is not known.",
        "fr": "APL à gagner ou à perdre, toutes les autres restant égales ; en ETP, l'écart n'est "
        "pas connu.",
    },
    "as_supply": {
        "en": "in proportion to the supply of its communes (to their standardised population where "
        "there is none)",
        "fr": "à proportion de l'offre de ses communes (de leur population standardisée "
        "s'il n'y en a pas)",
    },
    "at": {"en": "at {code}", "fr": "à {code}"},
    "to_zone": {"en": "to the zone", "fr": "vers la zone"},
    "gain": {"en": ">APL", "fr": ">APL"},
    "more_etp": {"en": ">ETP", "fr": ">ETP"},
    "all_taken": {"en": "not even with none", "fr": "pas même sans aucun"},
    "none_added": {"en": "no supply leads there", "fr": "aucune offre n'y mène"},
    "readings": {"en": "Other readings of the text", "fr": "Autres lectures du texte"},
    "readings_none": {
        "en": "{tried} other readings of the points that the text leaves open were tried, one at a "
        "time: none changes this zone.",
        "fr": "{tried} autres lectures des points que le texte laisse ouverts ont été essayées, "
        "une à la fois : aucune ne change cette zone.",
    },
    "readings_some": {
        "en": "{tried} other readings of the points that the text leaves open were tried, one at a "
        "time; these change this zone:",
        "fr": "{tried} autres lectures des points que le texte laisse ouverts ont été essayées, "
        "une à la fois ; celles-ci changent cette zone :",
    },
    "reading": {
        "en": "{key} = {other} (here: {value}): {zone}, APL {apl}; {changed} territories change "
        "zone in all [{article}]",
        "fr": "{key} = {other} (ici : {value}) : {zone}, APL {apl} ; {changed} territoires "
        "changent de zone en tout [{article}]",
    },
    "readings_untried": {
        "en": "Not tried: {keys}.",
        "fr": "Non essayées : {keys}.",
    },
    "missing": {"en": "What could not be told", "fr": "Ce qui n'a pu être établi"},
    "published": {
        "en": "Who supplies it: the APL was published, and is not computed here.",
        "fr": "L'origine de l'offre : l'APL a été publiée, et n'est pas calculée ici.",
    },
    "moved": {
        "en": "Who supplies it: the travel times of the run are not where they were; give --inputs "
        "or --network.",
        "fr": "L'origine de l'offre : les temps de trajet du calcul ne sont plus à leur place ; "
        "donner --inputs ou --network.",
    },
    "unusable": {
        "en": "Who supplies it: what lies where the inputs were cannot be used: {detail}",
        "fr": "L'origine de l'offre : ce qui se trouve à la place des données est inutilisable : "
        "{detail}",
    },
    "tables": {
        "en": "Ages and the other readings of supply: the tables of the run are not at hand; give "
        "--inputs.",
        "fr": "Les âges et les autres lectures de l'offre : les tables du calcul ne sont pas "
        "disponibles ; donner --inputs.",
    },
    "secret_missing": {
        "en": "Figures behind which few practitioners stand are kept secret, and what follows from "
        "them.",
        "fr": "Les chiffres qui reposent sur peu de praticiens sont tenus secrets, et ce qui s'en "
        "déduit.",
    },
    "unranked": {
        "en": "No rank, and no distance to another zone: {detail}.",
        "fr": "Ni rang, ni distance à une autre zone : {detail}.",
    },
    "other_zone": {
        "en": "The zone is not that of its rank: {detail}.",
        "fr": "La zone n'est pas celle de son rang : {detail}.",
    },
    "foot": {
        "en": "Methodology {id}: {title}. apl_engine {version}; record {sha256}.",
        "fr": "Méthodologie {id} : {title}. apl_engine {version} ; relevé {sha256}.",
    },
}
