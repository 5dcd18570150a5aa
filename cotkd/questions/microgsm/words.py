"""The vocabulary of MicroGSM: every word of a problem comes from here or from `blocks`.

`DOMAINS["farm"].items` is `("eggs", "apples", …)`; a problem draws one domain, one item, one
container and two people.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Domain:
    """A setting: its items, its containers as (plural, singular), and what its people do."""

    name: str
    items: tuple[str, ...]
    boxes: tuple[tuple[str, str], ...]
    gain: tuple[str, ...]
    lose: tuple[str, ...]


NAMES = (
    "Tom", "Anna", "Ben", "Lisa", "Sam", "Maria", "Jack", "Emma", "Leo", "Nina",
    "Paul", "Sara", "Max", "Julia", "Tim", "Clara", "Omar", "Rosa", "Finn", "Ida",
)  # fmt: skip
NEW_NAMES = ("Viktor", "Wanda", "Yusuf", "Zoe", "Hugo", "Greta", "Kofi", "Priya", "Dmitri", "Elif")

DOMAINS = {
    domain.name: domain
    for domain in (
        Domain(
            "farm",
            ("eggs", "apples", "carrots", "pears", "potatoes"),
            (("crates", "crate"), ("baskets", "basket")),
            ("picks", "brings in"),
            ("sells", "drops"),
        ),
        Domain(
            "school",
            ("pencils", "stickers", "markers", "notebooks", "rulers"),
            (("packs", "pack"), ("cases", "case")),
            ("buys", "gets"),
            ("loses", "gives away"),
        ),
        Domain(
            "bakery",
            ("cookies", "muffins", "rolls", "cakes", "pies"),
            (("trays", "tray"), ("tins", "tin")),
            ("bakes", "makes"),
            ("sells", "serves"),
        ),
        Domain(
            "toys",
            ("marbles", "cards", "blocks", "balloons", "coins"),
            (("bags", "bag"), ("jars", "jar")),
            ("wins", "finds"),
            ("loses", "trades away"),
        ),
        Domain(
            "garden",
            ("roses", "tulips", "seeds", "ferns", "bulbs"),
            (("pots", "pot"), ("boxes", "box")),
            ("plants", "buys"),
            ("cuts", "gives away"),
        ),
    )
}
NEW_DOMAIN = Domain(
    "harbour",
    ("shells", "pearls", "crabs", "oysters", "ropes"),
    (("buckets", "bucket"), ("nets", "net")),
    ("catches", "hauls up"),
    ("releases", "throws back"),
)

UNSEEN_NAMES = ("Viktor", "Wanda", "Zoe", "Hugo", "Priya", "Greta", "Bo", "Al", "Jo", "Ty")
"""Names of the shift: six are tokens that no solved problem held, four are spelled in letters."""
UNSEEN_DOMAIN = Domain(
    NEW_DOMAIN.name,
    ("nets", "ropes", "buckets", "shells", "crabs"),
    (("pots", "pot"), ("crates", "crate")),
    NEW_DOMAIN.gain,
    NEW_DOMAIN.lose,
)
"""The domain of the shift: containers of other domains are counted here, or hold new things."""

KINDS = ("red", "blue", "green", "big", "small", "old", "new")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

DISTRACTORS = (
    "{B} is {n} years old.",
    "The walk home takes {n} minutes.",
    "{A} also owns {n} books.",
    "There are {n} people in the street.",
    "{B} once paid {n} dollars for a hat.",
    "The house of {A} has {n} windows.",
)

CLOSE_DISTRACTORS = (
    "{B} once paid {n} dollars for a hat.",
    "There are {n} people in the street.",
    "{A} and {B} once had {n} {I} together.",
    "Then {n} {I} are in the street.",
)
"""Sentences of the shift: half of them count the very things that the problem counts."""
