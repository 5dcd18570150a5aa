from cotkd.evaluation.latency import timed
from tests.evaluation.rows import questions


def test_each_question_is_timed_alone_after_one_that_is_not():
    asked, now = [], iter([0.0, 0.1, 1.0, 1.2, 2.0, 3.0])
    found = timed(
        lambda rows: asked.append([q.id for q in rows]), questions(3), clock=lambda: next(now)
    )
    assert asked == [["q0"], ["q0"], ["q1"], ["q2"]]
    assert (round(found.median, 6), found.n) == (0.2, 3)
    assert 0.2 < found.p95 < 1.0
