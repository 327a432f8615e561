"""Who may ask: keys for people and programs, what each may do, how fast, and for how much.

Pure: `grant` (what a key may do), `window` (requests and tokens a minute), `budget` (money by period), `hosts` (which
names and web pages are let in). With I/O: `secrets` (how a key is made), `keys` (the table), `book` (the keys of a
running router), `pace` and `shared` (limits in memory, or in Valkey for several routers), `door` (the check of one
listener).
"""
