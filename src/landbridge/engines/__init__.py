"""The runtime of local models: one supervised child process per loaded model.

`Keeper.lease(name)` gives a ready engine. `states` (the life of one), `line` (who waits), `engine` (the owner task),
`launch` (from a model file to a ready process), `process` and `worker` (both ends of the child).
"""
