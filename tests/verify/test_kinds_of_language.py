"""Answers in other languages, digits and ways of writing decimals."""

from __future__ import annotations

import pytest

from tests.verify.kinds import Case, check, named

OTHER_LANGUAGES: list[Case] = [
    ("numeric", "La respuesta es 18. Usamos 3 pasos.", "18", "correct"),
    ("numeric", "La réponse est 24, car 30 - 6 = 24 et il y a 2 rangs.", "24", "correct"),
    ("numeric", "Die Antwort ist 15. Das sind 5 mehr als 10.", "15", "correct"),
    ("numeric", "Die Antwort lautet: 15 (von 20)", "15", "correct"),
    ("numeric", "Ответ: 42. Проверено 2 раза.", "42", "correct"),
    ("numeric", "答案是 12，因为 20 - 8 = 12，共 3 步。", "12", "correct"),
    ("numeric", "答えは 35 です。手順は 4 つです。", "35", "correct"),
    ("numeric", "คำตอบคือ 27 จาก 30", "27", "correct"),
    ("numeric", "Jibu ni 16. Tulitumia hatua 2.", "16", "correct"),
    ("numeric", "উত্তর হল 54। এটি 2 ধাপে।", "54", "correct"),
    ("numeric", "సమాధానం 63. దీనికి 2 దశలు.", "63", "correct"),
    ("numeric", "A resposta é 72. São 3 passos.", "72", "correct"),
    ("numeric", "الإجابة هي 81. استخدمنا 3 خطوات.", "81", "correct"),
    ("numeric", "उत्तर है 45। इसमें 2 चरण हैं।", "45", "correct"),
    ("numeric", "La risposta non importa; 7", "7", "correct"),
    ("boolean", "La respuesta es no.", "no", "correct"),
    ("boolean", "La réponse est oui.", "yes", "correct"),
    ("boolean", "Die Antwort ist nein.", "yes", "wrong"),
    ("boolean", "Ответ: да", "yes", "correct"),
    ("boolean", "答案是：否", "no", "correct"),
    ("boolean", "答えは「はい」です。", "yes", "correct"),
    ("boolean", "A resposta é não.", "no", "correct"),
    ("boolean", "الإجابة هي نعم", "yes", "correct"),
    ("boolean", "Jibu ni hapana.", "no", "correct"),
    ("boolean", "Nein, Wale sind keine Fische.", "no", "correct"),
    ("choice", "La respuesta correcta es la opción B.", "B", "correct"),
    ("choice", "Die richtige Antwort ist C, weil A nicht passt.", "C", "correct"),
    ("choice", "La bonne réponse est (D).", "D", "correct"),
    ("choice", "正确答案是B。", "B", "correct"),
    ("choice", "Правильный ответ: C", "C", "correct"),
    ("choice", "正解はDです。", "D", "correct"),
    ("choice", "A alternativa correta é C.", "C", "correct"),
]

DECIMAL_COMMA: list[Case] = [
    ("numeric", "Die Antwort ist 4,5.", "4.5", "correct"),
    ("numeric", "La réponse est 12,75 euros.", "12.75", "correct"),
    ("numeric", "Es bleiben 2'450 Franken.", "2450", "correct"),
    ("numeric", "La respuesta es 1.234,5", "1234.5", "correct"),
    ("numeric", "The answer is 1,234.", "1234", "correct"),
    ("numeric", "Il reste 12 500 euros.", "12500", "correct"),
    ("numeric", "#### 0,5", "0.5", "correct"),
    ("numeric", "The answer is 4.5", "4,5", "correct"),
    ("numeric", "The answer is 5", "4,5", "wrong"),
    ("numeric", "The numbers are 4, 5 and 6. The answer is 15.", "15", "correct"),
    ("numeric", "The answer is 4,5,6.", "4", "unparsed"),
    ("numeric", "#### 12'345'678", "12345678", "correct"),
]

OTHER_DIGITS: list[Case] = [
    ("numeric", "উত্তর: ৪৫", "45", "correct"),
    ("numeric", "సమాధానం: ౬౩", "63", "correct"),
    ("numeric", "คำตอบคือ ๒๗", "27", "correct"),
    ("numeric", "الجواب: ٣٫٥", "3.5", "correct"),
    ("numeric", "答案是三十六。", "36", "correct"),
    ("numeric", "答えは二百五です。", "205", "correct"),
    ("numeric", "#### 3⁄4", "0.75", "correct"),
    ("numeric", "#### ၁၂", "12", "correct"),
    ("numeric", "الجواب هو ١٬٢٣٤", "1234", "correct"),
    ("numeric", "答案是两万三千", "23000", "correct"),
    ("numeric", "#### １２", "12", "correct"),
]

SETS = {
    "other-languages": OTHER_LANGUAGES,
    "decimal-comma": DECIMAL_COMMA,
    "other-digits": OTHER_DIGITS,
}


@pytest.mark.parametrize(("kind", "case"), named(SETS))
def test_answers_are_read_in_other_languages_and_scripts(kind: str, case: Case) -> None:
    check(case)
