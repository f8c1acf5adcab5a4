"""The clips of the page: which are shown, what each one holds, and how every system answered."""
