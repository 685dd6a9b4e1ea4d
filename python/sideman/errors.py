"""The exception tree. Every message is one line: what failed: why; what to do.

SidemanError
├── ModelError      a model folder, its weights, or what is asked of it
├── AudioError      a sound file or a signal
├── DataError       training or evaluation material
├── SettingsError   a setting or option out of its range
└── Cancelled       the caller no longer wants the answer
"""

__all__ = ["AudioError", "Cancelled", "DataError", "ModelError", "SettingsError", "SidemanError"]


class SidemanError(Exception):
    """Base of all errors that Sideman raises on purpose."""


class ModelError(SidemanError):
    """A model folder, its weights, or a request that the model cannot serve."""


class AudioError(SidemanError):
    """A sound file that cannot be read or written, or a signal of the wrong shape."""


class DataError(SidemanError):
    """Training or evaluation material that is missing or inconsistent."""


class SettingsError(SidemanError):
    """A setting outside its range; nothing was changed."""


class Cancelled(SidemanError):
    """The caller withdrew the request; partial work was dropped."""
