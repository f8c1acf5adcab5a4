"""Submissions: read under limits, verified, scored in a confined process, stored."""
