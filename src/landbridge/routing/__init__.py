"""From a model name to a target: pure functions over a snapshot of what exists."""
