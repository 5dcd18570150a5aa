"""What a run would take, before it is begun: tokens, hours, memory, disk, and how that was found.

    for line in lines(estimate(config, hardware_of("A100"))):
        print(line)

`cotkd run RECIPE --dry-run` prints it. Nothing is loaded and nothing is downloaded.
"""

from cotkd.estimate.cost import Estimate, estimate
from cotkd.estimate.hardware import Hardware, hardware_of
from cotkd.estimate.shape import Shape, shape_of, shape_of_config
from cotkd.estimate.wording import lines
from cotkd.estimate.workload import Assumptions, Workload, workload_of

__all__ = [
    "Assumptions",
    "Estimate",
    "Hardware",
    "Shape",
    "Workload",
    "estimate",
    "hardware_of",
    "lines",
    "shape_of",
    "shape_of_config",
    "workload_of",
]
