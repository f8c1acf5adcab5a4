"""From corpora on disk to a recipe, drawn or given: read, select, check, draw, hash. Nothing is mixed here."""
