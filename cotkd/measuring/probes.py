"""What is measured of a student beside its greedy accuracy: sampled answers, latency, faithfulness.

    probe = Prober(settings.evaluation, base="microgsm-student", taught="microgsm:dev")
    probe(student, method, suites, max_tokens=256, out=run / "evaluation")
    -> {"microgsm": {"sampled": SampledAnswers(…), "faithfulness": {"early_50": Estimate(…), …}}}

    evaluation/LABEL/samples/SUITE.jsonl    the sampled answers
    evaluation/LABEL/probes/SUITE.json      the other figures

What is there already is read, not measured again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from cotkd.decoding.checkpoints import locate_model
from cotkd.decoding.sampling import Sampling, sample_seed
from cotkd.errors import DataError, SettingError
from cotkd.evaluation.faithfulness import Said, perturbed, simulatability, train_simulator
from cotkd.evaluation.interventions import concluded, steps_valid
from cotkd.evaluation.latency import timed
from cotkd.evaluation.results import Estimate, Latency, SampledAnswers
from cotkd.evaluation.run import prediction
from cotkd.evaluation.sampled import read_samples, samples_file, score_samples
from cotkd.evaluation.settings import Faithfulness, Probes
from cotkd.evaluation.statistics import proportion
from cotkd.measuring.answers import student_replies
from cotkd.measuring.reasons import concluding, explaining
from cotkd.measuring.suites import Suite, load_suite
from cotkd.methods.base import Method
from cotkd.store.rows import read_json, write_json, write_rows
from cotkd.training.settings import Training
from cotkd.types import Prediction, Question, Verdict

if TYPE_CHECKING:
    from cotkd.students.student import Student

log = logging.getLogger(__name__)

_ESTIMATES = TypeAdapter(dict[str, Estimate])


def check_probes(settings: Probes, methods: Iterable[Method], suites: Collection[str]) -> None:
    """Find what could not be measured before anything is trained.

    Raises:
        SettingError: answers are to be drawn of a student that is asked in turns, or there is no
            such simulator.
        UserError: the questions that a simulator learns from cannot be used.
        DataError: faithfulness is asked for on a suite that is not measured.
    """
    for method in methods if settings.samples else ():
        if method.prompting.converses:
            raise SettingError(
                f"method {method.kind} asks its student in turns, which are answered greedily: "
                "set evaluation.samples to 0"
            )
    if settings.faithfulness is not None:
        chosen_suites(settings.faithfulness, suites)
        if settings.faithfulness.taught is not None:
            load_suite(settings.faithfulness.taught, settings)
        if settings.faithfulness.simulator is not None:
            locate_model(settings.faithfulness.simulator)


def chosen_suites(settings: Faithfulness, suites: Collection[str]) -> list[str]:
    """Return the suites, of those measured, on which faithfulness is: the first by default."""
    for name in settings.suites:
        if name not in suites:
            known = ", ".join(suites)
            raise DataError(f"faithfulness.suites: {name!r} is not measured: choose of {known}")
    return list(settings.suites or list(suites)[:1])


@dataclass(frozen=True)
class Prober:
    """Measures what the settings ask for, of the main head of a student."""

    settings: Probes
    base: str | None = None
    """What the student was trained from: a simulator is trained from the same model."""
    taught: str | None = None
    """Questions, trained on by no student, that a simulator may learn from."""
    training: Training | None = None
    """How a simulator is trained: batches and learning rate are taken from it; None: as usual."""
    seed: int = 0
    """Of sampled answers."""

    def __call__(
        self,
        student: Student,
        method: Method,
        suites: Mapping[str, Suite],
        *,
        max_tokens: int,
        out: Path | None = None,
        label: str = "student",
    ) -> dict[str, dict[str, Any]]:
        """Return the further fields of each suite's `SuiteScore`, by suite.

        Raises:
            UserError: as `check_probes`.
        """
        asked = _Asked(student, method, max_tokens, out, label)
        settings = self.settings.faithfulness
        check_probes(self.settings, [method], suites)
        chosen = chosen_suites(settings, suites) if settings else []
        found: dict[str, dict[str, Any]] = {}
        for number, (name, suite) in enumerate(suites.items()):
            found[name] = {}
            if self.settings.samples:
                found[name]["sampled"] = self._sampled(asked, name, suite)
            if self.settings.latency and number == 0:
                found[name]["latency"] = self._latency(asked, name, suite)
            if settings and name in chosen:
                found[name]["faithfulness"] = self._faithfulness(asked, name, suite, settings)
        return found

    def _sampled(self, asked: _Asked, name: str, suite: Suite) -> SampledAnswers:
        path = None if asked.out is None else samples_file(asked.out, asked.label, name)
        if path is not None and path.exists():
            rows = read_samples(path)
        else:
            log.info("evaluate: %d answers per question of %s", self.settings.samples, name)
            rows = self._draw(asked, name, suite)
            if path is not None:
                write_rows(path, rows)
        return score_samples(rows, temperature=self.settings.temperature)

    def _draw(self, asked: _Asked, name: str, suite: Suite) -> list[Prediction]:
        sampling = Sampling(temperature=self.settings.temperature, max_tokens=asked.max_tokens)
        prompting = asked.method.prompting

        def judge(text: str, question: Question) -> Verdict:
            return suite.verifier.verify_question(prompting.answer_part(text), question)

        rows = []
        for index in range(self.settings.samples):

            def seed(question: Question, index: int = index) -> int:
                return sample_seed(self.seed, question.id, index)

            answer = student_replies(
                asked.student, prompting, asked.max_tokens, sampling=sampling, seed=seed
            )
            rows += [
                prediction(question, given, name, judge, sample_index=index)
                for question, given in zip(suite.questions, answer(suite.questions), strict=True)
            ]
        return rows

    def _latency(self, asked: _Asked, name: str, suite: Suite) -> Latency:
        def measure() -> Latency:
            answer = student_replies(asked.student, asked.method.prompting, asked.max_tokens)
            return timed(answer, suite.questions[: self.settings.latency])

        return asked.once("latency", name, measure, TypeAdapter(Latency))

    def _faithfulness(
        self, asked: _Asked, name: str, suite: Suite, settings: Faithfulness
    ) -> dict[str, Estimate]:
        def measure() -> dict[str, Estimate]:
            log.info("evaluate: faithfulness of %s on %s", asked.label, name)
            return self._measures(asked, suite, settings)

        return asked.once("faithfulness", name, measure, _ESTIMATES)

    def _measures(self, asked: _Asked, suite: Suite, settings: Faithfulness) -> dict[str, Estimate]:
        say = explaining(asked.student, asked.method, asked.max_tokens, suite.verifier)
        said = say(suite.questions[: settings.questions])
        if not said:
            log.info("faithfulness: %s gives no reasons that could be measured", asked.label)
            return {}

        def same(text: str, question: Question, answer: str) -> bool:
            told = question.model_copy(update={"answer": answer})
            return suite.verifier.verify_question(text, told).status == "correct"

        right = [same(row.answer, row.question, row.question.answer) for row in said]
        found = steps_valid(said, right)
        conclude = concluding(asked.student, asked.method.prompting)
        if conclude is not None:
            tokenizer = asked.student.tokenizer
            found |= concluded(
                said,
                conclude,
                same=same,
                read=lambda text, question: (
                    suite.verifier.verify_question(text, question).extracted
                ),
                perturb=lambda text: perturbed(
                    text, tokenizer, share=settings.perturbed, seed=settings.seed
                ),
            )
        taught = self._taught(say, suite, settings)
        if taught:
            found |= self._simulated(said, taught, same, settings)
        return found

    def _taught(self, say: Any, suite: Suite, settings: Faithfulness) -> list[Said]:
        """Return what the student said of questions that a simulator learns from; none: no LAS."""
        source = settings.taught or self.taught
        if not settings.simulator_tokens:
            return []
        if source is None or not (settings.simulator or self.base):
            log.warning("faithfulness: no LAS without faithfulness.taught and .simulator")
            return []
        measured = {question.id for question in suite.questions}
        questions = load_suite(source, self.settings)[1].questions
        return list(say([question for question in questions if question.id not in measured]))

    def _simulated(
        self, said: Sequence[Said], taught: Sequence[Said], same: Any, settings: Faithfulness
    ) -> dict[str, Estimate]:
        from cotkd.students.load import load_student

        base = settings.simulator or self.base
        assert base is not None
        training = self.training or Training()
        simulator = train_simulator(
            load_student(base),
            taught,
            {
                "processed_tokens": settings.simulator_tokens,
                "batch_tokens": training.batch_tokens,
                "learning_rate": training.learning_rate,
                "seed": settings.seed,
            },
        )
        found = simulatability(said, simulator, same)
        leaks = proportion(round(found.leak_rate * found.n), found.n)
        return {
            "las": Estimate(value=found.las, ci95=found.las_ci95, n=found.n),
            "gain": Estimate(value=found.gain, ci95=found.gain_ci95, n=found.n),
            "leak_rate": Estimate(value=leaks.accuracy, ci95=leaks.ci95, n=leaks.n),
        }


@dataclass(frozen=True)
class _Asked:
    """Who is asked, and where what was found is kept."""

    student: Student
    method: Method
    max_tokens: int
    out: Path | None
    label: str

    def once(self, what: str, suite: str, measure: Any, kind: TypeAdapter[Any]) -> Any:
        """Return what `measure` finds, or found in an earlier start."""
        if self.out is None:
            return measure()
        path = samples_file(self.out, self.label, suite)
        path = path.parent.with_name("probes") / f"{path.stem}.json"
        known = read_json(path) if path.exists() else {}
        if what not in known:
            found = kind.dump_python(measure(), mode="json")
            write_json(path, known | {what: found})
            known[what] = found
        return kind.validate_python(known[what])
