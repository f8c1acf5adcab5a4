"""Systems in an environment of their own, behind a JSON-lines pipe."""
