r"""MT-CoT: the student answers directly, and as a second task reasons and then answers.

Shiyang Li, Jianshu Chen, Yelong Shen, Zhiyu Chen, Xinlu Zhang, Zekun Li, Hong Wang, Jing Qian,
Baolin Peng, Yi Mao, Wenhu Chen, Xifeng Yan. "Explanations from Large Language Models Make Small
Reasoners Better". 2022, arXiv:2210.06726.

    L = α CE(a | q, "[Answer Prediction]:") + (1 - α) CE(r, a | q, "[Explanation Generation]:")

Differs from the paper: the paper's markers are not published, those here are settings; several
rationales per question are possible; both heads are reported, not the answers alone; the checkpoint
is chosen on a development split. No other student than T5 is in the paper.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.formats.marked import Marked
from cotkd.methods.mt_ra import ANSWER
from cotkd.methods.two_heads import TwoHeads


class MtCot(TwoHeads):
    """Multi-task: answer, or reasoning and then the answer."""

    paper: ClassVar[str] = "Li et al. 2022, arXiv:2210.06726"

    kind: Literal["mt_cot"] = "mt_cot"
    answer: Marked = ANSWER
    """How the student is asked for the answer alone."""
    explain: Marked = Marked(
        suffix="\n[Explanation Generation]:",
        separator="",
        template="{rationale} The answer is {answer}.",
        task="explain",
    )
    """How it is asked for the reasoning with the answer after it."""
