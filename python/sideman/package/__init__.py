"""The folder in Max's Packages: where it belongs, how it gets there and goes again."""
