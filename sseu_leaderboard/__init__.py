"""The leaderboard: a page that believes no figure it did not compute itself from the raw answers.

`reference` is what it scores with, `store` where submissions lie, `intake` checks and scores one of them, `confinement`
runs that in a process with bounded time and memory, `watching` notices new ones, `board` has the rows, `ranking` their
ranks, `page` writes HTML, `app` serves it with Gradio.
"""
