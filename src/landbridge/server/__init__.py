"""The program's outside: listeners that open and close while it runs, paths, health, settings taken up live."""
