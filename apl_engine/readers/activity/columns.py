"""Which column of a file about activity is which.

The layouts of SNIIRAM and FNPS are not public: columns are known by what they are usually called,
in French and in English, or by what the reader is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import Fault
from ...notes import Note
from ..common.headers import plain

_PATIENT = ("ben", "benef", "beneficiaire", "patient", "assure", "residence", "domicile")
_OTHERS = (*_PATIENT, "pre", "presc", "prescripteur", "psp")
_PAPERWORK = ("flux", "flx", "liq", "liquidation", "trt", "traitement", "remb", "remboursement")
_LABEL = ("lib", "libelle", "nom", "name", "type", "postal", "cp", "nb", "region")
_PRACTICE = r"(?:cabinets?|cab|exercice|exe|ps|pfs|pra|praticien|professionnel|practice)"
_PLACE = r"(?:commune|com|insee|depcom|codgeo|codecommune)"
_SOMEBODY = r"(?:ps|pro|pros|mk|kine|praticien|professionnel|executant)"


@dataclass(frozen=True)
class Role:
    """A column that is wanted.

    Attributes
    ----------
    name : as `columns` names it.
    doc : what it holds, for people.
    patterns : regular expressions on the whole of the plain header (see `layout.plain`); those of
        an earlier one win, and two columns of the same one are ambiguous.
    without : words that a header of another thing has.
    required : whether the file is of no use without it.
    """

    name: str
    doc: str
    patterns: tuple[str, ...]
    without: tuple[str, ...] = ()
    required: bool = True


_ID = (
    rf"practitioner_id|id_{_SOMEBODY}|{_SOMEBODY}_(?:num|id)|num(?:ero)?_(?:de_)?{_SOMEBODY}"
    rf"|identifiant_(?:du_)?{_SOMEBODY}|(?:pfs_)?exe_num|(?:ps_|pfs_|exe_)pfs_num|pfs_num",
    r"(?:(?:n|no|num|numero|id|code)_)?(?:adeli|rpps|am|finess_ps)|idpp|identifiant(?:_national)?",
)
_COMMUNE = (
    rf"(?:\w+_)?(?:{_PLACE}\w*_(?:\w+_)?{_PRACTICE}|{_PRACTICE}_(?:\w+_)?{_PLACE})(?:_\w+)?",
    rf"(?:codes?_|cod_|c_)?(?:{_PLACE}|geo)(?:_(?:insee|commune|com))?",
)

_PROFESSION = (
    r"(?:\w+_)?profession(?:nelle)?(?:_\w+)?",
    r"(?:\w+_)?(?:act_snds|act_nat|act_cat|nature_(?:d_)?activite)",
    r"(?:\w+_)?(?:specialite|spe)(?:_\w+)?",
)

PRESTATIONS = (
    Role("practitioner_id", "the practitioner who did the acts", _ID, _OTHERS),
    Role("commune", "INSEE code of the commune of the practice", _COMMUNE, (*_OTHERS, *_LABEL)),
    Role(
        "month",
        "month or day of the acts",
        (
            r"(?:exe_|soi_|soins_)*(?:mois|month)|mois_(?:d_|de_|des_)?(?:exe\w*|soins?|actes?)"
            r"|(?:annee|an|year)_?(?:mois|month)|(?:mois|month)_(?:annee|an|year)|aaaamm|yyyymm"
            r"|periode?|exe_soi_am[dj]?",
            r"(?:date_|dt_|dat_)?(?:de_|des_|debut_|d_)*(?:soins?|exe|execution|prestations?|actes?)"
            r"(?:_date|_dt|_dat|_debut)?|exe_soi_dtd|date",
        ),
        _PAPERWORK,
        required=False,
    ),
    Role(
        "year",
        "year of the acts",
        (r"(?:exe_|soi_)?(?:annee|an|ann|year|exercice)(?:_(?:de_|des_)?(?:soins?|exe\w*))?",),
        _PAPERWORK,
        required=False,
    ),
    Role(
        "age",
        "age of the patient, completed years",
        (r"(?:ben|benef|beneficiaire|patient|assure)_age\w*|age_(?:\w+_)?(?:ben|benef|beneficiaire|"
         r"patiente?s?|assure)", r"age|age_(?:ans|soins?)|age_(?:revolu|years?)|(?:tranche_(?:d_)?|"
         r"classe_(?:d_)?)age|age_band"),
        ("ps", "pfs", "praticien", "professionnel", "pro"),
    ),
    Role(
        "acts",
        "acts, or their coefficients",
        (
            r"acts|actes|(?:prs_)?(?:nb|nbr|nbre|nombre)_(?:d_|de_|des_|total_)*(?:actes?|acts)"
            r"|(?:prs_)?acte?s?_(?:nb|nbr|nbre|nombre|dnb)",
            r"(?:prs_)?(?:acte?s?_)?(?:qte|quantite|quantity)(?:_actes?)?",
            r"(?:prs_)?(?:acte?s?_)?(?:coef|cft|coefficient)(?:_\w+)?",
        ),
    ),
    Role(
        "fees",
        "fees, EUR",
        (
            r"(?:montant_|mnt_|mt_|total_)?(?:des_|d_|de_)?(?:honoraires?|hono|fees)(?:_totaux|_total"
            r"|_eur|_euros?)?|hon(?:o|oraires?)?_(?:mnt|mt|montant)",
            r"(?:prs_)?(?:pai_(?:mnt|mt)|(?:mnt|montant)_pai|montant_paye|depenses?)",
            r"(?:montants?|mnt|amount)(?:_eur|_euros?|_total)?",
            r"(?:bse_|prs_)?(?:rem_mnt|mnt_rem|montant_rembourse)",
        ),
    ),
    Role(
        "acts_profession", "profession of who did the acts", _PROFESSION, _OTHERS, required=False
    ),
    Role(
        "kind",
        "kind of the acts, such as AMK",
        (r"(?:prs_)?nat(?:ure)?(?:_(?:de_|des_|d_|de_l_)?(?:prestations?|actes?|ref))?|prs_nat_ref"
         r"|lettre_cle|(?:code|type)_(?:de_|d_)?(?:prestation|acte)s?",),
        _OTHERS,
        required=False,
    ),
)  # fmt: skip

REGISTER = (
    Role("register_id", "the practitioner", _ID, _OTHERS),
    Role(
        "birth_date",
        "date, month or year of birth",
        (
            r"(?:date|dat|dt|jour)_(?:de_)?nai\w*|ddn|birth_?date|date_of_birth|naissance"
            r"|(?:ps_)?nai\w*_(?:dat|date|dte|dt)",
            r"(?:annee_mois|an_mois|mois_annee|mois)_(?:de_)?nai\w*|nai\w*_(?:amj|am|ann_mois)"
            r"|birth_(?:year_)?month",
            r"(?:annee|an|ann)_(?:de_)?nai\w*|(?:ps_)?nai\w*_(?:ann|annee|an)|birth_?year",
        ),
        required=False,
    ),
    Role(
        "practitioner_age",
        "age of the practitioner on the reference date",
        (rf"age(?:_(?:du_)?{_SOMEBODY})?|{_SOMEBODY}_age|age_(?:revolu|ans)",),
        required=False,
    ),
    Role(
        "installation_date",
        "date, month or year of installation",
        (
            r"(?:date|dat|dt|annee|mois)_(?:d_|de_|1ere_|premiere_)*inst\w*|inst\w*_(?:dat|date|dt)"
            r"|installation(?:_liberale?)?",
            r"(?:date|dat|dt)_(?:de_)?debut_(?:d_)?(?:activite|exercice)(?:_liberale?)?",
        ),
        ("nouveau", "nouvel", "nouvelle", "top"),
        required=False,
    ),
    Role(
        "newly_installed",
        "whether installed within the year",
        (r"newly_installed|nouve\w*_?instal\w*|(?:primo|neo)_?instal\w*|top_(?:nouv|inst)\w*"
         r"|nouveau|new",),
        required=False,
    ),
    Role(
        "practice_commune",
        "INSEE code of the commune of a practice",
        _COMMUNE,
        (*_OTHERS, *_LABEL),
        required=False,
    ),
    Role(
        "profession",
        "profession or speciality",
        _PROFESSION,
        required=False,
    ),
    Role(
        "practice_mode",
        "way of practising: liberal or not",
        (r"(?:mode|statut)_(?:de_|d_|l_)*(?:exercice|activite|professionnel)(?:_\w+)?|statut",),
        required=False,
    ),
    Role(
        "end_date",
        "date, month or year on which practice ended",
        (r"(?:date|dat|dt)_(?:de_|d_)*(?:cessation|radiation|fin|retraite|deces)"
         r"(?:_(?:de_|d_|l_)*(?:activite|exercice|liberale?))*",),
        required=False,
    ),
)  # fmt: skip

MONTH = next(role for role in PRESTATIONS if role.name == "month")
ROLES = tuple(dict.fromkeys(role.name for role in (*PRESTATIONS, *REGISTER)))


def choose(
    file: str, names: Sequence[str], roles: Sequence[Role], given: Mapping[str, str]
) -> tuple[dict[str, str], list[Fault]]:
    """Tell which column plays which role.

    Parameters
    ----------
    file : what to call the file in a fault.
    names : its columns.
    roles : what is wanted.
    given : role to column, ahead of any pattern.

    Returns
    -------
    dict of role to column, list of Fault
    """
    found: dict[str, str] = {}
    faults: list[Fault] = []
    taken = set(given.values())
    for role in roles:
        if role.name in given:
            name = given[role.name]
            if name in names:
                found[role.name] = name
            else:
                problem = f"no column is called {name!r}, given for {role.name}. {shown(names)}"
                faults.append(
                    Fault(
                        code="legacy.fault",
                        table=file,
                        details={"problem": problem, "hint": "Correct the name."},
                    )
                )
            continue
        candidates = _candidates(role, [name for name in names if name not in taken])
        if len(candidates) == 1:
            found[role.name] = candidates[0]
        elif candidates:
            problem = f"several columns may be {role.doc}: {', '.join(candidates)}"
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=file,
                    details={"problem": problem, "hint": how(role.name, candidates[0])},
                )
            )
        elif role.required:
            faults.append(absent(file, names, role))
    return found, faults


def absent(file: str, names: Sequence[str], role: Role) -> Fault:
    """Return the fault of a role that no column plays."""
    problem = f"no column is known as {role.doc}. {shown(names)}"
    return Fault(
        code="legacy.fault", table=file, details={"problem": problem, "hint": how(role.name)}
    )


def _candidates(role: Role, names: Sequence[str]) -> list[str]:
    """Return the columns of the surest pattern that any matches."""
    headers = {name: plain(name) for name in names}
    free = [name for name in names if not set(headers[name].split("_")) & set(role.without)]
    for pattern in role.patterns:
        if matched := [name for name in free if re.fullmatch(pattern, headers[name])]:
            return matched
    return []


def how(role: str, column: str = "NAME") -> str:
    """Say how to name a column."""
    return f"Say which: --column {role}={column}, or columns={{'{role}': '{column}'}}."


def shown(names: Sequence[str]) -> str:
    """List columns, but not what may be a row that stands where names should."""
    safe = [name for name in names if re.search(r"[^\W\d_]", name)]
    safe = [name for name in safe if not re.search(r"\d{4}", name)]
    if len(safe) * 2 < len(names):
        return "Its first row seems to hold values, not names"
    others = len(names) - len(safe)
    return f"It has {', '.join(safe)}" + (f" and {others} others" if others else "")


def unknown_roles(columns: Mapping[str, str]) -> list[Fault]:
    """Return the fault of names of roles that there are not."""
    return [
        Fault(
            code="legacy.fault",
            table="columns",
            details={
                "problem": f"{name!r} is no column of ours",
                "hint": f"There are {', '.join(ROLES)}.",
            },
        )
        for name in columns
        if name not in ROLES
    ]


def told(found: Mapping[str, str]) -> str:
    """Write which column was taken for what."""
    return ", ".join(f"{role} = {name}" for role, name in found.items())


def unused(what: str, names: Sequence[str], roles: Mapping[str, str]) -> list[Note]:
    """Return the note of the columns that play no role: their names, and never a value."""
    left = [name for name in names if name not in roles.values()]
    safe = [name for name in left if re.search(r"[^\W\d_]", name) and not re.search(r"\d{4}", name)]
    if not left:
        return []
    text = f"{what}: columns that are not used"
    return [Note("columns_unused", len(left), tuple(safe[:24]), details={"text": text})]
