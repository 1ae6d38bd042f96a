"""Who and what counts: professions, ways of practising, and kinds of acts, as files write them.

The text is about acts of masso-kinésithérapie in liberal practice (annexe, III, 4.1.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ...errors import Fault
from ..common.headers import plain

#: codes of the profession: 26 in SNIIRAM (nature of activity, speciality), 70 in RPPS and Adeli
_PHYSIOTHERAPIST = (
    r"26|70|mk|mkde?|mkl|masseurs?|.*kine(?:s|si|sitherap\w*)?s?(?:_.*)?|.*physioth.*"
)
_OTHER_PROFESSION = (
    r"(?:.*_)?(?:inf|ide|idel|infirmi\w*|med|medecin\w*|generaliste\w*|specialiste\w*|chirurg\w*|"
    r"dentiste\w*|cd|sf|sage|sages|pharmac\w*|orthophon\w*|orthopt\w*|pedicure\w*|podolog\w*|"
    r"ergotherap\w*|psychomot\w*|psycholog\w*|chiropra\w*|diet\w*|audio\w*|"
    r"optic\w*|biolog\w*|labo\w*|ambulanc\w*|taxi\w*|transport\w*|manip\w*)(?:_.*)?"
    r"|10|21|24|27|28|29|36|40|50|60|80|81|82|83|84|85|86|91|92|94|95|96|98"
)
_LIBERAL = r"l|lib|liberale?s?|.*liberal.*|m|mixte.*|remplac.*|rempl"
_OTHER_PRACTICE = r"s|sal|.*salari.*|b|.*benevol.*|hosp|hospital.*|retrait.*|inacti.*"
#: letters of the NGAP for its title XIV, and what is paid beside an act
_OUR_ACTS = r"a?mk|amc|ams|i[fkn][a-z]{0,2}|md|mci|fad|fpc|ft|majoration.*|indemnite.*|.*kine.*"
_MOST_SHOWN = 24


@dataclass(frozen=True)
class Kind:
    """What a column may tell of who counts.

    Attributes
    ----------
    wanted : who counts, for people.
    ours, others : what values of those who count, and of others, are written like.
    hint : what to do where values are neither.
    """

    wanted: str
    ours: str
    others: str
    hint: str

    def sort(self, values: Sequence[str]) -> Sorted:
        """Sort values as they are written."""
        words = {value: _word(value) for value in values}
        kept = [value for value, word in words.items() if re.fullmatch(self.ours, word)]
        others = [
            value
            for value, word in words.items()
            if value not in kept and re.fullmatch(self.others, word)
        ]
        unknown = [value for value in words if value not in kept and value not in others]
        return Sorted(kept, others, unknown)

    def faults(self, file: str, column: str, values: pl.Series) -> list[Fault]:
        """Return what is wrong with a column that is not clear, or has nobody who counts.

        Parameters
        ----------
        file, column : where.
        values : as they are written, one a row, null where there is none.
        """
        found = self.sort(values.drop_nulls().unique().sort().to_list())
        if found.unknown:
            count = int(values.is_in(found.unknown).sum())
            problem = f"values that tell not whether they are of {self.wanted}"
            # As many values as rows may be names.
            few = len(found.unknown) <= _MOST_SHOWN
            shown = tuple(value[:32] for value in found.unknown[:3]) if few else ()
            return [
                Fault(
                    code="legacy.fault",
                    table=file,
                    column=column,
                    count=count,
                    values=shown,
                    details={"problem": problem, "hint": self.hint},
                )
            ]
        if found.others and not found.kept and not values.null_count():
            problem = f"no row is of {self.wanted}: {', '.join(found.others[:3])}"
            return [
                Fault(
                    code="legacy.fault",
                    table=file,
                    column=column,
                    count=len(values),
                    details={"problem": problem, "hint": "Is it the right file?"},
                )
            ]
        return []


@dataclass(frozen=True)
class Sorted:
    """Values of those who count, of others, and what is not understood."""

    kept: list[str]
    others: list[str]
    unknown: list[str]


PROFESSION = Kind(
    "physiotherapists",
    _PHYSIOTHERAPIST,
    _OTHER_PROFESSION,
    "Write masseur-kinésithérapeute (26, MK) or another profession; or take the column out, where "
    "only physiotherapists are there.",
)
PRACTICE_MODE = Kind(
    "liberal activity",
    _LIBERAL,
    _OTHER_PRACTICE,
    "Write libéral, mixte or salarié; or take the column out, where all activity is liberal.",
)


def _word(value: str) -> str:
    """Return a value in plain letters; what is no UTF-8 is taken for the accent of libéral."""
    return plain(re.sub(r"\.0$", "", value.strip().replace("\ufffd", "e")))


def foreign_acts(kinds: pl.Series) -> pl.Series:
    """Tell kinds of acts that are not those of masso-kinésithérapie, or not known."""
    known = [bool(re.fullmatch(_OUR_ACTS, _word(str(kind)))) for kind in kinds.fill_null("")]
    return ~pl.Series(known, dtype=pl.Boolean)
