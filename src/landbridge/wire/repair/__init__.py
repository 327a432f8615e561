"""What models get wrong in tool calls, put right visibly: every repair has a name and is counted.

    leaks.py      calls written as text (`<tool_call>...`) become calls: search.py finds them by the forms of markup.py
    arguments.py  arguments while they stream: empty optional strings go (scan.py), broken JSON is mended (mend.py)
    repairs.py    both, for one answer

Nothing is guessed: what can be read in two ways stays as the model wrote it. Names here are names of formats.
"""
