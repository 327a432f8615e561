"""The dashboard: pages in a browser for what the command line and the admin API do.

A process of its own, started by the router (`server/pages.py`) at the first visit. It asks the router at its control
socket, over `/api/v1`, and is told there what happens. It keeps nothing, so it can end at any time.
"""
