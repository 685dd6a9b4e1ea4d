"""Plays one piece of music through the engine, in a host or without one, and reports on it."""
