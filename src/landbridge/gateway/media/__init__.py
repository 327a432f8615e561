"""What a request holds besides text, made ready for a target that cannot take it: PDFs become text, pictures words.

- *Media*: prepares a request for one target's traits (`media.py`), and remembers what it has made (`memo.py`).
- *Paper*: a PDF as it was read (`paper.py`), in a child process (`pages.py`); `documents.py` puts it into words.
- *Captions*: what a model that sees says of a picture (`captions.py`).
"""
