"""Whether a reply declines to answer.

    "The answer cannot be determined from the 3 facts given."     declines
    "I cannot work out g(0). Could you add its rule?"              declines, then asks
    "It cannot be known exactly, but it is about 18."              answers after a doubt
    "He cannot give away more than 5."                             tells a story

What counts is the last sentence, or the one before where the last asks for something.
"""

from __future__ import annotations

import re

from cotkd.rationales.language import DECLINES

_DIGIT = re.compile(r"[0-9\u00bc-\u00be\u2150-\u215e]")
_VERBS = (
    r"(?:determin\w+|answer\w*|calculat\w+|solv\w+|comput\w+|know\w*|say|said|tell|told"
    r"|work(?:ed)? "
    r"out|figur\w+ out|giv\w+|provid\w+|help|assist|see|view|deduc\w+|infer\w*|conclud\w+"
    r"|find|found"
    r"|count\w*|estimat\w+|decid\w+|state[ds]?|name[ds]?|complet\w+|establish\w*)"
)
_CANNOT = r"(?:can ?not|can['’]?t|could ?n[o'’]t|could not|am (?:not able|unable) to|are unable to)"
_WITHOUT_NUMBERS = re.compile(
    rf"(?:{_CANNOT}|impossible to|unable to) (?:be )?(?:determine|answer|calculate"
    r"|solve|compute|know|say|tell)|(?:not enough|insufficient|missing) (?:information|data)"
    r"|\bno (?:valid |possible |unique )?(?:answer|solution)|unsolvable|unanswerable|undetermined",
    re.IGNORECASE,
)
"""Enough where the sentence holds no number."""
_WITH_NUMBERS = re.compile(
    rf"(?:can ?not|can't|could not) be (?:determined|answered|calculated|solved|computed|known|told"
    r"|given|worked out|found|said|deduced|inferred|stated)\b"
    r"|(?:not enough|insufficient|too little|missing) (?:information|data|details?|facts)\b"
    rf"|\b(?:I|we|one)(?:['’]m| am"
    rf"| are)? (?:sorry,? (?:but )?(?:I )?)?{_CANNOT} (?:\w{{2,12}}ly )?{_VERBS}"
    rf"|\b(?:I['’]m|I am|we are|we['’]re) (?:not able|unable) to {_VERBS}"
    rf"|\b(?:is|it['’]s|seems|remains) (?:simply |therefore |thus )?(?:impossible"
    rf"|not possible) to {_VERBS}"
    rf"|\b(?:no way|not possible) to {_VERBS}|n['’]t possible to {_VERBS}"
    rf"|\b(?:I|we) (?:will not|won['’]t|would rather not) {_VERBS}"
    r"|\bmore (?:information|details?|data|context|facts)"
    r" (?:is|are|would be) (?:needed|required)\b"
    r"|\b(?:I|we|you)(?:['’]d| would)? need (?:more|further|additional)"
    r" (?:information|details?|data)"
    r"|\b(?:I|we)(?:['’]m| am| are)? (?:must|have to|will|['’]ll)? ?(?:decline|refuse)\b"
    rf"|{DECLINES}",
    re.IGNORECASE,
)
_DOES_NOT_KNOW = re.compile(
    r"\b(?:I|we) (?:do not|don['’]?t|did not|didn['’]t) (?:know|have enough|have the|see)\b",
    re.IGNORECASE,
)
"""Declines only where a number could be taken for an answer; alone it says nothing."""
_GOES_ON = re.compile(
    r"=|\b(?:so|but|however|then|thus|therefore|hence|assum\w+|if|unless|until|yet|should be"
    r"|must be|answer is|would be|guess)\b",
    re.IGNORECASE,
)
"""After these a number may be the answer: "cannot be known exactly, but about 18"."""
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？।])")
_ASKS = re.compile(
    r"[\W_]*(?:(?:could|can|would|will) you\b|please\b|let me know|if you\b|you could\b"
    r"|feel free|sorry|I(?: would|['’]d) need|we(?: would|['’]d) need|I need\b)",
    re.IGNORECASE,
)
_CLOSING = 500
"""Characters of a text's end that are looked at."""


def declines(text: str) -> bool:
    """Whether `text` closes by saying that there is no answer."""
    sentences = [part for part in _SENTENCES.split(text.rstrip()[-_CLOSING:]) if part.strip()]
    while len(sentences) > 1 and _ASKS.match(sentences[-1]):
        sentences.pop()
    if not sentences:
        return False
    last = sentences[-1]
    if not _DIGIT.search(last) and _WITHOUT_NUMBERS.search(last):
        return True
    said = _WITH_NUMBERS.search(last) or (_DIGIT.search(last) and _DOES_NOT_KNOW.search(last))
    if said is None:
        return False
    going_on = _GOES_ON.search(last, said.end())
    return going_on is None or not _DIGIT.search(last, going_on.end())
