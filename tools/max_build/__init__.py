"""Building and checking sideman~ for Max; tools/check_max_build.py is the door."""
