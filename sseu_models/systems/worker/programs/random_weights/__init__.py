"""One file for each ready worker: the same model with random weights, made in the worker's environment.

`make_random(folder, settings)` writes what the worker would fetch below the folder, as small as upstream's classes
allow, and returns the settings that point there. The Hub's cache is `folder/hub`, so upstream finds by name what was
put there. Substitutes of packages that a machine without a GPU cannot have are put into `folder/packages`,
which is on `PYTHONPATH`.
"""
