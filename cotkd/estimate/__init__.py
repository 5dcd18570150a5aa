"""What a run would take, before it is begun: tokens, hours, memory, disk, and how that was found.

    for line in lines(estimate(config, hardware_of("A100"))):
        print(line)

`cotkd run RECIPE --dry-run` prints it. Nothing is loaded and nothing is downloaded.
"""

from cotkd.estimate.cost import estimate
from cotkd.estimate.hardware import hardware_of
from cotkd.estimate.wording import lines

__all__ = ["estimate", "hardware_of", "lines"]
