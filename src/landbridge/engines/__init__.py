"""The runtime of local models: one supervised child process per loaded model.

`Keeper.lease(name)` gives a ready engine. Below it: `engine` (the owner, who decides, over the table in `states`) with
`desk` (who waits and who holds), `strikes` (what failures mean) and `attendant` (the waiting work); `launch` (from a
model file to a decision how to run it) and `start` (from there to a ready process); `process` and `worker` (both ends
of the child); `control` (how it is asked). `library` knows and fetches the model files.
"""
