"""No test reads or writes the completions of this user's other runs."""

import os

os.environ["COTKD_CACHE"] = "off"
