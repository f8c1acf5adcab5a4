"""Tables in the paper's form, as records and as text."""
