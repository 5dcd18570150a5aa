"""Sphinx settings: `make docs` builds the pages into build/docs, offline."""

import sys
from pathlib import Path

from cotkd.version import VERSION

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

project = "cotkd"
author = "the cotkd authors"
copyright = "2026, the cotkd authors"
version = release = VERSION

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "tables"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_ext"]
default_role = "code"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"cotkd {VERSION}"
html_copy_source = False
html_show_sphinx = False
# Formulas are drawn by the browser itself: no script from elsewhere.
html_math_renderer = "mathml"
