"""Every exception that `cotkd` raises on purpose.

    CotkdError
    ├── UserError              a mistake in the input; on the command line one line and exit 2
    │   ├── SettingError       a setting is misspelt, out of range, or contradicts another
    │   ├── DataError          a file or a row cannot be used; says which file and line
    │   ├── SettingsChanged    a run directory was made with other settings
    │   ├── RunLocked          another process is writing to the run directory
    │   ├── BudgetReached      sampling used up its budget before it was done; all rows are kept
    │   └── MissingDependency  an optional package is needed; says the line that installs it
    └── EngineError            a teacher or student could not be loaded or stopped answering

What a single sample does wrong is data (`Completion.error`), never an exception.

    try:
        cotkd.run("fine_tune_cot")
    except cotkd.errors.UserError as error:
        print(error)            # what was wrong, the value seen, what to do
"""


class CotkdError(Exception):
    """Base of all exceptions raised by this package."""


class UserError(CotkdError):
    """The caller can mend this: the message says what was wrong, the value seen and what to do."""


class SettingError(UserError):
    """A setting is unknown, out of range, or contradicts another setting."""


class DataError(UserError):
    """A file or row cannot be used; the message names file and line.

    Args:
        message: What is wrong and what to do.
        flags: End of the message, about flags of the command line; suites, which have none of them,
            are told `without_flags`.
    """

    def __init__(self, message: str, *, flags: str = "") -> None:
        super().__init__(message + flags)
        self.without_flags = message


class SettingsChanged(UserError):
    """The run directory holds results made with other settings."""


class RunLocked(UserError):
    """Another process is writing to the same run directory."""


class BudgetReached(UserError):
    """Sampling ended at its budget; a larger one goes on where it stopped."""


class MissingDependency(UserError):
    """An optional package is not installed; the message says how to install it."""


class EngineError(CotkdError):
    """A model could not be loaded, or an engine stopped answering."""


def first_line(error: BaseException) -> str:
    """Return the first line of what another library's error says; its kind where it says none."""
    lines = (line.strip() for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)
