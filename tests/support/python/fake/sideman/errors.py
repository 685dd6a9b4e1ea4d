"""The two errors that the bridge tells apart from all others."""


class SidemanError(Exception):
    pass


class Cancelled(SidemanError):
    pass
