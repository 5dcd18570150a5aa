"""No test reads or writes the completions of this user's other runs; a busy machine fails none."""

import os

from hypothesis import settings

os.environ["COTKD_CACHE"] = "off"

settings.register_profile("cotkd", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("cotkd")
