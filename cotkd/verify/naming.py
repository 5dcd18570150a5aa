r"""How prose names an option, where no marker states the answer.

    "… I would pick D."                     said to be the choice
    "C) a carp\n\nOf all these …"            the first line, or the last
    "No, a stone cannot swim."              the word that opens the reply, where it is an option
    "It is a result of B. the moon's pull"  a letter with the text of its option
    "so (B)"                                a letter in brackets, the last one

A list of the options names none of them, nor does a letter in the reason of a choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cotkd.rationales.extract import Extraction
from cotkd.rationales.language import LANGUAGES, MEANING, YES_OR_NO, alternatives
from cotkd.rationales.text import MAX_ANSWER, Reading
from cotkd.rationales.unfinished import breaks_off
from cotkd.verify.option import NO_OPTION, Options, bare, options_of, spelt

_LETTER = (
    r"[(*\"'\[]*(?:([B-HJ-Z])(?![\w'’])(?!\s*[=+/^(])|([AI])(?!['’]\w)(?=[)\].,;:*\"'!]|\s*(?:\n|\Z)"
    r"|\s+(?:because|since)\b))"
)
_NOUNS = alternatives(
    [word for language in LANGUAGES for word in language.option if len(word) > 3]
    + ["option", "choice", "letter", "alternative", "answer"]
)
_NOUN = rf"(?:{_NOUNS})(?: letter| choice| option)?"
_MAYBE_NOUN = rf"[ :*]*(?:(?:{_NOUNS})[ :*]*)?"
_HEDGE = r"(?:therefore|thus|probably|(?:most |more )?likely|clearly|definitely|presumably)"
_WILL = r"(?:['’](?:d|ll|m|re)| would| will| should| am| are)?(?: also| definitely| therefore)?"
_CHOOSE = (
    r"(?:pick|choose|select|go (?:with|for)|opt for|take|vote for|settle (?:on|for)|say"
    r"|picking|choosing|selecting|going (?:with|for)|opting for|taking)"
)
_IS = r"(?:is|would be|must be|should be|has to be)"
_SEEMS = r"(?:is|seems(?: to be)?|looks(?: like)?|appears(?: to be)?|would be|must be)"
_PHRASES = (
    rf"\b(?:I|we){_WILL} {_CHOOSE}{_MAYBE_NOUN}",
    rf"\b{_NOUN}(?: here)? {_IS}[ *:]*(?:{_HEDGE} )*{_MAYBE_NOUN}",
    rf"\b(?:{_HEDGE}|it['’]s|it {_IS}|must be|which is|that is|i\.e\.)[ *:,]*{_MAYBE_NOUN}",
)
"""What stands before a letter that is the choice."""
_LABELLED = rf"\b(?i:{_NOUN}) ?[:=][ *]*[(*\"'\[]*([A-Z])()(?=[)\]*\"']*\s*(?:[.,;\n]|\Z))"
_PRAISED = (
    rf"\b([B-HJ-Z]) {_SEEMS} (?:the )?(?:only |most )?(?:correct|right|answer|best|likely)()\b"
)
_CHOICE = re.compile(
    "|".join([*(f"(?i:{phrase}){_LETTER}" for phrase in _PHRASES), _LABELLED, _PRAISED])
)
_SAID_TO_BE = re.compile(r"\b(?:choice|option|answer|alternative)\b.* (?:is|be)\b", re.IGNORECASE)
_CHOICE_WORDS = re.compile(rf"\b(?i:{_NOUNS})[ :]*{_LETTER}")
_NAMED = re.compile(
    r"(?<![\w^_}|])\(([A-Z])\)(?!\s*[=(])"
    r"|\b(?i:option|choice|answer|ans)(?:[ *.:=-]{1,3}(?:is[ *:]{1,3})?\(?|\()([A-Z])\b(?!['’])"
    r"|\b([B-Z]) is (?:the )?(?:correct|right|answer)"
    r"|\b(?:be|is|choose|pick|select)[ *:]{1,3}([A-Z])\)"
    r"|(?:\A|\n)[ \t*]*([A-Z])[ \t*.]*(?=\s*\Z)"
)
_LISTED = re.compile(r"\([A-Z]\)(?:(?:,|/|;| and| or|, and|, or)[ ]?\([A-Z]\))+")
_LINE = re.compile(
    r"[ \t*_]{0,9}[(\[]?[*_]{0,3}([A-Za-z])[*_]{0,3}([)\].:])?[*_]{0,3}(?:[ \t]+(.*))?"
)
_WITH_TEXT = re.compile(
    r"(?<![\w'’(])[*_]{0,2}[(\[]?([A-Z])[*_]{0,2}[)\].:]{1,2}[*_]{0,2}[ ](?=[\w$-])"
)
_GOES_ON = re.compile(r"\s*[\^*/+=×÷]|-\d|\s-\s\d")
_ITEM = re.compile(r"(?:\A|\n|[.!?]\s)[\s*•-]*(?:(?:option|choice)[ *]+)?[(*]*\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;.*_•-]*(?:(?:and|or)\b\s*)?")
_REASON = re.compile(r"\b(?:because|since)\b", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:not|wrong|incorrect|false)\b|n['’]t\b", re.IGNORECASE)
_CORRECTED = re.compile(
    r"[)\]*\"',.;:–—-]*\s*(?:no|wait|actually|or rather)\b[\s,:–—-]*(?:option )?[(*]*([A-Z])\b"
)
_OUT = re.compile(
    r"[)\]*]*\s+(?:is|are|was|can be|must be)(?: also| then)? (?:out\b|wrong|incorrect"
    r"|ruled out|false|not\b|excluded"
    r"|eliminated)",
    re.IGNORECASE,
)
_NONE_FITS = re.compile(
    r"\b(?:none|neither) of (?:the|these|those|them)(?: given| above| listed"
    r"| offered)?(?: options| choices| answers"
    r"| statements)? (?:is|are|fits?|appl\w+|match\w*|works?|holds?|seems?"
    r"|answers?)\b[^.\n]{0,60}\W*\Z",
    re.IGNORECASE,
)
_DENIED = re.compile(r"(?:\bnot|n['’]t|\brule out|\bneither|\bnor)\W{1,3}(?:be )?\Z", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_OPENS = re.compile(
    rf"[\s*_\"'«“「]{{0,40}}({YES_OR_NO})[*_\"'»”」]*\s*(?:[.,;:!–—、，。]|-\s|\Z)", re.IGNORECASE
)
_MAX_PAIRS = 200


def named_in(reading: Reading, choices: Sequence[str], since: int = 0) -> Extraction[str] | None:
    """Return the option that a text names behind `since`, in the surest way that it does."""
    options = options_of(choices)
    text = reading.text[since:]
    if breaks_off(text):
        return None
    found = (
        _none_of_them(text, options)
        or _last_line(text, options)
        or _picked(text, options)
        or _first_line(text, options)
        or _opening(text, options, since)
        or _with_text(text, options)
        or _bracketed(text, options)
        or _only(text, options)
    )
    if found is None:
        return None
    letter, start, end = found
    offset = reading.start + since
    value = letter if letter == NO_OPTION else options.first_like(letter)
    return Extraction(value, start + offset, end + offset, "number")


Named = tuple[str, int, int]


def _none_of_them(text: str, options: Options) -> Named | None:
    """Return that no option fits, where a text closes with that and none of them says so."""
    match = _NONE_FITS.search(text, max(0, len(text) - MAX_ANSWER)) if options.bare else None
    if match is None or any("none" in option or "neither" in option for option in options.bare):
        return None
    return NO_OPTION, *match.span()


def _picked(text: str, options: Options) -> Named | None:
    """Return what is said to be the choice, the last time that it is."""
    found = None
    for match in _CHOICE.finditer(text):
        found = _choice(text, match, options) or found
    return found


def _choice(text: str, match: re.Match[str], options: Options) -> Named | None:
    letter = next((group for group in match.groups() if group), "")
    if options.bare and letter > options.letters[-1] and _SAID_TO_BE.search(match[0]):
        return NO_OPTION, *match.span()
    if letter not in options.letters or not letter or _DENIED.search(text, 0, match.start()):
        return None
    corrected = _CORRECTED.match(text, match.end())
    if corrected and corrected[1] in options.letters:
        return corrected[1], match.start(), corrected.end()
    return letter, *match.span()


def _last_line(text: str, options: Options) -> Named | None:
    """Return the option that the last line is, by letter and text, unless it ends a list."""
    *others, last = text.rstrip().rsplit("\n", 2)[-2:]
    letter, alone = _option(last, options)
    if letter is None or (others and (alone or _option(others[0], options)[0])):
        return None
    end = len(text.rstrip())
    return letter, end - len(last), end


def _first_line(text: str, options: Options) -> Named | None:
    """Return the option that the first line is, unless it begins a list."""
    first, _, rest = text.lstrip().partition("\n")
    letter, alone = _option(first, options)
    if (
        letter is None
        or alone
        or not rest.strip()
        or _option(rest.lstrip().partition("\n")[0], options)[0]
    ):
        return None
    start = len(text) - len(text.lstrip())
    return letter, start, start + len(first)


def _option(line: str, options: Options) -> tuple[str | None, bool]:
    """Return the letter of a line such as "**B)** an anvil", and whether it is a mere "b"."""
    match = _LINE.fullmatch(line.rstrip(" \t*_")) if len(line) <= 5 * MAX_ANSWER else None
    if match is None or match[1].upper() not in options.letters:
        return None, False
    letter, text = match[1].upper(), match[3]
    if text and not match[2]:
        return None, False
    if text and options.bare and bare(text).strip(" .*_") != options.text_of(letter).strip(" ."):
        return None, False
    return letter, match[1].islower() and not match[2]


def _opening(text: str, options: Options, since: int) -> Named | None:
    """Return the option Yes or No whose word opens the reply."""
    match = None if since else _OPENS.match(text)
    if match is None:
        return None
    meaning = MEANING[match[1].lower()]
    same = [
        letter
        for letter, option in zip(options.letters, options.bare, strict=False)
        if MEANING.get(option) == meaning
    ]
    return (same[0], *match.span()) if len(same) == 1 else None


def _with_text(text: str, options: Options) -> Named | None:
    """Return the last letter that stands with the text of its option, outside of lists."""
    pairs = list(_pairs(text, options)) if options.bare else []
    alone = [
        pair
        for before, pair, after in zip([None, *pairs], pairs, [*pairs[1:], None], strict=False)
        if not _joined(text, before, pair) and not _joined(text, pair, after)
    ]
    alone = [pair for pair in alone if not _DENIED.search(text, max(0, pair[1] - 20), pair[1])]
    if len({letter for letter, _, _ in pairs}) > 1:  # one after the other is looked at
        alone = [pair for pair in alone if not _ITEM.search(text, max(0, pair[1] - 20), pair[1])]
    return alone[-1] if alone else None


def _pairs(text: str, options: Options) -> Iterator[Named]:
    for _, match in zip(range(_MAX_PAIRS), _WITH_TEXT.finditer(text), strict=False):
        letter = match[1]
        if letter not in options.letters:
            continue
        wanted = options.spelt[options.letters.index(letter)]
        said = spelt(text[match.end() : match.end() + MAX_ANSWER]) or ""
        if wanted and f"{said} ".startswith(f"{wanted} "):
            end = _end_of(text, match.end(), wanted)
            if not _GOES_ON.match(text, end):
                yield letter, match.start(), end


def _end_of(text: str, begin: int, wanted: str) -> int:
    """Return where the words `wanted` end that begin at `begin`."""
    end = begin
    for word in wanted.split():
        at = text.casefold().find(word, end)
        end = max(end, at + len(word)) if 0 <= at < begin + 2 * MAX_ANSWER else end
    return end


def _joined(text: str, one: Named | None, other: Named | None) -> bool:
    """Whether two options stand beside each other in a list."""
    if one is None or other is None or other[1] < one[2] or other[1] - one[2] > MAX_ANSWER:
        return False
    return _BETWEEN.fullmatch(text, one[2], other[1]) is not None


def _bracketed(text: str, options: Options) -> Named | None:
    """Return the last letter in brackets, or behind "option"."""
    listed = [match.span() for match in _LISTED.finditer(text)]
    found, before = None, None
    for match in _NAMED.finditer(text):
        letter = match[match.lastindex or 0]
        if any(start <= match.start() < end for start, end in listed[-_MAX_PAIRS:]):
            continue
        if letter not in options.letters or _OUT.match(text, match.end()):
            continue
        if not _in_reason(text, before, match):
            found, before = (letter, *match.span()), match
    if found is None:
        for match in _CHOICE_WORDS.finditer(text):
            found = _choice(text, match, options) or found
    return found


def _in_reason(text: str, before: re.Match[str] | None, match: re.Match[str]) -> bool:
    """Whether it is named in the reason of a choice: "(B) because (A) is light"."""
    if before is None or match.start() - before.end() > MAX_ANSWER:
        return False
    between = text[before.end() : match.start()]
    reason = _REASON.search(between)
    if reason is None or _SENTENCE_END.search(between):
        return False
    return _DENIAL.search(between, 0, reason.start()) is None


def _only(text: str, options: Options) -> Named | None:
    """Return the option whose text is all there is, as an answer-only student writes it."""
    whole = text.strip()
    if (
        not options.bare
        or len(whole) > MAX_ANSWER
        or "\n" in whole
        or bare(whole) not in options.bare
    ):
        return None
    return options.letters[options.bare.index(bare(whole))], 0, len(text)
