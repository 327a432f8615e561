"""What people do to a router, whichever way they come: settings, providers, keys, models.

The command line, the admin API (`server/admin_*.py`) and, over that, the dashboard call the same functions. Nothing
here prints or asks.
"""
