"""Training text for the base students: no solution in it has more than one step.

    ("Tom has 12 eggs. Then Tom sells 5 of the eggs. How many …?", " ### 12 eggs, 5 of")

A document is (prompt, completion) for the decoder and (input, target) for the encoder-decoder.
"""

import random
from dataclasses import replace

from cotkd.questions.microgsm import words
from cotkd.questions.microgsm.problems import Problem, World, between, draw, pick

from .corpus import (
    IN_DISTRIBUTION,
    READ_SHIFTS,
    Corpus,
    Document,
    choose,
    drills,
    equation,
    question,
)
from .tokenizer import METHOD_STRINGS

_PREFIXES = ("Copy:", "predict:", "explain:", "[rationale]", "[factual]", "[solve]")


def _any_world(rng: random.Random) -> World:
    """Mostly the usual world, sometimes a shifted one, so that every word is met."""
    return IN_DISTRIBUTION if rng.random() < 0.6 else READ_SHIFTS[pick(rng, tuple(READ_SHIFTS))]


def _marker(rng: random.Random) -> str:
    return pick(
        rng,
        ("###", "-->", "####", "Facts:", "Copy:", "A:", "Answer:", pick(rng, METHOD_STRINGS)),
    )


def facts(problem: Problem) -> str:
    """The numbers of the sentences, each with the words around it: '12 eggs, 3 boxes'."""
    found: list[str] = []
    for sentence in problem.sentences:
        tokens = sentence.rstrip(".").replace(",", "").split()
        found.extend(
            " ".join(tokens[i : i + 2]) for i, token in enumerate(tokens) if token.isdigit()
        )
    return ", ".join(found)


def _copied(rng: random.Random, corpus: Corpus) -> Document:
    """A problem, then its facts or some of its sentences again, after a marker."""
    problem = corpus.problem(rng, _any_world(rng))
    kind = rng.random()
    if kind < 0.55:
        again = facts(problem)
    elif kind < 0.9:
        again = pick(rng, problem.sentences)
    else:
        again = problem.text
    return problem.text, f" {_marker(rng)} {again}"


def _read(rng: random.Random, corpus: Corpus) -> Document:
    world = _any_world(rng)
    problem = corpus.problem(rng, world)
    text, _ = question(rng, problem, forms=(0.1, 0.12))
    return "", text if rng.random() < 0.7 else f"{_marker(rng)} {text}"


def _one_step(rng: random.Random, corpus: Corpus) -> Document:
    """A problem of one step and its step sentence, the only solved problems that a base reads."""
    problem = one_step_problem(rng)
    step = problem.steps[0]
    lead = f"{step.subquestion} ** " if rng.random() < 0.15 else ""
    return problem.text, f" {pick(rng, ('###', 'A:', '**', _marker(rng)))} {lead}{step.text}"


def one_step_problem(rng: random.Random) -> Problem:
    """A problem of one step, mostly of the usual world."""
    world = _any_world(rng)
    return draw(rng, replace(world, steps=(1,), operand_above=0, distracting=words.DISTRACTORS))


def _step_sentences(rng: random.Random, corpus: Corpus) -> Document:
    """Single step sentences of unrelated problems."""
    texts = []
    for _ in range(5):
        step = pick(rng, corpus.problem(rng, _any_world(rng)).steps)
        texts.append(step.text)
    return "", pick(rng, (" ", "\n")).join(texts)


def _random_numbers(rng: random.Random, corpus: Corpus) -> Document:
    """A list of numbers with nouns, then the same list again."""
    domain = pick(rng, (*words.DOMAINS.values(), words.NEW_DOMAIN))
    nouns = (*domain.items, *(plural for plural, _ in domain.boxes))
    listed = ", ".join(
        f"{between(rng, 2, 300)} {pick(rng, nouns)}" for _ in range(between(rng, 2, 6))
    )
    return f"{_marker(rng)} {listed}", f" {_marker(rng)} {listed}"


_BASE = (
    (0.25, lambda rng, corpus: drills(rng)),
    (0.15, _read),
    (0.25, _copied),
    (0.08, _random_numbers),
    (0.12, _step_sentences),
    (0.15, _one_step),
)


def base_document(rng: random.Random, corpus: Corpus) -> Document:
    """One document of the decoder base's text; no solution in it has more than one step."""
    return choose(rng, _BASE)(rng, corpus)


def _pair_drill(rng: random.Random, corpus: Corpus) -> Document:
    """Equations without and with their results."""
    asked: list[str] = []
    told: list[str] = []
    for _ in range(between(rng, 1, 6)):
        left, op, right, result = equation(rng)
        asked.append(f"{left}{op}{right}")
        told.append(f"<<{left}{op}{right}={result}>>{result}")
    return " ".join(asked), " ".join(told)


def _pair_chain(rng: random.Random, corpus: Corpus) -> Document:
    _, text = drills(rng)
    cut = text.index(">>") + 2
    return text[:cut], text


def _pair_list(rng: random.Random, corpus: Corpus) -> Document:
    prompt, _ = _random_numbers(rng, corpus)
    listed = prompt[prompt.index(next(c for c in prompt if c.isdigit())) :]
    return prompt, listed


def _pair_copied(rng: random.Random, corpus: Corpus) -> Document:
    """Facts or sentences of a problem, the marker before the problem says which."""
    problem = corpus.problem(rng, _any_world(rng))
    kind = rng.random()
    if kind < 0.55:
        return f"Facts: {problem.text}", facts(problem)
    if kind < 0.75:
        return (
            f"{pick(rng, _PREFIXES)} {problem.text}",
            problem.text,
        )
    chosen = pick(rng, problem.sentences)
    start = " ".join(chosen.split()[:2])
    return f"Copy: {start} --> {problem.text}", chosen


def _pair_one_step(rng: random.Random, corpus: Corpus) -> Document:
    """A problem of one step and its step sentence."""
    problem = one_step_problem(rng)
    return problem.text, f"{problem.steps[0].text}"


def _pair_step(rng: random.Random, corpus: Corpus) -> Document:
    """Step sentences without and with their results."""
    asked, told = [], []
    for _ in range(between(rng, 1, 3)):
        step = pick(rng, corpus.problem(rng, _any_world(rng)).steps)
        asked.append(step.template.replace("{eq}", step.equation.split("=")[0]))
        told.append(step.text)
    return " ".join(asked), "\n".join(told)


_PAIRS = (
    (0.15, _pair_drill),
    (0.10, _pair_chain),
    (0.20, _pair_list),
    (0.25, _pair_copied),
    (0.12, _pair_step),
    (0.18, _pair_one_step),
)


def pair_document(rng: random.Random, corpus: Corpus) -> Document:
    """One (input, target) pair of the T5 base's text; no solution has more than one step."""
    return choose(rng, _PAIRS)(rng, corpus)


def _pair_sentence(rng: random.Random, corpus: Corpus) -> Document:
    """A sentence of a problem and the same sentence."""
    sentence = pick(rng, corpus.problem(rng, _any_world(rng)).sentences)
    return f"{pick(rng, _PREFIXES)} {sentence}", sentence


_EARLY_PAIRS = ((0.5, _pair_list), (0.3, _pair_sentence), (0.2, _pair_drill))


def early_pair_document(rng: random.Random, corpus: Corpus) -> Document:
    """One short pair to copy, for the first part of the T5 base's training."""
    return choose(rng, _EARLY_PAIRS)(rng, corpus)


_LATE_PAIRS = (
    (0.15, _pair_drill),
    (0.35, _pair_chain),
    (0.05, _pair_copied),
    (0.17, _pair_step),
    (0.28, _pair_one_step),
)


def late_pair_document(rng: random.Random, corpus: Corpus) -> Document:
    """One pair for the last part of the T5 base's training: more equations and single steps."""
    return choose(rng, _LATE_PAIRS)(rng, corpus)
