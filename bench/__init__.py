"""Every figure the README and the manual claim, one command each (see README.md beside this)."""
