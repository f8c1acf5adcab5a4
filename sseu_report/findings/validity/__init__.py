"""What scores depend on beside the system: the speakers and sentences heard, the labels they are held
against, and what is said without being heard.
"""
