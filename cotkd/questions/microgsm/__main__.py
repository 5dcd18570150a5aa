"""`python -m cotkd.questions.microgsm build [--out DIR]` writes the question files of MicroGSM."""

import argparse
import sys
from pathlib import Path

from cotkd.questions.microgsm.build import build

DEFAULT = Path(__file__).resolve().parents[3] / "data" / "microgsm"


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(prog="python -m cotkd.questions.microgsm", description=__doc__)
    parser.add_argument("command", choices=["build"])
    parser.add_argument(
        "--out", type=Path, default=DEFAULT, help="folder of the files (default: %(default)s)"
    )
    for path in build(parser.parse_args().out):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
