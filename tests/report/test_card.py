from cotkd.report.card import render_card
from cotkd.report.load import load_run
from cotkd.report.write import write_report
from tests.report.example_run import SUITES, add_samples, make_run


def test_the_card_states_data_training_scores_and_limits(tmp_path):
    card = render_card(load_run(make_run(tmp_path, questions=5, n=9)))
    for heading in ("Model", "Training data", "Training", "Evaluation", "Limits", "Make it again"):
        assert f"\n## {heading}\n" in card
    for suite in SUITES:
        assert f"| {suite} | 9 |" in card
    assert "601,233 processed tokens" in card


def test_a_run_has_report_and_card_and_samples_alone_have_no_card(tmp_path):
    run = make_run(tmp_path / "run", questions=3, n=3)
    add_samples(tmp_path / "replay", questions=3, samples=2)
    for path in (run, tmp_path / "replay"):
        assert write_report(path) == path / "report.html"
        assert (path / "report.html").stat().st_size > 10_000
    assert (run / "MODEL_CARD.md").exists()
    assert not (tmp_path / "replay" / "MODEL_CARD.md").exists()
    assert not list(tmp_path.rglob("*.tmp*"))
