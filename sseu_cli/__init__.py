"""The `sseu` command: arguments, progress, one table of errors and exit codes. No logic lives here.

Words become a command of `*_commands.py`, which calls one function of a package, prints lines and gives an exit code.
"""
