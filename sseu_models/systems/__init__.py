"""The systems that answer, one folder or file per kind."""
