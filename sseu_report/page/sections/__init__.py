"""The findings of a report as tables of texts for the page."""
