"""Stand-ins for the packages that the workers call: upstream's signatures, no model.

They print what they are called with as `CALL {json}`, on stdout like any careless library; a test finds it in the
worker's stderr. A keyword that upstream does not have is a TypeError, as it would be there.
"""
