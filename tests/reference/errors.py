"""What can be wrong with the tables or the parameters: each error is a ``ValueError``."""


class MethodError(ValueError):
    """Any error of the reference."""


class NotANumberError(MethodError):
    """A value that is no finite number stands where a number is needed."""


class NegativeValueError(MethodError):
    """A count, an amount or a number of minutes is below zero."""


class DuplicateRowError(MethodError):
    """Two rows of a table have the same key."""


class InconsistentPractitionerError(MethodError):
    """The rows of one practitioner disagree on its age or on its being newly installed."""


class UnknownCommuneError(MethodError):
    """A table names a commune that the table of communes does not have."""


class UnknownAgeBandError(MethodError):
    """The population has an age band that the consumption does not have."""


class EmptyReferencePopulationError(MethodError):
    """No practitioner is left to take the median and the 9th decile over."""


class ZeroMedianError(MethodError):
    """The median of the acts is 0: no activity can be set against it."""


class NoFeesError(MethodError):
    """All the fees consumed sum to 0."""


class NoPopulationError(MethodError):
    """All the population sums to 0."""


class FeesWithoutPopulationError(MethodError):
    """An age band consumed fees but nobody anywhere is of that age."""


class NoPopulationToCutError(MethodError):
    """The territories to be cut have no population, so no share of it either."""


class WrongParameterError(MethodError):
    """A parameter has a value that is none of its choices."""
