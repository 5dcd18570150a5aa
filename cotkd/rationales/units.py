"""Units of measurement: how they are spelt, and how many parts a larger one has.

unit_of("hrs")      "hour"
PARTS["hour", "minute"]   60
"""

from __future__ import annotations

_SPELLINGS = {
    "inch": "inch inches in", "foot": "foot feet ft", "yard": "yard yards yd",
    "mile": "mile miles mi",
    "millimetre": "mm millimeter millimeters millimetre millimetres",
    "centimetre": "cm centimeter centimeters centimetre centimetres",
    "metre": "m meter meters metre metres",
    "kilometre": "km kilometer kilometers kilometre kilometres",
    "second": "second seconds sec secs s", "minute": "minute minutes min mins",
    "hour": "hour hours hr hrs h", "day": "day days", "week": "week weeks",
    "month": "month months", "year": "year years yr yrs",
    "milligram": "mg milligram milligrams", "gram": "g gram grams",
    "kilogram": "kg kilogram kilograms",
    "ounce": "ounce ounces oz", "pound": "pound pounds lb lbs", "ton": "ton tons tonne tonnes",
    "millilitre": "ml milliliter milliliters millilitre millilitres",
    "litre": "l liter liters litre litres", "quart": "quart quarts", "gallon": "gallon gallons",
    "dollar": "dollar dollars", "cent": "cent cents", "euro": "euro euros",
    "degree": "degree degrees",
    "radian": "radian radians", "km/h": "km/h kph", "m/s": "m/s", "mph": "mph",
}  # fmt: skip
_UNITS = {spelling: unit for unit, some in _SPELLINGS.items() for spelling in some.split()}

PARTS = {
    ("foot", "inch"): 12, ("yard", "foot"): 3, ("mile", "yard"): 1760, ("day", "hour"): 24,
    ("hour", "minute"): 60, ("minute", "second"): 60, ("year", "month"): 12, ("week", "day"): 7,
    ("pound", "ounce"): 16, ("dollar", "cent"): 100, ("euro", "cent"): 100,
    ("kilometre", "metre"): 1000, ("metre", "centimetre"): 100, ("centimetre", "millimetre"): 10,
    ("kilogram", "gram"): 1000, ("litre", "millilitre"): 1000, ("gallon", "quart"): 4,
}  # fmt: skip
"""How many of the second unit one of the first has."""


def unit_of(spelling: str) -> str | None:
    """Return the unit that is spelt so, or None."""
    return _UNITS.get(spelling.lower().rstrip("."))
