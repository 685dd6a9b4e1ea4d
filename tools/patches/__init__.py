"""Writes, checks and draws the patches of the package (help, patchers, examples).

    python -m tools.patches write     all patches, from `contents`
    python -m tools.patches check     what a musician would trip over
    python -m tools.patches draw OUT  a picture of every page

The patches are written by programs so that the two hosts say the same and nothing is forgotten:
every message and setting of the object's own tables must be shown.
"""
