"""How answers are stated in other languages: one table, a row for each language.

    "Die richtige Antwort ist B."     German: a noun, an adjective, a link, then what is stated
    "答えは85です。"                    Japanese: a noun and a link, written together
    "La respuesta es no."             Spanish: a word for no

The languages are those of MGSM (Shi et al. 2022, arXiv:2210.03057), with Portuguese, Arabic and
Hindi. English has readers of its own, which know more of its ways; its row holds yes and no.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """The words of one language, in lower case."""

    code: str
    answer: tuple[str, ...] = ()
    """Nouns that name the answer."""
    which: tuple[str, ...] = ()
    """Words that may stand around the noun: "correct", "final"."""
    links: tuple[str, ...] = ()
    """What joins the noun to what is stated, beside `:` and `=`."""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    denial: tuple[str, ...] = ()
    """What turns the yes or no behind it around."""
    either: tuple[str, ...] = ()
    """The word for "or"."""
    option: tuple[str, ...] = ()
    """What may stand before the letter of an option."""
    declines: tuple[str, ...] = ()
    """How a reply says that there is no answer."""
    spaced: bool = True
    """Whether words are set apart by blanks."""
    linked: bool = True
    """Whether a link is needed between the noun and what is stated."""


LANGUAGES = (
    Language(
        "en",
        yes=("yes", "true"),
        no=("no", "false"),
        either=("or",),
        option=("option", "choice", "letter"),
    ),
    Language(
        "es",
        answer=("respuesta", "resultado", "solución", "opción", "alternativa"),
        which=("correcta", "correcto", "final"),
        links=("es", "sería", "será", "son", "es igual a"),
        yes=("sí", "verdadero", "verdadera", "cierto"),
        no=("no", "falso", "falsa"),
        denial=("no es",),
        either=("o",),
        option=("la", "opción", "alternativa", "letra", "es"),
        declines=("no se puede determinar", "no se puede saber", "información insuficiente"),
    ),
    Language(
        "fr",
        answer=("réponse", "résultat", "bonne option", "option correcte"),
        which=("correcte", "finale", "exacte", "juste", "final"),
        links=("est", "sera", "serait", "vaut", "est donc", "est de"),
        yes=("oui", "vrai", "vraie"),
        no=("non", "faux", "fausse"),
        denial=("pas", "n'est pas"),
        either=("ou",),
        option=("l'option", "option", "la", "lettre", "l'alternative", "le choix", "choix"),
        declines=(
            "ne peut pas être déterminé",
            "impossible de déterminer",
            "on ne peut pas savoir",
        ),
    ),
    Language(
        "de",
        answer=("antwort", "ergebnis", "lösung", "richtige option"),
        which=("richtige", "korrekte", "endgültige", "finale"),
        links=("ist", "lautet", "beträgt", "wäre", "ist also", "lautet also", "sind"),
        yes=("ja", "wahr", "richtig"),
        no=("nein", "falsch", "unwahr"),
        denial=("nicht",),
        either=("oder",),
        option=("option", "möglichkeit", "antwort", "buchstabe", "die"),
        declines=("nicht bestimmt werden", "nicht bestimmen", "nicht genug informationen"),
    ),
    Language(
        "ru",
        answer=("ответ", "ответом", "результат", "правильный вариант", "верный вариант"),
        which=("правильный", "верный", "окончательный", "итоговый"),
        links=("это", "равен", "является", "будет", "—", "–", "-"),
        yes=("да", "верно", "правда", "истина"),
        no=("нет", "неверно", "неправда", "ложь"),
        denial=("не",),
        either=("или",),
        option=("вариант", "под буквой", "буква"),
        declines=("невозможно определить", "нельзя определить", "недостаточно данных"),
    ),
    Language(
        "zh",
        answer=("答案", "结果", "結果", "选项", "選項"),
        which=("正确", "正確", "最终", "最終", "的"),
        links=("应该是", "應該是", "是", "为", "為", "等于", "应为", "选", "選"),
        yes=("是的", "是", "对的", "对", "對", "正确", "正確", "真"),
        no=("不是", "否", "不对", "不對", "错误", "錯誤", "错", "錯", "假", "不正确"),
        either=("或", "或者", "还是"),
        option=("选项", "選項", "选择", "選擇", "选", "選"),
        declines=("无法确定", "無法確定", "不能确定", "信息不足"),
        spaced=False,
        linked=False,
    ),
    Language(
        "ja",
        answer=("答え", "正解", "回答", "解答", "こたえ"),
        which=("最終的な", "正しい", "最終"),
        links=("は", "が", "としては"),
        yes=("はい", "正しい", "真"),
        no=("いいえ", "正しくない", "誤り", "間違い", "偽"),
        either=("か", "または"),
        option=("選択肢", "選択"),
        declines=("求められません", "わかりません", "分かりません", "判断できません"),
        spaced=False,
        linked=False,
    ),
    Language(
        "th",
        answer=("คำตอบ", "ตอบ"),
        which=("ที่ถูกต้อง", "สุดท้าย", "ของ"),
        links=("คือ", "เป็น", "ว่า", "ข้อ"),
        yes=("ใช่", "จริง", "ถูกต้อง", "ถูก"),
        no=("ไม่ใช่", "ไม่จริง", "ไม่", "เท็จ", "ผิด"),
        either=("หรือ",),
        option=("ตัวเลือก", "ข้อ"),
        declines=("ไม่สามารถระบุได้", "ไม่สามารถหาคำตอบ", "ข้อมูลไม่เพียงพอ"),
        spaced=False,
        linked=False,
    ),
    Language(
        "sw",
        answer=("jibu", "majibu"),
        which=("sahihi", "la mwisho", "la", "lake"),
        links=("ni", "litakuwa", "ni sawa na"),
        yes=("ndiyo", "ndio", "kweli"),
        no=("hapana", "la", "si kweli", "uongo"),
        either=("au",),
        option=("chaguo", "herufi"),
        declines=("haiwezekani kujua", "haiwezi kubainishwa"),
    ),
    Language(
        "bn",
        answer=("উত্তর", "উত্তরটি", "উত্তরঃ"),
        which=("সঠিক", "চূড়ান্ত"),
        links=("হল", "হলো", "হচ্ছে", "হবে"),
        yes=("হ্যাঁ", "হ্যা", "সত্য", "সঠিক"),
        no=("না", "মিথ্যা", "ভুল"),
        either=("বা", "অথবা"),
        option=("বিকল্প",),
        declines=("নির্ধারণ করা যায় না", "বলা সম্ভব নয়"),
        linked=False,
    ),
    Language(
        "te",
        answer=("సమాధానం", "జవాబు"),
        which=("సరైన", "తుది"),
        links=("అంటే", "ఏమిటంటే"),
        yes=("అవును", "నిజం", "సరైనది"),
        no=("కాదు", "లేదు", "అబద్ధం", "తప్పు"),
        either=("లేదా",),
        option=("ఎంపిక",),
        declines=("నిర్ణయించలేము", "చెప్పలేము"),
        linked=False,
    ),
    Language(
        "pt",
        answer=("resposta", "resultado", "solução", "opção", "alternativa"),
        which=("correta", "certa", "final", "correto"),
        links=("é", "seria", "será", "são", "é igual a"),
        yes=("sim", "verdadeiro", "verdadeira"),
        no=("não", "falso", "falsa"),
        denial=("não é",),
        either=("ou",),
        option=("a", "opção", "alternativa", "letra", "é"),
        declines=("não é possível determinar", "não se pode determinar"),
    ),
    Language(
        "ar",
        answer=("الإجابة", "الاجابة", "الجواب", "إجابة", "النتيجة", "الناتج"),
        which=("الصحيحة", "النهائية", "الصحيح", "النهائي"),
        links=("هي", "هو", "تساوي", "يساوي"),
        yes=("نعم", "صحيح", "صح"),
        no=("لا", "خطأ", "خاطئ", "غير صحيح"),
        either=("أو", "أم"),
        option=("الخيار", "الحرف", "خيار"),
        declines=("لا يمكن تحديد", "لا يمكن معرفة"),
        linked=False,
    ),
    Language(
        "hi",
        answer=("उत्तर", "जवाब", "परिणाम"),
        which=("सही", "अंतिम", "का"),
        links=("है", "होगा", "हैं"),
        yes=("हाँ", "हां", "सही", "सत्य", "सच"),
        no=("नहीं", "गलत", "असत्य", "झूठ", "ग़लत"),
        either=("या",),
        option=("विकल्प",),
        declines=("निर्धारित नहीं किया जा सकता", "पता नहीं लगाया जा सकता"),
        linked=False,
    ),
)
SCALE_WORDS: dict[str, int] = {
    **dict.fromkeys(("thousand", "tausend", "mil", "mille", "тысяч", "тысячи", "тысяча", "тыс",
                     "elfu", "हज़ार", "हजार", "হাজার", "వేలు", "వేల", "ألف", "آلاف"), 10**3),
    **dict.fromkeys(("lakh", "lakhs", "लाख", "লাখ", "লক্ষ", "లక్ష", "లక్షలు", "లక్షల"), 10**5),
    **dict.fromkeys(("million", "millions", "millionen", "mio", "mn", "mln", "millón", "millones",
                     "milhão", "milhões", "миллион", "миллиона", "миллионов", "млн", "milioni",
                     "مليون", "ملايين"), 10**6),
    **dict.fromkeys(("crore", "crores", "करोड़", "কোটি", "కోటి", "కోట్లు", "కోట్ల"), 10**7),
    **dict.fromkeys(("billion", "billions", "bn", "milliarde", "milliarden", "mrd", "milliard",
                     "milliards", "mil millones", "bilhão", "bilhões", "миллиард", "миллиарда",
                     "миллиардов", "млрд", "مليار"), 10**9),
    **dict.fromkeys(("trillion", "trillions", "trilhão", "trilhões"), 10**12),
    "dozen": 12,
}  # fmt: skip
"""Words behind a number that multiply it. Chinese and Japanese ones are part of `numeral`."""


def alternatives(words: tuple[str, ...] | list[str]) -> str:
    """Return a pattern for any of `words`, the longer ones first."""
    return "|".join(map(re.escape, sorted(set(words), key=len, reverse=True)))


def _noun(language: Language) -> str:
    blank = r"[ \t]*" if not language.spaced else r"[ \t]+"
    which = f"(?:{blank}(?:{alternatives(language.which)}))" if language.which else ""
    around = rf"{which}{{0,3}}" if which else ""
    bracket = r"(?:[ \t]*[(（][^()（）\n]{0,60}[)）])?"
    edge = r"(?<![\w-])" if language.spaced else ""
    end = r"(?!\w)" if language.spaced else ""
    links = f"(?:{alternatives(language.links)}){end}[ \t]*[:：]?" if language.links else "(?!)"
    link = rf"(?:[*_]{{0,2}}[ \t]*[:：=][*_]{{0,2}}|[*_ \t]*{links})"
    if not language.linked:
        link += r"|[*_ \t]*(?=[-$€£¥]?\d|[(（]?[A-Z](?![\w'’]))"
    return rf"{edge}(?:{alternatives(language.answer)}){end}{around}{bracket}(?:{link})"


FOREIGN = tuple(language for language in LANGUAGES if language.answer)

STATES = re.compile("|".join(map(_noun, FOREIGN)), re.IGNORECASE)
"""A statement's beginning in any language of the table but English."""

_NOUNS = tuple({noun for language in FOREIGN for noun in language.answer})
_ASCII_NOUNS = tuple(noun for noun in _NOUNS if noun.isascii())


def may_be_foreign(text: str) -> bool:
    """Whether a text may state an answer in another language: a quick look at its nouns."""
    lower = text.lower()
    for noun in _ASCII_NOUNS if text.isascii() else _NOUNS:  # noqa: SIM110  (half as fast)
        if noun in lower:
            return True
    return False


MEANING: dict[str, str] = {
    word: meaning
    for language in LANGUAGES
    for meaning, words in (("yes", language.yes), ("no", language.no))
    for word in words
    if (language.code, word) != ("sw", "la")
}
"""Words for yes and no, and what they mean."""

_UNSPACED = tuple(
    word for language in LANGUAGES if not language.spaced for word in language.yes + language.no
)
_SPACED = tuple(word for word in MEANING if word not in _UNSPACED)
SPACED_YES_OR_NO = rf"(?:{alternatives(_SPACED)})(?![\w-])"
YES_OR_NO = rf"(?:{SPACED_YES_OR_NO}|(?:{alternatives(_UNSPACED)}))"
"""Patterns of one word for yes or no, in languages that set words apart and in all."""

DENIALS = alternatives([word for language in LANGUAGES for word in language.denial])
EITHER = alternatives([word for language in LANGUAGES for word in language.either])
_APART = [word for language in FOREIGN if language.spaced for word in language.option]
_TOGETHER = [word for language in FOREIGN if not language.spaced for word in language.option]
BEFORE_OPTION = rf"(?:(?:{alternatives(_APART)})[\s:：*(]+|(?:{alternatives(_TOGETHER)})[\s:：*]*)"
"""Pattern of a word before the letter of an option, with what sets it apart."""
DECLINES = alternatives([phrase for language in LANGUAGES for phrase in language.declines])
