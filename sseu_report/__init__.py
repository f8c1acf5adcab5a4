"""SSEU-Bench, what people look at: tables, curves, findings and a page, from results folders.

Results folders are read into `entries.Entry`; every table, curve and finding is a pure function of entries (and of
their `Scores`, where figures of `scores.json` do not suffice); only `report.write_report` writes files.
"""
