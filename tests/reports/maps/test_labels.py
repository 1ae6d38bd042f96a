"""Names on a map."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from apl_engine.reports.maps.labels import Place, overlap, place_labels, text_size

INSIDE = (0.0, 0.0, 6.0, 4.0)
TAKEN = [(4.0, 3.0, 6.0, 4.0)]
PLACES = st.lists(
    st.builds(
        Place,
        name=st.sampled_from(["Lyon", "Saint-Étienne-de-Montluc", "É", "$x^2$", ""]),
        x=st.floats(0, 6), y=st.floats(0, 4), size=st.sampled_from([6.0, 8.0]), dot=st.booleans(),
    ),
    max_size=25,
)  # fmt: skip


@given(places=PLACES)
def test_no_name_covers_another(places: list[Place]) -> None:
    labels = place_labels(places, INSIDE, TAKEN, 20)
    assert len(labels) <= 20
    for one, other in combinations([*(label.box for label in labels), *TAKEN], 2):
        assert not overlap(one, other)
    for label in labels:
        assert label.box[0] >= 0
        assert label.box[3] <= INSIDE[3]


def test_the_most_important_are_named_first() -> None:
    places = [Place("Paris", 3, 2, 8.0), Place("Boulogne-Billancourt", 3.02, 2.01, 8.0),
              Place("Lyon", 1, 1, 8.0)]  # fmt: skip
    named = [label.place.name for label in place_labels(places, INSIDE, [], 2)]
    assert named[0] == "Paris"
    assert len(named) == 2


def test_marks_of_mathematics_are_letters() -> None:
    assert text_size("$x$", 8.0)[0] > text_size("x", 8.0)[0] * 2
