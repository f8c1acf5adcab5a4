"""SSEU-Bench, results to look at: tables, plots, findings and a page, from results folders.

`report` writes a report about results, `compare` says whether one result is better than another, `compare_with_paper`
puts a result beside the published scores of a system, `plan_comparison` says what a comparison can see. Each takes
results folders and runs of `sseu_models.run`.

    >>> import sseu_models
    >>> import sseu_report
    >>> majority = sseu_models.run("control:majority", "sseu-bench", embedder="exact", progress=False)
    >>> truth = sseu_models.run("control:ground-truth", "sseu-bench", embedder="exact", progress=False)
    >>> made = sseu_report.report([majority, truth], "report", clips=4, progress=False)
    >>> made.page.name
    'report.html'
    >>> comparison = sseu_report.compare(majority, truth)
    >>> [line.comparison.metric for line in comparison.averages]
    ['wer', 'macc', 'map']

A results folder is read into an `entries.Entry`; every table, plot and finding is a pure function of entries, and only
`report` writes files.
"""

from sseu_report.comparison.plan import RunPlan, plan_comparison
from sseu_report.comparison.published import PaperComparison, compare_with_paper
from sseu_report.comparison.systems import ResultComparison, compare
from sseu_report.writing import Report, report

__all__ = [
    "PaperComparison",
    "Report",
    "ResultComparison",
    "RunPlan",
    "compare",
    "compare_with_paper",
    "plan_comparison",
    "report",
]
