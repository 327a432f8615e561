"""Tools of the provider's side that landbridge runs itself where the provider does not: `web_search` and `web_fetch`.

Pure: how clients of each dialect wish for them (`wishes.py`), what the model is offered and told (`offer.py`,
`outcome.py`), how the client sees a call and its result (one module a dialect, chosen in `faces.py`), and how both come
back as calls and results in later turns (`history.py`). Who searches and fetches is `gateway/hosted/`.
"""
