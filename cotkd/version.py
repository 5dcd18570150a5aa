"""The version of the package, without importing anything of it."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("cotkd")
except PackageNotFoundError:  # a source tree that was never installed
    VERSION = "0+unknown"
