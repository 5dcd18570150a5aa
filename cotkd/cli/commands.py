"""The commands; each reads its flags, calls the Python API once, and prints a short table."""

from __future__ import annotations

import inspect
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.settings.flags import Flags, override, path_of, print_help, settings_of, split

if TYPE_CHECKING:
    from cotkd.evaluation.results import Results
    from cotkd.stages.settings import RunConfig
    from cotkd.types import Status

C = TypeVar("C", bound=Config)


def run(arguments: Sequence[str]) -> None:
    """`cotkd run RECIPE [--out DIR] [--seeds 0,1,2] [--strict] [--dry-run [--gpu GPU]] [--F …]`."""
    from cotkd.pipeline import run_seeds
    from cotkd.settings.recipe import check, find_recipe, recipe_names, resolve

    flags = split(arguments)
    strict = flags.switch("strict")
    wants_help = flags.pop("help") or (not flags.words and "needs a recipe")
    recipe = find_recipe(flags.words.pop(0) if flags.words else "fine_tune_cot")
    out = path_of(flags, "out", f"runs/{recipe.name}")
    seeds, dry, gpu = flags.pop("seeds"), flags.pop("dry_run"), flags.pop("gpu")
    config = resolve(recipe, flags.values)
    if wants_help == "true":
        print_help(
            config,
            f"cotkd run {recipe.name}",
            f"{recipe.summary}\nAlso: --out --seeds --strict (gold answers that cannot be read end "
            "it) --dry-run --gpu (of the estimate, e.g. A100)",
        )
        return
    if wants_help:
        raise SettingError(f"{wants_help}, one of: {', '.join(recipe_names())}")
    flags.no_words()
    chosen = _seeds(seeds) if seeds else [config.seed]
    if gpu and dry != "true":
        raise SettingError("--gpu goes with --dry-run: it says for which device to estimate")
    if dry == "true":
        _print_plan(config, gpu, len(chosen))
        return
    _say_what_happens()
    check(config, strict=strict)
    assert out is not None
    results = run_seeds(config, out=out, seeds=chosen)
    _summary(results, out)


def sample(arguments: Sequence[str]) -> None:
    """`cotkd sample --questions NAME|FILE --teacher.engine E --teacher.model M --n K --out DIR`."""
    from cotkd.cli.sampling import print_tally
    from cotkd.cli.settings import SampleSettings
    from cotkd.measuring.suites import verifier_for
    from cotkd.questions.load import load_questions
    from cotkd.stages.collect import collect
    from cotkd.stages.settings import lasting
    from cotkd.store.fingerprint import fingerprint
    from cotkd.store.run import RunDirectory
    from cotkd.store.spelling import as_begun

    flags = split(arguments)
    settings = _settings(SampleSettings(), flags, "sample", "--out DIR")
    if settings is None:
        return
    flags.no_words()
    out = Path(flags.require("out", "sample"))
    config = override(settings, flags.values)
    _say_what_happens()
    with as_begun(config, out) as (config, place):
        questions = load_questions(config.questions)
        # the teacher first: a misspelt one leaves no directory behind that refuses the right one
        with (
            config.teacher.open() as engine,
            RunDirectory.open(place, lasting(config)) as directory,
        ):
            directory.pin(questions=fingerprint(questions))
            _, tally = collect(
                questions,
                engine,
                directory,
                samples=config.samples,
                sampling=config.sampling,
                elicitation=config.elicitation,
                seed=config.seed,
                verifier=config.verifier or verifier_for(config.questions),
                adaptive=config.adaptive,
                budget=config.budget,
                cache=config.cache,
                wrong=config.wrong,
            )
    print_tally(tally, questions=len(questions))
    print(f"written to {out / 'samples'}")


def verify(arguments: Sequence[str]) -> None:
    """`cotkd verify FILE … --text-field F --gold-field G --out FILE [--id-field I] [--verifier V]`.

    --choices-field names the options of multiple-choice questions. With --strict a gold answer that
    the verifier cannot read ends it, before anything is judged.

    A verifier's settings are flags too: `--verifier numeric --verifier.tolerance 0.01`.

    FILE holds JSON lines, a JSON array, CSV, TSV or Parquet, plain or compressed (gzip, zstd), or
    is a folder that `datasets` saved, a pattern, or - for standard input. Fields may be dotted
    paths, such as messages.-1.content.

    Without --id-field a verdict has the `id` of its row, or the row's number where it has none.
    """
    from cotkd.cli.settings import VerifySettings
    from cotkd.cli.verdicts import verify_files

    flags = split(arguments)
    if flags.pop("help"):
        print(inspect.cleandoc(verify.__doc__ or "").replace("`", "", 1).replace("`.", "", 1))
        return
    strict = flags.switch("strict")
    files = [flags.word("a FILE", "verify"), *flags.words]
    known, given = list(VerifySettings.model_fields), {name for name, _ in flags.values}
    strange = [pair for pair in flags.values if pair[0].partition(".")[0] not in known]
    Flags([], strange).finish(known)
    for needed in ("text_field", "gold_field", "out"):
        if needed not in given:
            raise SettingError(f"needs --{needed.replace('_', '-')}: see `cotkd verify --help`")
    settings = settings_of(VerifySettings, flags.values)
    _print_counts(verify_files(files, settings, strict=strict), settings.out)


def filter(arguments: Sequence[str]) -> None:
    """`cotkd filter FILE|DIR … --questions NAME|FILE --filters a,b,c --out DIR`."""
    from cotkd.cli.curation import filter_files
    from cotkd.cli.settings import FilterSettings
    from cotkd.store.spelling import as_begun

    flags = split(arguments)
    settings = _settings(FilterSettings(), flags, "filter", "FILE|DIR … --out DIR")
    if settings is None:
        return
    if not flags.words:
        raise SettingError("needs a file of samples, or a run directory of `cotkd sample`")
    sources, out = list(flags.words), Path(flags.require("out", "filter"))
    with as_begun(override(settings, flags.values), out) as (config, place):
        there = [name if name == "-" else str(Path(name).absolute()) for name in sources]
        _print_funnel(filter_files(sources if place == out else there, config, out=place))
    print(f"written to {out}")


def train(arguments: Sequence[str]) -> None:
    """`cotkd train DIR --method.kind M --student.model S --out DIR`, DIR as `filter` writes it."""
    from cotkd.cli.settings import TrainSettings
    from cotkd.stages.curate import read_kept
    from cotkd.stages.fit import fit
    from cotkd.store.lock import is_writer
    from cotkd.store.run import RunDirectory
    from cotkd.store.spelling import as_begun

    flags = split(arguments)
    settings = _settings(TrainSettings(), flags, "train", "DIR --out DIR")
    if settings is None:
        return
    source = Path(flags.word("the directory that `cotkd filter` wrote", "train"))
    flags.no_words()
    out = Path(flags.require("out", "train"))
    config = override(settings, flags.values)
    _say_what_happens()
    questions, kept = read_kept(source / "rounds" / "000")
    sampled = (source / "rounds" / "000" / "rationales.jsonl").stat().st_size > 0
    if config.method.is_left_without(len(kept), sampled):
        raise DataError(
            f"{source}: none of its rationales survived the filters (see rounds/000/filter.json): "
            "filter again with others"
        )
    with (
        as_begun(config, out) as (config, place),
        RunDirectory.open(place, config.dump()) as directory,
    ):
        arm = fit(
            "student",
            config.method,
            questions,
            kept,
            base=config.student,
            training=config.training.model_copy(
                update={"seed": config.training.seed + config.seed}
            ),
            evaluation=config.evaluation,
            folder=directory.round(0),
        )
        folder = directory.round(0) / "student"
    if not is_writer():
        return
    done = arm.training
    print(f"{done.steps} steps, {done.processed_tokens} tokens, {len(kept)} rationales")
    print(f"student in {folder}")


def evaluate(arguments: Sequence[str]) -> None:
    """`cotkd evaluate --student.model DIR --method.kind M --suites a,b --out DIR`."""
    from cotkd.cli.evaluation import measured
    from cotkd.cli.settings import EvaluateSettings, trained_student, weights_of
    from cotkd.evaluation.leak import training_data
    from cotkd.evaluation.results import ModelRecord, Results
    from cotkd.measuring.probes import check_probes
    from cotkd.measuring.suites import check_files, leaks_of, load_suites
    from cotkd.store.rows import write_json
    from cotkd.store.run import RunDirectory
    from cotkd.store.spelling import as_begun
    from cotkd.students.load import load_student
    from cotkd.verify.golds import by_id, warn_of_unread

    flags = split(arguments)
    strict = flags.switch("strict")
    settings = _settings(EvaluateSettings(), flags, "evaluate", "--out DIR [--strict]")
    if settings is None:
        return
    flags.no_words()
    out = Path(flags.require("out", "evaluate"))
    with as_begun(override(settings, flags.values), out) as (config, place):
        check_files(config.suites, config)
        suites = load_suites(config.suites, config)
        for name, suite in suites.items():
            warn_of_unread(by_id(suite.questions), suite.verifier, f"suite {name}", strict=strict)
        check_probes(config, [config.method], suites)
        model = trained_student(config.student.model)
        student = load_student(model)
        trained = list(config.trained_on) or training_data(model)
        leaks, said = leaks_of(suites, trained, student=config.student.model)
        print("\n".join(said), end="\n" if said else "")
        lasting = {key: value for key, value in config.dump().items() if key != "trained_on"}
        with RunDirectory.open(place, lasting) as directory:
            directory.pin(weights=weights_of(model))  # answers that are there are of this student
            scores = measured(student, config, suites, directory)
    record = ModelRecord(name=config.student.model, parameters=student.parameters)
    results = Results(
        method=config.method.kind,
        seed=config.seed,
        models={"student": record},
        scores=scores,
        leaks=leaks,
    )
    write_json(out / "results.json", results.dump())
    _summary(results, out, report=False)


def report(arguments: Sequence[str]) -> None:
    """`cotkd report DIR [--with OTHER …]`: a report, with the students of other runs beside."""
    from cotkd.report import write_report

    flags = split(arguments)
    if flags.pop("help"):
        print((report.__doc__ or "").strip("`."))
        return
    folder = Path(flags.word("a run directory", "report"))
    others = [value for name, value in flags.values if name == "with"]
    flags.pop("with")
    flags.finish(["with"])
    print(write_report(folder, others=others))


def doctor(arguments: Sequence[str]) -> None:
    """`cotkd doctor`: versions, devices, extras, and the line that installs what is missing."""
    from cotkd.cli.health import lines

    flags = split(arguments)
    if flags.pop("help"):
        print((doctor.__doc__ or "").replace("`", "").rstrip("."))
        return
    flags.finish()
    print("\n".join(lines()))


def _settings(config: C, flags: Flags, command: str, more: str) -> C | None:
    """Return the default settings, or print the help of a command and return None."""
    if flags.pop("help") is None:
        return config
    if flags.values:
        flags.pop("out")
        config = override(config, flags.values)
    print_help(config, f"cotkd {command}", f"{(type(config).__doc__ or '').strip()}\nAlso: {more}")
    return None


def _seeds(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.strip().isdigit() for part in parts):
        raise SettingError(f"--seeds takes whole numbers like 0,1,2, got {text!r}")
    return [int(part) for part in parts]


def _print_plan(config: RunConfig, gpu: str | None, seeds: int) -> None:
    """Print the settings as YAML that is a recipe, and what they would take as comments in it."""
    from cotkd.decoding.checkpoints import EMBEDDED
    from cotkd.estimate import estimate, hardware_of, lines

    embedded = {config.teacher.model, config.student.model} <= {*EMBEDDED}
    found = estimate(config, hardware_of(gpu or ("CPU" if embedded else "A100")))
    print(config.to_yaml(), end="")
    print("\n".join(f"# {line}" for line in lines(found)))
    if seeds > 1:
        print(f"# All of this {seeds} times, once for each seed; models are downloaded once.")


def _say_what_happens() -> None:
    """Let each stage say its one line on standard error; libraries stay quiet."""
    from cotkd.store.lock import is_writer

    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    logging.getLogger("cotkd").setLevel(logging.INFO if is_writer() else logging.ERROR)


def _summary(results: Results, out: Path, *, report: bool = True) -> None:
    """Print the scores, the comparisons and where the report is."""
    from rich.console import Console

    from cotkd.report.probes import part_tables, probe_tables
    from cotkd.report.table import results_tables

    console = Console()
    for table in results_tables(results):
        console.print(table)
    for more in (*probe_tables(results), *(() if report else part_tables(results))):
        console.print(more.rich())
    print(f"results  {out / 'results.json'}")
    if report:
        print(f"report   {out / 'report.html'}")


def _print_counts(counts: Counter[Status], out: Path) -> None:
    total = sum(counts.values())
    correct, wrong, unparsed = counts["correct"], counts["wrong"], counts["unparsed"]
    shown = f"{correct} correct, {wrong} wrong, {unparsed} unparsed"
    print(f"{total} verdicts: {shown}; written to {out}")


def _print_funnel(funnel: dict[str, Any]) -> None:
    print(f"{funnel['input']} rationales")
    for stage in funnel["stages"]:
        dropped = ", ".join(f"{count} {reason}" for reason, count in stage["dropped"].items())
        print(f"  {stage['filter']:<14} kept {stage['kept']:>7}   dropped {dropped or 'none'}")
